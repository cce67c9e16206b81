import { lstat, realpath } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { Fault } from '../core/fault.js';
import type { ArchiveId, JobId } from '../core/ids.js';
import type { WorkFolder } from '../core/imaging-ports.js';
import { isMissing, makeFolder, syncFolder } from './library-files.js';

/**
 * Below the library:
 *
 *   .disk2iso/ledger                    see library-ledger.ts
 *   .disk2iso/claim/station             who works on it now, see library-claim.ts
 *   .disk2iso/claim.gone-MARK/          who did last, and ended without a word
 *   .disk2iso/ARCHIVE.NUMBER.part       a manifest or checksum file on its way to its name
 *   .disk2iso/work/JOB/image            the unfinished image
 *   .disk2iso/work/JOB/map              ddrescue's map of it, current as long as the system has not gone down
 *   .disk2iso/work/JOB/boot_id          the boot in which image and map were last made to fit each other
 *   .disk2iso/work/JOB/checkpoint.map   a map all of whose data was forced to disk before it was written
 *   .disk2iso/work/JOB/job.json         who it is, for a rebuild of the catalog
 *   .disk2iso/work/JOB/final/           checksum files, map and manifest on their way to their final names
 *   .disk2iso/work/JOB/lock             held by ddrescue
 *   .disk2iso/trash/ARCHIVE/            what is kept no longer: image, manifest and all, until it is purged
 *   FOLDER/NAME.iso                     finished, with its .json, .sha256 and so on beside it
 */
export const ownFolder = (library: string): string => join(library, '.disk2iso');
export const workRoot = (library: string): string => join(ownFolder(library), 'work');

export const trashRoot = (library: string): string => join(ownFolder(library), 'trash');

export function trashOf(library: string, id: ArchiveId): string {
  if (!/^archive_[0-9a-z]+$/.test(id)) throw new Error(`${JSON.stringify(id)} is no archive id`);
  return join(trashRoot(library), id);
}

export const jobFile = (work: WorkFolder): string => join(work.folder, 'job.json');
export const bootFile = (work: WorkFolder): string => join(work.folder, 'boot_id');
export const checkpointFile = (work: WorkFolder): string => join(work.folder, 'checkpoint.map');
export const finalFolder = (work: WorkFolder): string => join(work.folder, 'final');

export function workOf(library: string, jobId: JobId): WorkFolder {
  if (!/^job_[0-9a-z]+$/.test(jobId)) throw new Error(`${JSON.stringify(jobId)} is no job id`);
  const folder = join(workRoot(library), jobId);
  return { folder, image: join(folder, 'image'), map: join(folder, 'map') };
}

/** Absolute path of something below the library. Throws Fault bad_request for a path that leads out of it. */
export function resolveInside(library: string, path: string): string {
  const parts = path.split('/');
  const harmless = parts.every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'));
  const absolute = resolve(library, path);
  if (!harmless || !absolute.startsWith(library.endsWith(sep) ? library : library + sep)) {
    throw new Fault('bad_request', `${JSON.stringify(path)} does not lie in the library.`);
  }
  return absolute;
}

/**
 * Makes the folders that lead to `path`, 0755, each one's name forced to disk. A component that is a symlink is
 * followed only where it stays inside the library. Throws Fault library_unwritable.
 */
export async function makeFoldersTo(library: string, path: string): Promise<void> {
  const root = await realpath(library);
  let folder = library;
  for (const part of path.split('/').slice(0, -1)) {
    folder = join(folder, part);
    if (await makeFolder(folder)) await syncFolder(dirname(folder));
    else await checkFolder(root, folder);
  }
}

/** As `makeFoldersTo`, without making anything. */
export async function checkFoldersTo(library: string, path: string): Promise<void> {
  const root = await realpath(library);
  let folder = library;
  for (const part of path.split('/').slice(0, -1)) {
    folder = join(folder, part);
    try {
      await lstat(folder);
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    await checkFolder(root, folder);
  }
}

async function checkFolder(root: string, folder: string): Promise<void> {
  const found = await lstat(folder);
  if (found.isDirectory()) return;
  if (!found.isSymbolicLink()) {
    const advice = 'move it away or change the path template';
    throw new Fault('library_unwritable', `${folder} is a file where a folder is wanted: ${advice}.`, {
      retry: 'later',
    });
  }
  let target: string | null = null;
  try {
    target = await realpath(folder);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  if (target === root || target?.startsWith(root + sep)) return;
  throw new Fault(
    'library_unwritable',
    `${folder} is a symlink that leads out of the library and is not followed: replace it by a folder.`,
    { retry: 'later' },
  );
}
