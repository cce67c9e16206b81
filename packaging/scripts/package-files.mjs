// What goes into the package and where: the table below, the compiled program, and its production dependencies.
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { dropUnneeded, licencesOf } from './package-modules.mjs';

const program = 'usr/lib/disk2iso';
const doc = 'usr/share/doc/disk2iso';

/** Source in the repository, place in the package. Names ending in .gz are compressed on the way. */
const files = [
  ['packaging/debian/postinst', 'DEBIAN/postinst'],
  ['packaging/debian/prerm', 'DEBIAN/prerm'],
  ['packaging/debian/postrm', 'DEBIAN/postrm'],
  ['packaging/bin/disk2iso', 'usr/bin/disk2iso'],
  ['packaging/bin/poke', `${program}/poke`],
  ['packaging/config.yaml', 'etc/disk2iso/config.yaml'],
  ['packaging/apparmor/disk2iso', 'etc/apparmor.d/disk2iso'],
  ['systemd/disk2iso.service', 'usr/lib/systemd/system/disk2iso.service'],
  ['systemd/disk2iso-poke@.service', 'usr/lib/systemd/system/disk2iso-poke@.service'],
  ['packaging/sysusers/disk2iso.conf', 'usr/lib/sysusers.d/disk2iso.conf'],
  ['packaging/tmpfiles/disk2iso.conf', 'usr/lib/tmpfiles.d/disk2iso.conf'],
  ['packaging/udev/90-disk2iso.rules', 'usr/lib/udev/rules.d/90-disk2iso.rules'],
  ['packaging/man/disk2iso.8', 'usr/share/man/man8/disk2iso.8.gz'],
  ['packaging/completions/disk2iso.bash', 'usr/share/bash-completion/completions/disk2iso'],
  ['packaging/completions/_disk2iso', 'usr/share/zsh/vendor-completions/_disk2iso'],
  ['packaging/completions/disk2iso.fish', 'usr/share/fish/vendor_completions.d/disk2iso.fish'],
  ['packaging/nginx/disk2iso.conf', `${doc}/examples/nginx.conf`],
  ['systemd/credentials.conf.example', `${doc}/examples/credentials.conf`],
  ['packaging/lxc/disk2iso.conf', `${doc}/examples/lxc.conf`],
  ['packaging/lxc/README.md', `${doc}/LXC.md`],
];

export function stageFiles({ root, work, stage, arch, version, epoch, run }) {
  for (const [from, to] of files) put(stage, to, readFileSync(join(root, from)));
  put(stage, `${doc}/changelog.gz`, Buffer.from(changelog(version, epoch)));

  stageProgram({ root, work, stage, version, run });
  stageSchemas(root, stage);
  const modules = stageModules({ root, work, stage, arch, run });
  put(stage, `${doc}/copyright`, `${readFileSync(join(root, 'packaging/debian/copyright'), 'utf8')}\n${licencesOf(modules)}`);
}

/** Compiled from the sources each time: a dist/ folder keeps what older sources left there. */
function stageProgram({ root, work, stage, version, run }) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!existsSync(tsc)) throw new Error(`${tsc} is missing: run "npm ci" in ${root} first`);
  const flags = ['--composite', 'false', '--incremental', 'false', '--declaration', 'false', '--sourceMap', 'false'];
  const built = join(work, 'src');
  run(process.execPath, [tsc, '-p', 'src', '--outDir', built, ...flags], { cwd: root });
  const web = join(root, 'src', 'web');
  if (existsSync(web)) cpSync(web, join(built, 'web'), { recursive: true });
  const target = join(stage, program, 'dist', 'src');
  cpSync(built, target, { recursive: true, filter: (path) => !path.endsWith('.tsbuildinfo') });

  const { name, description, type } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  put(stage, `${program}/package.json`, `${JSON.stringify({ name, version, description, type, private: true }, null, 2)}\n`);
}

function stageSchemas(root, stage) {
  const target = join(stage, 'usr/share/disk2iso/schemas');
  mkdirSync(target, { recursive: true });
  const schemas = join(root, 'schemas');
  if (existsSync(schemas)) cpSync(schemas, target, { recursive: true });
  symlinkSync('../../share/disk2iso/schemas', join(stage, program, 'schemas'));
}

/** No install scripts: the one native module brings its compiled form for each platform. */
function stageModules({ root, work, stage, arch, run }) {
  const folder = join(work, 'modules');
  mkdirSync(folder);
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(root, name), join(folder, name));
  run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
  });
  const modules = join(folder, 'node_modules');
  dropUnneeded(modules, arch);
  cpSync(modules, join(stage, program, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  return modules;
}

function put(stage, to, content) {
  const path = join(stage, to);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, to.endsWith('.gz') ? gzipSync(content, { level: 9 }) : content);
}

function changelog(version, epoch) {
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000');
  return `disk2iso (${version}) stable; urgency=medium

  * What has changed stands in the history of the repository.

 -- The disk2iso project <disk2iso@localhost.localdomain>  ${date}
`;
}
