// `npm test`: every check and every test, from a fresh clone on. Words after it choose test files: `npm test -- job`.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, root, run, runTools, setup } from './setup.mjs';

setup({
  ...runTools,
  xorriso: 'xorriso',
  genisoimage: 'genisoimage',
  mkudffs: 'udftools',
  openssl: 'openssl',
  fincore: 'util-linux-extra',
  chromium: 'chromium',
  python3: 'python3-minimal',
  'mkfs.ext4': 'e2fsprogs',
  // for the package's own tests
  'systemd-analyze': 'systemd',
  udevadm: 'udev',
  apparmor_parser: 'apparmor',
  nginx: 'nginx-light',
  man: 'man-db',
  mandoc: 'mandoc',
  zsh: 'zsh',
  fish: 'fish',
  xz: 'xz-utils',
  '/usr/lib/ipxe/ipxe.iso': 'ipxe',
  '/usr/lib/memtest86+/memtest86+x64.iso': 'memtest86+',
  '/usr/lib/grub-rescue/grub-rescue-cdrom.iso': 'grub-rescue-pc',
});
build();
const wanted = process.argv.slice(2);
if (wanted.length === 0) {
  const bin = (name) => join(root, 'node_modules', '.bin', name);
  run(bin('tsc'), ['-p', 'src/core']);
  run(bin('biome'), ['ci', '--error-on-warnings', '.']);
}

// The virtual machine's tests and the benchmark have commands of their own.
const compiled = join(root, 'dist', 'test');
const files = readdirSync(compiled, { recursive: true })
  .filter((file) => file.endsWith('.test.js') && !file.startsWith('vm/') && !file.startsWith('bench/'))
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)))
  .map((file) => relative(root, join(compiled, file)))
  .sort();
if (files.length === 0) {
  console.error(`No test file matches ${wanted.join(' ')}.`);
  process.exit(1);
}

// A file that hangs is a failure with a name, not a run without an end; the longest takes two minutes.
const longestFileMs = 15 * 60_000;
const words = ['--test', '--test-concurrency=2', `--test-timeout=${longestFileMs}`, '--test-reporter=spec', ...files];
const { status } = spawnSync(process.execPath, words, { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
