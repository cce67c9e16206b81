import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { missing, must, root, run } from './tool.js';

const epoch = '1700000000';

describe('the Debian package', { skip: missing('dpkg-deb', 'dpkg') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'disk2iso-deb-'));
  const unpacked = join(folder, 'unpacked');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  let deb = '';

  function build(from: string, out: string, umask: string, env: NodeJS.ProcessEnv = {}): string {
    const script = join(from, 'packaging/scripts/package.mjs');
    must('sh', ['-c', 'umask "$1"; shift; exec "$@"', 'sh', umask, process.execPath, script, '--out', out], {
      cwd: from,
      env: { SOURCE_DATE_EPOCH: epoch, ...env },
    });
    const name = readdirSync(out).find((each) => each.endsWith('.deb'));
    assert.ok(name !== undefined);
    return join(out, name);
  }

  before(() => {
    deb = build(root, join(folder, 'first'), '022');
    must('dpkg-deb', ['-x', deb, unpacked]);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('has the same bytes from another folder, umask, time zone and language', () => {
    const copy = join(folder, 'a copy elsewhere');
    for (const name of [
      'package.json',
      'package-lock.json',
      '.npmrc',
      'src',
      'packaging',
      'systemd',
      'schemas',
      'README.md',
    ]) {
      if (existsSync(join(root, name))) cpSync(join(root, name), join(copy, name), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const second = build(copy, join(folder, 'second'), '077', { TZ: 'Asia/Tokyo', LC_ALL: 'C.UTF-8' });
    const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
    assert.equal(digest(second), digest(deb));
  });

  it('is named and described for Debian', () => {
    assert.match(deb, new RegExp(`/disk2iso_${version}_(amd64|arm64|armhf)\\.deb$`));
    const depends = must('dpkg-deb', ['-f', deb, 'Depends']);
    for (const name of ['nodejs (>= 20.19)', 'gddrescue', 'udev', 'eject', 'systemd'])
      assert.ok(depends.includes(name), name);
    assert.equal(must('dpkg-deb', ['-f', deb, 'Version']).trim(), version);
  });

  it('gives every file to root, with fixed modes, and nothing is writable by others', () => {
    const lines = must('dpkg-deb', ['-c', deb], { env: { TZ: 'UTC' } })
      .trim()
      .split('\n');
    assert.ok(lines.length > 100, `${lines.length} files`);
    for (const line of lines) {
      assert.match(line, /^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x|-rw-r-----|lrwxrwxrwx) root\/root +\d+ 2023-11-14 22:13 /);
    }
    const special = lines.filter((line) => /^-(rwx|rw-r-----)/.test(line)).map((line) => line.split(/\s+/).at(-1));
    assert.deepEqual(special, ['./etc/disk2iso/config.yaml', './usr/bin/disk2iso', './usr/lib/disk2iso/poke']);
  });

  it('ships the service, its hooks and its documents', () => {
    const wanted = [
      'usr/lib/systemd/system/disk2iso.service',
      'usr/lib/systemd/system/disk2iso-poke@.service',
      'usr/lib/sysusers.d/disk2iso.conf',
      'usr/lib/tmpfiles.d/disk2iso.conf',
      'usr/lib/udev/rules.d/90-disk2iso.rules',
      'etc/apparmor.d/disk2iso',
      'usr/share/man/man8/disk2iso.8.gz',
      'usr/share/bash-completion/completions/disk2iso',
      'usr/share/zsh/vendor-completions/_disk2iso',
      'usr/share/fish/vendor_completions.d/disk2iso.fish',
      'usr/share/doc/disk2iso/copyright',
      'usr/share/doc/disk2iso/changelog.gz',
      'usr/share/doc/disk2iso/examples/nginx.conf',
      'usr/share/doc/disk2iso/LXC.md',
    ];
    for (const path of wanted) assert.ok(lstatSync(join(unpacked, path)).size > 0, path);
    const changelog = gunzipSync(readFileSync(join(unpacked, 'usr/share/doc/disk2iso/changelog.gz'))).toString();
    assert.match(changelog, new RegExp(`^disk2iso \\(${version}\\)`));
  });

  it('declares what lies in /etc, and sums what does not', () => {
    const control = join(folder, 'control');
    must('dpkg-deb', ['-e', deb, control]);
    assert.equal(
      readFileSync(join(control, 'conffiles'), 'utf8'),
      '/etc/apparmor.d/disk2iso\n/etc/disk2iso/config.yaml\n',
    );
    must('md5sum', ['--check', '--quiet', join(control, 'md5sums')], { cwd: unpacked });
    for (const name of ['postinst', 'prerm', 'postrm']) must('dash', ['-n', join(control, name)]);
  });

  it('brings the schemas where the program and the editor look for them', () => {
    const link = join(unpacked, 'usr/lib/disk2iso/schemas');
    assert.equal(readlinkSync(link), '../../share/disk2iso/schemas');
    if (!existsSync(join(root, 'schemas'))) return;
    assert.deepEqual(readdirSync(link), readdirSync(join(root, 'schemas')));
    const modeline = /\$schema=(\S+)/.exec(readFileSync(join(unpacked, 'etc/disk2iso/config.yaml'), 'utf8'));
    assert.ok(modeline?.[1] !== undefined && existsSync(join(unpacked, modeline[1])), `${modeline?.[1]} is there`);
  });

  it('holds production dependencies that load, and no others', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
      string,
      object
    >;
    const modules = join(unpacked, 'usr/lib/disk2iso/node_modules');
    for (const name of Object.keys(devDependencies ?? {})) assert.ok(!existsSync(join(modules, name)), name);
    const names = JSON.stringify(Object.keys(dependencies ?? {}));
    const load = `for (const name of ${names}) await import(name); new (await import('level')).Level('${join(folder, 'db')}').close()`;
    must(process.execPath, ['--input-type=module', '-e', load], { cwd: join(unpacked, 'usr/lib/disk2iso') });
    const binaries = must('find', [modules, '-name', '*.node']).trim().split('\n');
    assert.equal(binaries.length, 1, `one native module for one platform: ${binaries.join(' ')}`);
  });

  it('runs from where it is unpacked', async () => {
    const main = join(unpacked, 'usr/lib/disk2iso/dist/src/main.js');
    const station = join(folder, 'station');
    mkdirSync(join(station, 'library'), { recursive: true });
    mkdirSync(join(station, 'drive'));
    const config = join(station, 'config.yaml');
    writeFileSync(
      config,
      `apiVersion: disk2iso/v1
storage: { library: ./library, state: ./state }
drives: [{ name: folder, folder: ./drive }]
api: { listen: "127.0.0.1:0", socket: ./socket }
`,
    );
    const daemon = spawn(process.execPath, [main, 'daemon', '--config', config], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const ready = new Promise<void>((resolve, reject) => {
      for (const stream of [daemon.stdout, daemon.stderr]) {
        stream.on('data', (chunk) => {
          said += chunk;
          if (/\bready\b/i.test(said)) resolve();
        });
      }
      daemon.once('exit', (status) => reject(new Error(`ended with ${status}: ${said}`)));
      setTimeout(() => reject(new Error(`not ready: ${said}`)), 60_000).unref();
    });
    const ended = once(daemon, 'exit');
    try {
      await ready;
    } finally {
      daemon.kill('SIGTERM');
      const [status] = await ended;
      assert.equal(status, 0, said);
    }
  });

  it('has units that systemd understands', { skip: missing('systemd-analyze', 'systemd') }, () => {
    // Dependencies that a bare folder lacks (sysinit.target and so on) are looked for there: not what is tested.
    const units = join(unpacked, 'usr/lib/systemd/system');
    const paths = [join(units, 'disk2iso.service'), join(units, 'disk2iso-poke@sr0.service')];
    const { output } = run('systemd-analyze', ['verify', '--recursive-errors=no', '--man=no', ...paths]);
    const complaints = output.split('\n').filter((line) => line !== '' && !/Command .* is not executable/.test(line));
    assert.deepEqual(complaints, []);
  });
});
