// Brings a fresh clone to where it can be built and run: npm packages as locked, and the Debian tools that are asked for.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Ends the script with a sentence a person can act on. */
export function giveUp(message) {
  process.stderr.write(`\n${message}\n`);
  process.exit(1);
}

export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) giveUp(`${command} could not be started: ${error.message}`);
  if (status !== 0) giveUp(`"${[command, ...args].join(' ')}" ended with status ${status}; see above.`);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  giveUp(`disk2iso needs Node.js 20.19 or newer; this is ${process.versions.node}.`);
}

/** npm writes what it installed to node_modules/.package-lock.json: where each locked version is there, nothing is done. */
function ensurePackages() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (existsSync(installed)) {
    const have = JSON.parse(readFileSync(installed, 'utf8')).packages;
    const want = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    const missing = Object.keys(want).filter((name) => name !== '' && !want[name].optional && have[name]?.version !== want[name].version);
    if (missing.length === 0) return;
  }
  console.log('Installing npm packages as locked …');
  run('npm', ['ci', '--no-fund', '--no-audit']);
}

function isOnPath(tool) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** `wanted`: { what proves that it is there (a command, or an absolute path): its Debian package }. */
function ensureTools(wanted) {
  const missing = Object.entries(wanted).filter(([proof]) => (proof.startsWith('/') ? !existsSync(proof) : !isOnPath(proof)));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, name]) => name))];
  const asRoot = process.getuid?.() === 0;
  const command = `${asRoot ? '' : 'sudo '}apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!isOnPath('apt-get')) giveUp(`Missing: ${packages.join(', ')}. Install these with your system's package manager.`);
  console.log(`Installing ${packages.join(', ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const sudo = process.stdin.isTTY ? ['sudo'] : ['sudo', '-n'];
  const prefix = asRoot ? [] : sudo;
  const install = (words) => spawnSync(words[0], words.slice(1), { stdio: ['inherit', 'ignore', 'inherit'], env }).status === 0;
  const able = asRoot || isOnPath('sudo');
  const done =
    able &&
    (install([...prefix, 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages]) ||
      (install([...prefix, 'apt-get', 'update', '-qq']) &&
        install([...prefix, 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages])));
  if (!done) giveUp(`Not everything that is needed is installed. Run this, then try again:\n\n  ${command}\n`);
}

/** What the daemon itself calls. */
export const runTools = { ddrescue: 'gddrescue', setpriv: 'util-linux', flock: 'util-linux' };

export function setup(tools) {
  checkNode();
  ensurePackages();
  ensureTools(tools);
}

export function build() {
  run(process.execPath, [join(root, 'packaging', 'scripts', 'build.mjs')]);
}
