import { readdir, readFile } from 'node:fs/promises';

/** The kernel's name of an optical drive: `sr0`. */
const kernelName = /^sr\d+$/;
export const isKernelName = (name: string): boolean => kernelName.test(name);

/** First line of a small file, trimmed; null where it is not there or empty. */
export async function readLine(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim() || null;
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
    return null;
  }
}

export async function listOpticalDrives(sysRoot: string): Promise<string[]> {
  try {
    const names = (await readdir(`${sysRoot}/block`)).filter(isKernelName);
    return names.sort((a, b) => Number(a.slice(2)) - Number(b.slice(2)));
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
    return [];
  }
}

export interface DiscState {
  /** Counts up whenever a disc comes or goes (kernel 5.15 and later); null where the kernel does not count. */
  readonly sequence: string | null;
  /** Null where the kernel does not know it. Stays that of the last disc when there is none. */
  readonly sizeBytes: number | null;
}

/** What the kernel's driver puts there when a drive cannot say (drivers/scsi/sr.c), in blocks of 512 bytes. */
const unknownBlocks: readonly number[] = [0, 0x1fffff, 0x1fffff * 4];

/** Without touching the drive: what the kernel noted down last. Null where the drive is gone. */
export async function readDiscState(sysRoot: string, name: string): Promise<DiscState | null> {
  const folder = `${sysRoot}/block/${name}`;
  const [blocks, sequence] = await Promise.all([readLine(`${folder}/size`), readLine(`${folder}/diskseq`)]);
  if (blocks === null) return null;
  const count = Number(blocks);
  const known = Number.isSafeInteger(count) && !unknownBlocks.includes(count);
  return { sequence, sizeBytes: known ? count * 512 : null };
}

/** Whether a read is under way just now: then the drive is at work on the disc it had. */
export async function isReading(sysRoot: string, name: string): Promise<boolean> {
  const counts = await readLine(`${sysRoot}/block/${name}/inflight`);
  return Number(counts?.split(/\s+/)[0] ?? 0) > 0;
}
