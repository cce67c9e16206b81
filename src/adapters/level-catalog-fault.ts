import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../core/fault.js';
import { rebuildAdvice } from './level-catalog-record.js';

interface LevelError {
  readonly code?: string;
  readonly message: string;
  readonly cause?: LevelError;
}

const isError = (value: unknown): value is LevelError => value instanceof Error;

/** The innermost error: LevelDB's own words. */
function innermost(error: LevelError): LevelError {
  return error.cause === undefined ? error : innermost(error.cause);
}

const codes = (error: LevelError): string[] => [
  ...(error.code === undefined ? [] : [error.code]),
  ...(error.cause === undefined ? [] : codes(error.cause)),
];

/** Turns what LevelDB says of a read or write into a Fault; anything that is not LevelDB's is given back as it is. */
export function catalogFault(error: unknown, folder: string): unknown {
  if (error instanceof Fault || !isError(error)) return error;
  const found = codes(error);
  if (!found.some((code) => code.startsWith('LEVEL_'))) return error;
  const reason = innermost(error).message;
  const later = { retry: 'later', cause: error } as const;
  if (/No space left|Disk quota exceeded/.test(reason)) {
    return new Fault(
      'no_space',
      `The catalog in ${folder} cannot grow, its filesystem is full: free some space.`,
      later,
    );
  }
  if (found.includes('LEVEL_CORRUPTION') || /No such file or directory/.test(reason)) {
    return new Fault('catalog_damaged', `The catalog in ${folder} is damaged (${reason}); ${rebuildAdvice}.`, {
      cause: error,
    });
  }
  if (/Permission denied|Read-only file system/.test(reason)) {
    const advice = 'give the daemon the right to write there';
    return new Fault('permission_denied', `The catalog in ${folder} cannot be used (${reason}); ${advice}.`, later);
  }
  return new Fault(
    'io_error',
    `The catalog in ${folder} cannot be read or written (${reason}); check its disk.`,
    later,
  );
}

/** As `catalogFault`, for what can go wrong only while opening. `named`: the folder a person is told of. */
export async function openingFault(error: unknown, folder: string, named = folder): Promise<unknown> {
  if (!isError(error)) return error;
  if (codes(error).includes('LEVEL_LOCKED')) {
    return lockedFault(named, await lockHolder(folder), error);
  }
  if (/^Invalid argument/.test(innermost(error).message)) {
    const reason = innermost(error).message;
    return new Fault('catalog_damaged', `The catalog in ${folder} is damaged (${reason}); ${rebuildAdvice}.`, {
      cause: error,
    });
  }
  return catalogFault(error, folder);
}

/**
 * Whoever holds LevelDB's lock, from /proc/locks; 0 for a process of another pid namespace, null where nobody does
 * or it cannot be told.
 */
export async function lockHolder(folder: string): Promise<number | null> {
  try {
    const { ino } = await stat(join(folder, 'LOCK'));
    for (const line of (await readFile('/proc/locks', 'utf8')).split('\n')) {
      const [, , , , pid, file] = line.trim().split(/\s+/);
      if (file?.split(':')[2] === String(ino)) return Number(pid);
    }
    return null;
  } catch {
    return null; // Only an aid: LevelDB's own lock is what keeps two apart.
  }
}

export function lockedFault(folder: string, pid: number | null, cause?: unknown): Fault {
  const who = pid === null || pid === 0 ? 'another disk2iso' : `another disk2iso (process ${pid})`;
  return new Fault(
    'catalog_locked',
    `The catalog in ${folder} is in use by ${who}: stop that one, or give this one a state folder of its own.`,
    { retry: 'later', cause },
  );
}
