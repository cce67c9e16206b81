import { constants } from 'node:fs';
import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { Archive } from '../core/archive.js';
import { sectorBytes } from '../core/disc.js';
import type { ResumePoint, WorkFolder } from '../core/imaging-ports.js';
import type { StopSignal } from '../core/ports.js';
import {
  type Area,
  formatRescueMap,
  parseRescueMap,
  prefixMap,
  type RescueMap,
  rangesWithout,
  rescuedPrefix,
} from '../core/rescue-map.js';
import { isMissing, syncLargeFile, writeDurably } from './library-files.js';
import { bootFile, checkpointFile } from './library-layout.js';
import { seedWork } from './library-seed.js';

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

/** The map over the whole medium, claiming nothing that the image is too short to hold; null for a torn one. */
function fitMap(text: string | null, imageBytes: number, mediumBytes: number): RescueMap | null {
  const map = text === null ? null : parseRescueMap(text);
  if (map === null) return null;
  const held = Math.min(mediumBytes, imageBytes >= mediumBytes ? mediumBytes : imageBytes - (imageBytes % sectorBytes));
  const areas: Area[] = [];
  const add = (start: number, end: number, status: Area['status']) => {
    if (end <= start) return;
    const last = areas.at(-1);
    if (last?.status === status) areas[areas.length - 1] = { ...last, length: end - last.start };
    else areas.push({ start, length: end - start, status });
  };
  add(0, Math.min(map.areas[0]?.start ?? mediumBytes, mediumBytes), '?');
  for (const area of map.areas) {
    const end = Math.min(area.start + area.length, mediumBytes);
    if (area.status !== '+') add(area.start, end, area.status);
    else {
      add(area.start, Math.min(end, held), '+');
      add(Math.max(area.start, held), end, '?');
    }
  }
  const last = areas.at(-1);
  add(last === undefined ? 0 : last.start + last.length, mediumBytes, '?');
  return { phase: map.phase, areas };
}

/** True for a map that knows nothing more than one without any area would. */
const isBlank = (map: RescueMap): boolean => map.areas.every((area) => area.status === '?');
const isPrefix = (map: RescueMap): boolean =>
  map.areas.every((area, index) => area.status === '?' || (area.status === '+' && index === 0));

/** Whether `map` claims all that `part` does. */
function covers(map: RescueMap, part: RescueMap, mediumBytes: number): boolean {
  const holes = rangesWithout(map, '+', mediumBytes);
  return part.areas.every(
    (area) =>
      area.status !== '+' ||
      !holes.some((hole) => hole.start < area.start + area.length && area.start < hole.start + hole.length),
  );
}

async function withImage(work: WorkFolder, task: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(work.image, constants.O_RDWR | constants.O_CREAT, 0o644);
  try {
    await task(file);
  } finally {
    await file.close();
  }
}

/** Makes the image as long as the map says, so that in a sweep its length is the rescued prefix, and writes the map. */
async function settle(work: WorkFolder, map: RescueMap, mediumBytes: number): Promise<void> {
  const checkpoint = parseRescueMap((await readText(checkpointFile(work))) ?? '');
  if (checkpoint === null || !covers(map, checkpoint, mediumBytes)) {
    // It would be believed after the next power cut, about data that is about to be cut off.
    await rm(checkpointFile(work), { force: true });
  }
  const length = isPrefix(map) ? rescuedPrefix(map) : Math.min(await sizeOf(work.image), mediumBytes);
  await withImage(work, (file) => file.truncate(length));
  await writeDurably(work.map, formatRescueMap(map));
}

/** What the kernel calls this boot; it changes with each. */
async function currentBoot(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

/**
 * ddrescue's map can be ahead of the disk. As long as the system has not gone down since, that is harmless: the
 * image's data is in the page cache, whatever became of the processes. After another boot only the checkpoint counts.
 */
export async function prepareResume(
  library: string,
  work: WorkFolder,
  mediumBytes: number,
  continues: Archive | null,
  stop: StopSignal,
): Promise<ResumePoint> {
  const boot = await currentBoot();
  const sameBoot = (await readText(bootFile(work)))?.trim() === boot;
  const imageBytes = await sizeOf(work.image);
  const live = sameBoot ? fitMap(await readText(work.map), imageBytes, mediumBytes) : null;
  let point: ResumePoint;
  if (live !== null && !isBlank(live)) point = { map: live, from: 'live' };
  else {
    const kept = fitMap(await readText(checkpointFile(work)), imageBytes, mediumBytes);
    if (kept !== null && !isBlank(kept)) point = { map: kept, from: 'checkpoint' };
    else if (continues !== null && (await seedWork(library, work, continues, stop))) {
      const seeded = fitMap(await readText(checkpointFile(work)), await sizeOf(work.image), mediumBytes);
      point = { map: seeded ?? prefixMap(0, mediumBytes), from: 'continued' };
    } else point = { map: prefixMap(0, mediumBytes), from: 'nothing' };
  }
  await settle(work, point.map, mediumBytes);
  // Last: from here on the live map is believed.
  if (!sameBoot) await writeDurably(bootFile(work), `${boot}\n`);
  return point;
}

/** ddrescue rewrites its map in place, so one look may meet a half-written one. */
async function readLiveMap(work: WorkFolder): Promise<string | null> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const text = await readText(work.map);
    if (text === null) return null;
    if (parseRescueMap(text) !== null) return text;
    await wait(20);
  }
  return null;
}

/** First the map is read, then the image forced to disk, then the map kept: it claims nothing that came later. */
export async function checkpoint(work: WorkFolder, mediumBytes: number): Promise<void> {
  const imageBytes = await sizeOf(work.image);
  const map = fitMap(await readLiveMap(work), imageBytes, mediumBytes);
  if (map === null || isBlank(map)) return;
  await syncLargeFile(work.image);
  await writeDurably(checkpointFile(work), formatRescueMap(map));
}

/** The map before a run, kept in memory: should this process die, nobody can say any more what the run read. */
export class RunMarks {
  readonly #maps = new Map<string, string | null>();

  async mark(work: WorkFolder): Promise<void> {
    this.#maps.set(work.folder, await readText(work.map));
  }

  forget(work: WorkFolder): void {
    this.#maps.delete(work.folder);
  }

  async revert(work: WorkFolder): Promise<void> {
    const map = parseRescueMap(this.#maps.get(work.folder) ?? '');
    const last = map?.areas.at(-1);
    const mediumBytes = last === undefined ? 0 : last.start + last.length;
    if (map === null) {
      await rm(checkpointFile(work), { force: true });
      await rm(work.map, { force: true });
      await withImage(work, (file) => file.truncate(0));
      return;
    }
    await settle(work, map, mediumBytes);
    await clearHoles(work, map, mediumBytes);
    await checkpoint(work, mediumBytes);
  }
}

/** What was not rescued reads as zeros again, in case nothing else can ever be read there. */
async function clearHoles(work: WorkFolder, map: RescueMap, mediumBytes: number): Promise<void> {
  const zeros = Buffer.alloc(1024 * 1024);
  await withImage(work, async (file) => {
    const { size } = await file.stat();
    for (const { start, length } of rangesWithout(map, '+', mediumBytes)) {
      const end = Math.min(start + length, size);
      if (end === size && start < size) await file.truncate(start);
      else {
        for (let at = start; at < end; ) {
          at += (await file.write(zeros, 0, Math.min(zeros.length, end - at), at)).bytesWritten;
        }
      }
    }
  });
}
