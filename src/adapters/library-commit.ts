import { chmod, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Archive } from '../core/archive.js';
import { Fault } from '../core/fault.js';
import type { WorkFolder } from '../core/imaging-ports.js';
import { isWhole } from '../core/verdict.js';
import { exists, isMissing, makeFolder, syncFolder, syncLargeFile, writeDurably } from './library-files.js';
import { finalFolder, makeFoldersTo, resolveInside } from './library-layout.js';
import { type Link, placeFile, removeFile } from './library-place.js';
import { checksumFiles } from './library-sidecars.js';
import { formatManifest, parseManifest } from './manifest.js';

/**
 * The steps that bring an image and its sidecars to their final names. The image comes last: one that is visible is
 * whole, on disk, and described. After a crash all of them are done again from the first.
 */
export function commitSteps(
  library: string,
  work: WorkFolder,
  archive: Archive,
  makeLink?: Link,
): readonly (() => Promise<void>)[] {
  const image = resolveInside(library, archive.path);
  const name = basename(image);
  const final = finalFolder(work);
  const target = dirname(image);
  const sidecars = [...checksumFiles(archive.checksums, name), { name: `${name}.json`, text: formatManifest(archive) }];
  const hasMap = !isWhole(archive.verdict);
  const names = [...sidecars.map((one) => one.name), ...(hasMap ? [`${name}.map`] : [])];
  return [
    () => checkImage(work, archive),
    async () => {
      await chmod(work.image, 0o644);
      await syncLargeFile(work.image);
    },
    async () => {
      await makeFolder(final);
      for (const one of sidecars) await writeDurably(join(final, one.name), one.text);
      if (hasMap) await writeDurably(join(final, `${name}.map`), await readFile(work.map, 'utf8'));
    },
    () => makeFoldersTo(library, archive.path),
    ...names.map((one) => () => placeFile(join(final, one), join(target, one), makeLink)),
    () => syncFolder(target),
    () => placeFile(work.image, image, makeLink),
    () => syncFolder(target),
    () => removeFile(work.image),
    () => rm(final, { recursive: true, force: true }),
    () => syncFolder(work.folder),
  ];
}

/** Throws Fault io_error, no_space, library_unwritable, state_conflict, not_found. */
export async function commitImage(library: string, work: WorkFolder, archive: Archive, makeLink?: Link): Promise<void> {
  if (!(await exists(work.image)) && (await isPlaced(library, archive))) {
    await rm(finalFolder(work), { recursive: true, force: true });
    return;
  }
  for (const step of commitSteps(library, work, archive, makeLink)) await step();
}

async function checkImage(work: WorkFolder, archive: Archive): Promise<void> {
  let size: number;
  try {
    ({ size } = await stat(work.image));
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new Fault('not_found', `The finished image ${work.image} is gone: insert the disc again.`, { cause: error });
  }
  if (size === archive.sizeBytes) return;
  throw new Fault(
    'io_error',
    `The finished image ${work.image} has ${size} bytes instead of ${archive.sizeBytes}: insert the disc again.`,
  );
}

/** Whether an earlier try had come to its end. */
async function isPlaced(library: string, archive: Archive): Promise<boolean> {
  const image = resolveInside(library, archive.path);
  try {
    const { size } = await stat(image);
    const manifest = parseManifest(await readFile(`${image}.json`, 'utf8'), archive.path);
    return size === archive.sizeBytes && manifest.id === archive.id;
  } catch (error) {
    if (isMissing(error) || error instanceof Fault) return false;
    throw error;
  }
}
