import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { RescueRequest } from '../core/imaging-ports.js';
import { formatRescueMap, type RescueMap } from '../core/rescue-map.js';
import { faultFromWriting } from './ddrescue-fault.js';

/** Writes a map in one step: the one before it stays whole until the new one is on disk. Throws Fault. */
export async function replaceMap(path: string, map: RescueMap): Promise<void> {
  const fresh = `${path}.new`;
  try {
    const handle = await open(fresh, 'w');
    try {
      await handle.writeFile(formatRescueMap(map));
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(fresh, path);
  } catch (error) {
    throw faultFromWriting(error, path);
  }
}

/** Makes sure that no map calls anything rescued any more; if the disk takes no new one, by removing the old. */
export async function disownMap(path: string, nothing: RescueMap): Promise<void> {
  const remove = (names: string[]) => Promise.allSettled(names.map((name) => rm(name, { force: true })));
  await remove([`${path}.bak`]);
  try {
    await replaceMap(path, nothing);
  } catch {
    await remove([path, `${path}.new`]);
  }
}

/**
 * Opens the image beside ddrescue, which forces it to disk but ignores whether that succeeded. The kernel tells
 * of a failed write to each that had the file open. Throws Fault no_space, library_unwritable.
 */
export async function openImage(request: RescueRequest): Promise<FileHandle> {
  try {
    return await open(request.image, 'a');
  } catch (error) {
    throw faultFromWriting(error, request.image);
  }
}
