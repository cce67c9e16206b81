import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobId } from '../core/ids.js';
import type { WorkFolder } from '../core/imaging-ports.js';
import type { Job } from '../core/job.js';
import type { Log } from '../core/ports.js';
import { decodeRecord, encodeRecord } from './level-catalog-record.js';
import { jobShape } from './level-catalog-shapes.js';
import { exists, fileFault, isMissing, libraryPlace, makeFolder, syncFolder, writeDurably } from './library-files.js';
import { jobFile, ownFolder, workOf, workRoot } from './library-layout.js';

/** Creates or finds the job's folder and notes the job as it is now. */
export async function openWork(library: string, job: Job): Promise<WorkFolder> {
  const work = workOf(library, job.id);
  if (!(await exists(work.folder))) {
    await makeFolder(ownFolder(library));
    await makeFolder(workRoot(library));
    await makeFolder(work.folder);
    for (const folder of [library, ownFolder(library), workRoot(library)]) await syncFolder(folder);
  }
  await writeDurably(jobFile(work), `${encodeRecord(job)}\n`);
  return work;
}

export async function discardWork(library: string, jobId: JobId): Promise<void> {
  const { folder } = workOf(library, jobId);
  await rm(folder, { recursive: true, force: true });
}

/** Blocks, not length: what was not read takes no room yet. */
export async function heldBytes(library: string, jobId: JobId): Promise<number> {
  try {
    return (await stat(workOf(library, jobId).image)).blocks * 512;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

/** Jobs as they were noted last; what lies there without belonging to a job is logged and left alone. */
export async function* readWork(library: string, log: Log): AsyncGenerator<Job> {
  let names: string[];
  try {
    names = await readdir(workRoot(library));
  } catch (error) {
    if (isMissing(error)) return;
    throw fileFault(error, libraryPlace, 'unfinished work is looked for');
  }
  for (const name of names.sort()) {
    const path = join(workRoot(library), name);
    try {
      const job = decodeRecord(name, await readFile(join(path, 'job.json'), 'utf8'), jobShape);
      if (job.id === name) yield job;
      else log.warn({ path }, `This work folder belongs to ${job.id} by what is in it, not by its name; left alone.`);
    } catch (error) {
      if (isMissing(error)) log.warn({ path }, 'This does not belong to any job; remove it if it is of no use.');
      else log.warn({ path, err: error }, 'The job.json of this work folder cannot be read; it is left alone.');
    }
  }
}
