import { readFile } from 'node:fs/promises';
import { Fault } from '../core/fault.js';
import type { BoundedProcesses } from './bounded-process.js';
import type { FoundDevice } from './optical-drive-devices.js';

const ejectMs = 60_000;
const tries = 5;
const betweenMs = 500;

/** Where a device is mounted, by /proc/self/mountinfo (proc(5)); null where it is not. */
export function findMountPoint(mountinfo: string, { name, path }: FoundDevice): string | null {
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ');
    const fields = before?.split(' ') ?? [];
    const source = after?.split(' ')[1];
    const byNumber = fields[2] === `11:${name.slice(2)}`;
    if (byNumber || source === path) return decodeOctal(fields[4] ?? '?');
  }
  return null;
}

const decodeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));

/**
 * In a container the node itself is a mount point, which eject(1) takes for a mounted disc. There the drive is told
 * directly: allow removal, then stop and eject.
 */
async function ejectByCommand(processes: BoundedProcesses, { path }: FoundDevice): Promise<void> {
  for (const command of ['1e 00 00 00 00 00', '1b 00 00 00 02 00']) {
    // opened for writing: the kernel lets an ordinary user unlock a drive only so
    const args = ['--timeout=30', path, ...command.split(' ')];
    const install = 'apt-get install sg3-utils';
    const end = await processes.run(path, { command: 'sg_raw', args, timeoutMs: ejectMs, install });
    if (end.status === 0) continue;
    const message = `${path} does not open its tray (${end.stderr.trim().replace(/\s+/g, ' ')}); press its button.`;
    throw new Fault('tool_failed', message, { retry: 'later' });
  }
}

/**
 * Opens the tray. Only by the kernel's own request: what eject(1) else falls back to opens it under other readers.
 * Throws Fault: device_busy, tool_missing, timeout, tool_failed.
 */
export async function ejectTray(processes: BoundedProcesses, procRoot: string, device: FoundDevice): Promise<void> {
  const mountPoint = findMountPoint(await readFile(`${procRoot}/self/mountinfo`, 'utf8'), device);
  if (mountPoint !== null) {
    const message = `${device.path} is mounted at ${mountPoint}; unmount it, then take the disc out.`;
    throw new Fault('device_busy', message, { retry: 'later' });
  }
  const request = {
    command: 'eject',
    args: ['--cdrom', '--no-unmount', device.path],
    timeoutMs: ejectMs,
    install: 'apt-get install eject',
  };
  for (let count = 1; ; count += 1) {
    const end = await processes.run(device.path, request);
    if (end.status === 0) return;
    if (/not found mountpoint or device/.test(end.stderr)) {
      await ejectByCommand(processes, device);
      return;
    }
    // udev looks at the drive now and then, for an instant
    if (count === tries) {
      const said = end.stderr.trim().replace(/\s+/g, ' ') || `eject ended with status ${end.status}`;
      const message = `${device.path} does not give the disc out (${said}); close what uses it, or press its button.`;
      throw new Fault('device_busy', message, { retry: 'later' });
    }
    await new Promise((resolve) => setTimeout(resolve, betweenMs));
  }
}
