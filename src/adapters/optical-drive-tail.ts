import { sectorBytes } from '../core/disc.js';
import { Fault } from '../core/fault.js';
import type { StopSignal } from '../core/ports.js';
import { longestTailBytes } from '../core/verdict.js';
import type { BoundedProcesses } from './bounded-process.js';
import { readDiscState } from './optical-drive-sysfs.js';

/** A drive may take half a minute over each of the two sectors that a disc recorded track at once ends in. */
const readMs = 90_000;
const allMs = 180_000;

/**
 * Finds where the readable disc ends by reading its last sectors one at a time. READ CAPACITY counts the unreadable
 * run-out of a CD; once a read fails within its last 75 sectors the kernel's sr driver (sr_done() in drivers/scsi/sr.c)
 * shortens the device to that read's start, rounded down to the read's length. So whoever reads 64 KiB there first
 * loses up to 31 good sectors until the disc is put in anew; whoever reads single sectors loses none.
 *
 * Returns the bytes up to there, or null where that could not be found out: also where more cannot be read than a
 * run-out has, which is damage and must not shorten the disc.
 */
export async function trimRunOut(
  processes: BoundedProcesses,
  sysRoot: string,
  device: { readonly name: string; readonly path: string },
  stop: StopSignal,
): Promise<number | null> {
  const until = performance.now() + allMs;
  let bytes = (await readDiscState(sysRoot, device.name))?.sizeBytes ?? 0;
  const shortest = Math.max(sectorBytes, bytes - longestTailBytes);
  while (bytes >= shortest && performance.now() < until) {
    const last = Math.floor(bytes / sectorBytes) - 1;
    const args = [`if=${device.path}`, 'of=/dev/null', `bs=${sectorBytes}`, `skip=${last}`, 'count=1'];
    // past the cache, as that would read a whole page; and never waiting for a tray
    args.push('iflag=direct,nonblock', 'status=none');
    try {
      const end = await processes.run(device.path, { command: 'dd', args, timeoutMs: readMs, stop });
      if (end.status === 0) return bytes;
    } catch (error) {
      if (error instanceof Fault && !stop.aborted) return null;
      throw error;
    }
    const now = (await readDiscState(sysRoot, device.name))?.sizeBytes ?? 0;
    if (now >= bytes) return null;
    bytes = now;
  }
  return null;
}
