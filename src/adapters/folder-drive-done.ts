import { constants } from 'node:fs';
import { mkdir, open, rename, unlink } from 'node:fs/promises';
import { Fault } from '../core/fault.js';
import { entryPath, type RawName } from './folder-drive-listing.js';

export const doneName = 'done';
const longestNameBytes = 255;
const mostNames = 10_000;

/** `a.iso`, `a (2).iso`, …: the stem is cut where the name would get too long, never inside a UTF-8 character. */
export function numberedName(name: RawName, number: number): RawName {
  const dot = name.lastIndexOf('.');
  const extension = name.slice(dot);
  const suffix = number === 1 ? '' : ` (${number})`;
  let end = Math.min(dot, longestNameBytes - extension.length - suffix.length);
  if (end < dot) while (end > 0 && isContinuation(name.charCodeAt(end))) end -= 1;
  return name.slice(0, end) + suffix + extension;
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

/** Takes a free name by creating an empty file there, which a rename then replaces: nothing is ever overwritten. */
async function reserve(folder: string, name: RawName): Promise<Buffer> {
  for (let number = 1; number < mostNames; number += 1) {
    const path = entryPath(folder, numberedName(name, number));
    try {
      const { O_CREAT, O_EXCL, O_WRONLY } = constants;
      const handle = await open(path, O_WRONLY | O_CREAT | O_EXCL);
      await handle.close();
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  throw new Fault('io_error', `${folder} holds ${mostNames} files of the same name; clear it out.`);
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Moves an entry into `done` below its folder, under a free name, and forces both to disk. Rejects as rename does. */
export async function moveToDone(folder: string, name: RawName): Promise<void> {
  const done = `${folder}/${doneName}`;
  try {
    await mkdir(done);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const target = await reserve(done, name);
  try {
    await rename(entryPath(folder, name), target);
  } catch (error) {
    await unlink(target);
    throw error;
  }
  await syncFolder(done);
  await syncFolder(folder);
}
