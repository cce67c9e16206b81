import { lstat } from 'node:fs/promises';
import { Fault } from '../core/fault.js';
import type { Job } from '../core/job.js';
import { renderPath } from '../core/path-template.js';
import { isWhole, type Verdict } from '../core/verdict.js';
import { isMissing } from './library-files.js';
import { checkFoldersTo, resolveInside } from './library-layout.js';
import { sidecarEnds } from './library-sidecars.js';

const mostTries = 10_000;

/**
 * A path below the library whose image and sidecars would all have free names: `FOLDER/NAME.iso`, or
 * `FOLDER/NAME.damaged.iso`, or with `_2` and so on after NAME. Dates are UTC.
 *
 * @param reserved paths promised to others that have no files yet
 * Throws Fault library_unwritable.
 */
export async function choosePath(
  library: string,
  job: Job,
  verdict: Verdict,
  reserved: ReadonlySet<string>,
  now: number,
): Promise<string> {
  const base = renderPath(job.settings.path, valuesOf(job, now)).replace(/\.iso$/i, '') || 'unlabelled';
  const end = isWhole(verdict) ? '.iso' : '.damaged.iso';
  await checkFoldersTo(library, `${base}${end}`);
  // Two names that differ in case alone are kept apart too: the library may be copied to where they are the same.
  const promised = new Set([...reserved].map((path) => path.toLowerCase()));
  for (let number = 1; number <= mostTries; number += 1) {
    const path = `${base}${number === 1 ? '' : `_${number}`}${end}`;
    if (!promised.has(path.toLowerCase()) && !(await isTaken(resolveInside(library, path)))) return path;
  }
  throw new Fault('library_unwritable', `${base}${end} is taken ${mostTries} times over: change the path template.`);
}

/** Whether image or sidecars of this absolute path would meet something. */
export async function isTaken(path: string): Promise<boolean> {
  for (const end of sidecarEnds) {
    try {
      // On a filesystem that ignores case this finds the other spelling as well. A dangling link counts too.
      await lstat(path + end);
      return true;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return false;
}

function valuesOf(job: Job, now: number) {
  const date = new Date(now).toISOString().slice(0, 10);
  return {
    media: job.disc.media,
    label: job.disc.label,
    drive: job.device,
    date,
    year: date.slice(0, 4),
    name: job.name.replace(/\.(iso|img|bin)$/i, ''),
    rule: job.rule,
    fingerprint: job.disc.fingerprint?.structure.slice(0, 12) ?? null,
  };
}
