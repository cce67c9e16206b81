import { existsSync } from 'node:fs';
import { mustRun, runCommand } from './host-command.js';

/** The command that proves a tool's presence, and its Debian package. */
const tools: Readonly<Record<string, string>> = {
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  mmdebstrap: 'mmdebstrap',
  mke2fs: 'e2fsprogs',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  xorriso: 'xorriso',
  genisoimage: 'genisoimage',
};

function isThere(command: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(`${folder}/${command}`));
}

/** Installs what this machine lacks. Throws with the command to run by hand when that is not possible. */
export async function installHostTools(): Promise<void> {
  const missing = Object.keys(tools).filter((command) => !isThere(command));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((command) => tools[command] as string))];
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  console.log(`Installing ${packages.join(', ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  if ((await runCommand('apt-get', install, { env })).code === 0) return;
  await mustRun('apt-get', ['update', '-qq'], { env });
  await mustRun('apt-get', install, { env });
}
