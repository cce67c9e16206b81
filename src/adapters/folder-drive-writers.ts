import type { BigIntStats } from 'node:fs';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Candidate } from './folder-drive-listing.js';

const atOnce = 8;

const identify = (stats: BigIntStats): string => `${stats.dev}:${stats.ino}`;

/** What may well fail here: processes end while they are looked at, and those of other users are none of ours. */
async function orNull<Value>(looking: Promise<Value>): Promise<Value | null> {
  try {
    return await looking;
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
    return null;
  }
}

/** Whether findWritten would find whoever writes to the file: processes of other users can be looked into by root alone. */
export const hasVisibleWriter = ({ stats }: Candidate, uid: number): boolean => uid === 0 || stats.uid === BigInt(uid);

/**
 * Whether the last that happened to it was no writing: it was given its name, or its time, owner or mode. That is how
 * an upload ends.
 */
export const isFinished = ({ stats }: Candidate): boolean => stats.ctimeNs > stats.mtimeNs;

/**
 * Those of the candidates that some process has open for writing, by one walk over the processes this user may look
 * into. Best effort: writers of other users or other machines are not seen.
 */
export async function findWritten(proc: string, candidates: readonly Candidate[]): Promise<Set<Candidate>> {
  const byIdentity = new Map(candidates.map((one) => [identify(one.stats), one]));
  const names = new Set(candidates.map((one) => one.name));
  const written = new Set<Candidate>();
  const processes = ((await orNull(readdir(proc))) ?? []).filter((name) => /^\d+$/.test(name));
  for (let at = 0; at < processes.length; at += atOnce) {
    await Promise.all(processes.slice(at, at + atOnce).map((pid) => lookInto(`${proc}/${pid}`)));
  }
  return written;

  async function lookInto(process: string): Promise<void> {
    for (const descriptor of (await orNull(readdir(`${process}/fd`))) ?? []) {
      const path = `${process}/fd/${descriptor}`;
      const target = await orNull(readlink(path, { encoding: 'buffer' }));
      // the name first: it costs no look at the file itself, which may be on a filesystem that hangs
      if (target === null || !names.has(basename(target.toString('latin1')))) continue;
      const stats = await orNull(stat(path, { bigint: true }));
      const candidate = stats === null ? undefined : byIdentity.get(identify(stats));
      if (candidate === undefined) continue;
      const info = await orNull(readFile(`${process}/fdinfo/${descriptor}`, 'latin1'));
      const flags = /^flags:\s*([0-7]+)$/m.exec(info ?? '')?.[1];
      // O_WRONLY is 1, O_RDWR 2
      if (flags !== undefined && (Number.parseInt(flags, 8) & 3) !== 0) written.add(candidate);
    }
  }
}
