import { constants } from 'node:fs';
import { access, open, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { careOf } from '../core/archive.js';
import { Fault } from '../core/fault.js';
import type { Library, WorkFolder } from '../core/imaging-ports.js';
import type { Log } from '../core/ports.js';
import type { StorageReading } from '../core/storage.js';
import type { Verdict } from '../core/verdict.js';
import { commitImage } from './library-commit.js';
import { codeOf, exists, fileFault, isMissing, libraryPlace, makeFolder, syncFolder } from './library-files.js';
import { ownFolder, resolveInside, trashOf, workOf } from './library-layout.js';
import { readManifests } from './library-manifests.js';
import { choosePath } from './library-name.js';
import { checkpoint, prepareResume, RunMarks } from './library-resume.js';
import { discardWork, heldBytes, openWork, readWork } from './library-work.js';

export interface LibraryOptions {
  /** Absolute folder of finished images. */
  readonly library: string;
  readonly log: Log;
}

export interface FolderLibrary extends Library {
  readonly folder: string;
}

/** The library in a folder of its own. Layout: see library-layout.ts. */
export function createLibrary({ library, log }: LibraryOptions): FolderLibrary {
  const marks = new RunMarks();
  /** Set once this library's own folder has been seen: if it is gone later, its disk was unmounted. */
  let seen = false;

  async function guarded<Result>(doing: string, task: () => Promise<Result>): Promise<Result> {
    try {
      return await task();
    } catch (error) {
      throw fileFault(error, libraryPlace, doing);
    }
  }

  async function check(): Promise<void> {
    await checkFolder(library);
    if (await exists(ownFolder(library))) seen = true;
    else if (seen) {
      const message = `${ownFolder(library)} has vanished: is the library's disk still mounted at ${library}?`;
      throw new Fault('library_unwritable', message, { retry: 'later' });
    }
  }

  return {
    folder: library,
    check: () => guarded(`${library} is looked at`, check),
    storage: () => guarded('its free space is asked for', () => readStorage(library)),
    openWork: (job) => guarded(`the work on ${job.id} is prepared`, () => openWork(library, job)),
    prepareResume: (work, mediumBytes, continues, stop) =>
      guarded('unfinished work is looked at', () => prepareResume(library, work, mediumBytes, continues, stop)),
    checkpoint: (work, mediumBytes) => guarded('a checkpoint is made', () => checkpoint(work, mediumBytes)),
    mark: (work) => guarded('a map is remembered', () => marks.mark(work)),
    revert: (work) => guarded('a run is taken back', () => marks.revert(work)),
    setLength: (work, verdict, mediumBytes) =>
      guarded('an image gets its length', () => setLength(work, verdict, mediumBytes)),
    choosePath: (job, verdict, reserved, now) =>
      guarded('a name is chosen', () => choosePath(library, job, verdict, reserved, now)),
    commit: (work, archive) => guarded(`${archive.path} is put in place`, () => commitImage(library, work, archive)),
    async discardWork(jobId) {
      marks.forget(workOf(library, jobId));
      await guarded(`the work on ${jobId} is removed`, () => discardWork(library, jobId));
    },
    heldBytes: (jobId) => guarded(`the work on ${jobId} is looked at`, () => heldBytes(library, jobId)),
    imagePath: (archive) =>
      careOf(archive).trashed === null
        ? resolveInside(library, archive.path)
        : join(trashOf(library, archive.id), basename(archive.path)),
    readManifests: () => readManifests(library),
    readWork: () => readWork(library, log),
  };
}

async function checkFolder(library: string): Promise<void> {
  const unwritable = (what: string, cause?: unknown) =>
    new Fault('library_unwritable', `The library ${library} ${what}`, { retry: 'later', cause });
  try {
    if (!(await stat(library)).isDirectory()) throw unwritable('is not a folder: name another one in storage.library.');
    await access(library, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof Fault) throw error;
    const code = codeOf(error);
    if (code === 'ENOENT' && (await exists(dirname(library)))) {
      await makeFolder(library);
      await syncFolder(dirname(library));
    } else if (isMissing(error)) {
      throw unwritable('does not exist, nor does the folder it should lie in: create or mount it.', error);
    } else if (code === 'EROFS') {
      throw unwritable('is mounted read-only: mount it writable.', error);
    } else if (code === 'EACCES' || code === 'EPERM') {
      throw unwritable("refuses the daemon's user: give it the folder (chown) or the right to write there.", error);
    } else throw error;
  }
}

/** Counted as `df` does. */
async function readStorage(library: string): Promise<StorageReading> {
  try {
    const { bsize, blocks, bfree, bavail } = await statfs(library);
    return { totalBytes: blocks * bsize, usedBytes: (blocks - bfree) * bsize, availableBytes: bavail * bsize };
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new Fault('library_unwritable', `The library ${library} does not exist: create or mount it.`, {
      retry: 'later',
      cause: error,
    });
  }
}

async function setLength(work: WorkFolder, verdict: Verdict, mediumBytes: number): Promise<number> {
  const length = verdict.kind === 'complete_with_tail' ? verdict.tail.start : mediumBytes;
  const file = await open(work.image, 'r+');
  try {
    const { size } = await file.stat();
    if (size < length && (verdict.kind === 'complete' || verdict.kind === 'complete_with_tail')) {
      const message = `The image ${work.image} ends at ${size} of ${length} bytes, though all was read: check the disk.`;
      throw new Fault('io_error', message, { retry: 'later' });
    }
    if (size !== length) {
      await file.truncate(length);
      // The record says this length from now on, perhaps on another disk: it must not be on disk before.
      await file.sync();
    }
    return length;
  } finally {
    await file.close();
  }
}
