import { chmod, mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault } from '../core/fault.js';
import { BoundedProcesses, type ProcessEnd } from './bounded-process.js';

export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';
export const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error));

interface Place {
  /** As it begins a sentence: `The library`. */
  readonly name: string;
  readonly refused: 'library_unwritable' | 'permission_denied';
}

export const libraryPlace: Place = { name: 'The library', refused: 'library_unwritable' };
export const statePlace: Place = { name: 'The state folder', refused: 'permission_denied' };

/** Turns an error of the filesystem into a Fault; anything else is given back as it is. */
export function fileFault(error: unknown, place: Place, doing: string): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error;
  const code = codeOf(error);
  if (!/^E[A-Z0-9]+$/.test(code)) return error;
  const options = { retry: 'later', cause: error } as const;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new Fault('no_space', `${place.name} is full while ${doing}: free some space.`, options);
  }
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) {
    return new Fault(
      place.refused,
      `${place.name} refuses access while ${doing} (${error.message}): mount it writable and give it to the daemon's user.`,
      options,
    );
  }
  return new Fault('io_error', `${place.name} failed while ${doing} (${error.message}): check its disk.`, options);
}

export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Makes names created or removed in a folder last over a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    // Some network and FUSE filesystems have no fsync of folders; they order names by themselves.
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EBADF'].includes(codeOf(error))) throw error;
  } finally {
    await folder.close();
  }
}

/** A small file in one piece: written beside, forced to disk, renamed, and the name forced too. */
export async function writeDurably(path: string, content: string): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, 'w', 0o644);
  try {
    await file.writeFile(content);
    await file.chmod(0o644);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  await syncFolder(dirname(path));
}

/** Folders are 0755 whatever the umask says. Returns whether it was made. */
export async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o755 });
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  await chmod(path, 0o755);
  return true;
}

const longestSyncMs = 15 * 60_000;
const syncs = new BoundedProcesses();

/**
 * Forces a large file to disk. coreutils' `sync` does it in a process of its own: gigabytes to a slow disk take
 * minutes, and would hold one of the few threads that everything else here needs. Where the storage gives no answer,
 * not even SIGKILL ends it: then it is left behind.
 *
 * Throws Fault no_space, io_error, tool_missing.
 */
export async function syncLargeFile(path: string, timeoutMs = longestSyncMs): Promise<void> {
  const failed = (why: string): Fault =>
    new Fault('io_error', `${path} could not be forced to disk (${why}): check its disk.`, { retry: 'later' });
  let end: ProcessEnd;
  try {
    end = await syncs.run(path, { command: 'sync', args: ['--', path], timeoutMs });
  } catch (error) {
    throw error instanceof Fault && error.code === 'timeout' ? failed('its storage does not answer') : error;
  }
  const said = end.stderr.trim().slice(0, 1000);
  if (end.status === 0) return;
  if (/No space left|quota exceeded/i.test(said)) {
    throw new Fault('no_space', `The disk is full while ${path} is written to it: free some space.`, {
      retry: 'later',
    });
  }
  throw failed(said === '' ? 'sync was ended from outside' : said);
}
