import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { guestSources } from './apt-sources.js';
import { mustRun } from './host-command.js';
import { cache, sources } from './paths.js';

/** What the guest is made of; the last lines are what the package under test depends on or works with. */
const packages = [
  ...[
    'systemd',
    'systemd-sysv',
    'udev',
    'dbus',
    'libpam-systemd',
    'linux-image-amd64',
    'initramfs-tools',
    'lz4',
    'kmod',
  ],
  ...['openssh-server', 'iproute2', 'procps', 'curl', 'fdisk', 'apt-utils', 'openssl', 'python3', 'strace'],
  ...['lxc', 'busybox-static', 'apparmor', 'apparmor-utils', 'nginx-light', 'cd-paranoia', 'genisoimage'],
  ...['nodejs', 'gddrescue', 'eject', 'sg3-utils', 'util-linux', 'adduser', 'init-system-helpers'],
];
/** Sparse: a DVD or two must fit. */
const diskSize = '24G';

/** A Debian 13 system to boot: kernel and initrd are given to QEMU directly. */
export interface GuestImage {
  /** Distinguishes images by what they were made from. */
  readonly key: string;
  /** ext4, raw; never written to. */
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
  /** Private key of the guest's root. */
  readonly sshKey: string;
}

function scripts(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? scripts(join(folder, entry.name)) : [join(folder, entry.name)]))
    .filter((file) => !file.endsWith('.pyc'))
    .sort();
}

function recipeKey(): string {
  const hash = createHash('sha256').update(JSON.stringify({ packages, diskSize }));
  for (const file of scripts(join(sources, 'guest'))) hash.update(basename(file)).update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

/** Builds the guest unless the cache has it: about a minute, as root. */
export async function ensureGuestImage(): Promise<GuestImage> {
  const key = recipeKey();
  const folder = join(cache, `guest-${key}`);
  if (!existsSync(folder)) await build(folder);
  return {
    key,
    disk: join(folder, 'disk.img'),
    kernel: join(folder, 'vmlinuz'),
    initrd: join(folder, 'initrd.img'),
    sshKey: join(folder, 'id_ed25519'),
  };
}

async function build(folder: string): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('the guest image can only be built by root: sudo npm run test:vm');
  console.log(`Building the guest image ${basename(folder)} …`);
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'build-'));
  try {
    const tree = join(work, 'root');
    const { text, extension } = guestSources();
    const sourcesFile = join(work, `guest.${extension}`);
    await writeFile(sourcesFile, text);
    const sshKey = join(work, 'id_ed25519');
    await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'vm', '-f', sshKey]);
    await mustRun('nice', [
      ...['mmdebstrap', '--quiet', '--mode=root', '--variant=apt', '--format=directory', '--skip=output/dev'],
      ...[`--include=${packages.join(',')}`, `--essential-hook=${join(sources, 'guest', 'initramfs.sh')} "$1"`],
      ...[`--customize-hook=${join(sources, 'guest', 'setup.sh')} "$1" ${sshKey}.pub`],
      ...['trixie', tree, sourcesFile],
    ]);
    await mustRun('mke2fs', ['-q', '-F', '-t', 'ext4', '-L', 'root', '-d', tree, join(work, 'disk.img'), diskSize]);
    for (const name of ['vmlinuz', 'initrd.img'])
      await cp(join(tree, readlinkSync(join(tree, name))), join(work, name));
    await rm(tree, { recursive: true, force: true });
    await rename(work, folder);
    await removeOld();
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    throw error;
  }
}

/** 700 MB each. A day's grace, as a suite that boots one may be running. */
async function removeOld(): Promise<void> {
  for (const name of readdirSync(cache).filter((one) => one.startsWith('guest-'))) {
    const folder = join(cache, name);
    if (Date.now() - statSync(folder).mtimeMs > 86_400_000) await rm(folder, { recursive: true, force: true });
  }
}
