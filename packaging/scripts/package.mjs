// `npm run package [-- --out FOLDER] [--arch ARCH] [--version VERSION]`: builds disk2iso_VERSION_ARCH.deb.
// The same commit gives the same bytes: everything is made afresh in a temporary folder, with the commit's time,
// fixed modes and owners, and dependencies exactly as locked.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, lutimesSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { stageFiles } from './package-files.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

// To be run as a file of the package: 0755. Readable by root and (after postinst) the daemon alone: 0640.
const executables = [/^usr\/bin\//, /^usr\/lib\/disk2iso\/poke$/, /^DEBIAN\/(?:pre|post)(?:inst|rm)$/];
const restricted = [/^etc\/disk2iso\/config\.yaml$/];

// libc6 and libstdc++6: the native module of classic-level. setpriv, flock and perl are in essential packages.
const depends = [
  ...['nodejs (>= 20.19)', 'gddrescue', 'udev', 'eject', 'sg3-utils', 'systemd'],
  ...['util-linux (>= 2.38)', 'init-system-helpers (>= 1.54~)', 'libc6 (>= 2.28)', 'libstdc++6 (>= 5)'],
];

function main() {
  const { values } = parseArgs({
    options: { out: { type: 'string' }, arch: { type: 'string' }, version: { type: 'string' } },
  });
  const out = resolve(values.out ?? root);
  const arch = values.arch ?? run('dpkg', ['--print-architecture']).trim();
  const version = values.version ?? JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
  const epoch = Number(process.env.SOURCE_DATE_EPOCH ?? run('git', ['log', '-1', '--format=%ct'], { cwd: root }));
  if (!Number.isInteger(epoch)) throw new Error('SOURCE_DATE_EPOCH must be a number of seconds since 1970');

  const work = mkdtempSync(join(tmpdir(), 'disk2iso-package-'));
  try {
    const stage = join(work, 'stage');
    stageFiles({ root, work, stage, arch, version, epoch, run });
    writeControl(stage, arch, version);
    settle(stage, epoch);
    mkdirSync(out, { recursive: true });
    const file = join(out, `disk2iso_${version}_${arch}.deb`);
    run('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', stage, file], {
      // One thread: more of them cut the compressed stream into other pieces.
      env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch), DPKG_DEB_THREADS_MAX: '1', LC_ALL: 'C' },
    });
    const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
    console.log(`${digest}  ${relative(process.cwd(), file) || file}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function writeControl(stage, arch, version) {
  const files = walk(stage).filter((path) => !path.startsWith('DEBIAN/'));
  const regular = files.filter((path) => lstatSync(join(stage, path)).isFile());
  const bytes = regular.reduce((sum, path) => sum + Math.ceil(lstatSync(join(stage, path)).size / 1024), files.length);
  const control = [
    'Package: disk2iso',
    `Version: ${version}`,
    `Architecture: ${arch}`,
    'Maintainer: The disk2iso project <disk2iso@localhost.localdomain>',
    `Installed-Size: ${bytes}`,
    `Depends: ${depends.join(', ')}`,
    'Suggests: apparmor, nginx',
    'Section: admin',
    'Priority: optional',
    'Description: archiving station: a disc goes in, a verified image comes out',
    ' disk2iso watches the optical drives of a small machine. Each disc that goes',
    ' in is identified, copied with GNU ddrescue, checksummed on the way, verified,',
    ' and kept with a manifest beside it; damage is recorded, and rescued as far as',
    ' it can be. One YAML file describes the station; a status page and an API show',
    ' it at work.',
  ];
  const conffiles = regular.filter((path) => path.startsWith('etc/')).map((path) => `/${path}`);
  const sums = regular
    .filter((path) => !path.startsWith('etc/'))
    .map((path) => `${createHash('md5').update(readFileSync(join(stage, path))).digest('hex')}  ${path}`);
  for (const [name, lines] of Object.entries({ control, conffiles, md5sums: sums })) {
    writeFileSync(join(stage, 'DEBIAN', name), `${lines.join('\n')}\n`);
  }
}

/** Modes and times that depend neither on the umask nor on the hour. Times last, as writing in a folder moves its own. */
function settle(stage, epoch) {
  const paths = ['.', ...walk(stage, true)];
  for (const path of paths) {
    const stat = lstatSync(join(stage, path));
    if (stat.isSymbolicLink()) continue;
    const executable = executables.some((pattern) => pattern.test(path));
    const narrow = restricted.some((pattern) => pattern.test(path));
    chmodSync(join(stage, path), stat.isDirectory() || executable ? 0o755 : narrow ? 0o640 : 0o644);
  }
  for (const path of paths.reverse()) lutimesSync(join(stage, path), epoch, epoch);
}

/** Paths below `folder`, sorted by their bytes; folders themselves only where asked for. */
function walk(folder, folders = false, prefix = '') {
  const entries = readdirSync(join(folder, prefix), { withFileTypes: true });
  entries.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  return entries.flatMap((entry) => {
    const path = join(prefix, entry.name);
    if (!entry.isDirectory()) return [path];
    return [...(folders ? [path] : []), ...walk(folder, folders, path)];
  });
}

/** Runs to the end and gives its standard output. */
function run(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], ...options });
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${result.status}\n${result.stdout}`);
  return result.stdout;
}

main();
