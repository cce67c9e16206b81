import { constants } from 'node:fs';
import { copyFile, type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Archive, careOf } from '../core/archive.js';
import type { Algorithm } from '../core/checksum.js';
import { Fault } from '../core/fault.js';
import type { WorkFolder } from '../core/imaging-ports.js';
import type { StopSignal } from '../core/ports.js';
import { type Area, formatRescueMap } from '../core/rescue-map.js';
import { createHasher } from './hashing.js';
import { isMissing, syncFolder, syncLargeFile, writeDurably } from './library-files.js';
import { checkpointFile, resolveInside } from './library-layout.js';

const pieceBytes = 4 * 1024 * 1024;

/**
 * Begins a rescue with what an earlier, damaged archive has. What that could not read counts as untried: another
 * drive, or a cleaned disc, gets the whole of ddrescue's phases. The checkpoint is written last, so after a crash
 * in between this is done anew.
 *
 * Throws Fault cancelled where it is stopped; what was copied until then is begun anew.
 *
 * @returns false where the archive's image is gone, has nothing to give, or is not what its checksums say
 */
export async function seedWork(library: string, work: WorkFolder, from: Archive, stop: StopSignal): Promise<boolean> {
  const areas = seededAreas(from);
  // its path may be another's by now
  if (areas === null || careOf(from).trashed !== null) return false;
  const seed = `${work.image}.seed`;
  if (!(await copyImage(resolveInside(library, from.path), seed, stop))) return false;
  await syncLargeFile(seed);
  if (!(await isIntact(seed, from, stop))) {
    await rm(seed, { force: true });
    return false;
  }
  await rename(seed, work.image);
  await syncFolder(dirname(work.image));
  await writeDurably(checkpointFile(work), formatRescueMap({ phase: '?', areas }));
  return true;
}

function seededAreas({ verdict, sizeBytes }: Archive): Area[] | null {
  if (verdict.kind !== 'damaged' && verdict.kind !== 'protected') return null;
  const areas: Area[] = [];
  let next = 0;
  const add = (end: number, status: Area['status']) => {
    if (end > next) areas.push({ start: next, length: end - next, status });
    next = Math.max(next, end);
  };
  for (const { start, length } of verdict.bad) {
    add(start, '+');
    add(start + length, '?');
  }
  add(sizeBytes, '+');
  return areas;
}

/** What the disk has spoilt since would be passed on as good under new checksums. */
async function isIntact(seed: string, { checksums }: Archive, stop: StopSignal): Promise<boolean> {
  const [name] = Object.keys(checksums) as Algorithm[];
  if (name === undefined) return true;
  try {
    const found = await createHasher().fromStorage(seed, [name], () => undefined, stop);
    return found[name] === checksums[name];
  } catch (error) {
    if (error instanceof Fault && !stop.aborted) return false;
    throw error;
  }
}

/** Shares the blocks where the filesystem can; otherwise in pieces, so that no thread is held for long. */
async function copyImage(source: string, target: string, stop: StopSignal): Promise<boolean> {
  await rm(target, { force: true });
  try {
    await copyFile(source, target, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    await rm(target, { force: true });
  }
  const from = await open(source, 'r');
  try {
    const to = await open(target, 'wx', 0o644);
    try {
      await copyPieces(from, to, stop);
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
  return true;
}

async function copyPieces(from: FileHandle, to: FileHandle, stop: StopSignal): Promise<void> {
  const buffer = Buffer.alloc(pieceBytes);
  const zeros = Buffer.alloc(pieceBytes);
  let at = 0;
  for (;;) {
    if (stop.aborted) throw new Fault('cancelled', 'The copy of the earlier image was stopped.');
    const { bytesRead } = await from.read(buffer, 0, pieceBytes, at);
    if (bytesRead === 0) break;
    // Unread stretches stay holes.
    const empty = buffer.subarray(0, bytesRead).equals(zeros.subarray(0, bytesRead));
    for (let done = 0; done < bytesRead && !empty; ) {
      done += (await to.write(buffer, done, bytesRead - done, at + done)).bytesWritten;
    }
    at += bytesRead;
  }
  await to.truncate(at);
}
