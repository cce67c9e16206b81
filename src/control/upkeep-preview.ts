import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Archive } from '../core/archive.js';
import type { Catalog } from '../core/catalog-ports.js';
import type { Desired } from '../core/desired.js';
import { createDueFinder } from '../core/due-for-deletion.js';
import { wantedChecksums } from '../core/duty.js';
import { lastVerified } from '../core/fixity.js';
import type { ArchiveId } from '../core/ids.js';
import type { PreviewList, UpkeepPreview } from '../core/station-ports.js';
import type { StorageReading } from '../core/storage.js';

const namesGiven = 1000;
const atOnce = 500;

/**
 * What the upkeep would do under another file, from a look at every archive: for a person who asks, not for passes.
 * Nothing is changed by it.
 */
export async function previewUpkeep(
  catalog: Catalog,
  desired: Desired,
  now: number,
  storage: StorageReading | null,
): Promise<UpkeepPreview> {
  const finder = createDueFinder(desired, now);
  const hash = createList();
  const reverify = createList();
  let cursor: ArchiveId | null = null;
  for (;;) {
    const piece: Archive[] = await catalog.duties.archivesAfter(cursor, atOnce);
    for (const archive of piece) {
      finder.add(archive);
      if (archive.care?.trashed != null || archive.verification?.kind === 'missing') continue;
      const { algorithms } = wantedChecksums(desired, archive);
      if (algorithms.some((name) => archive.checksums[name] === undefined)) hash.add(archive);
      if (desired.fixity !== null && lastVerified(archive) + desired.fixity.reverifyEvery <= now) reverify.add(archive);
    }
    cursor = piece.at(-1)?.id ?? null;
    if (piece.length < atOnce) break;
    await nextTurn();
  }
  const steps = finder.find(storage);
  let found = steps.next();
  for (; found.done !== true; found = steps.next()) await nextTurn();
  const first: Archive[] = [];
  for (const id of found.value.slice(0, namesGiven)) {
    const archive = await catalog.archive(id);
    if (archive !== null) first.push(archive);
  }
  return { hash: hash.list(), reverify: reverify.list(), delete: { count: found.value.length, first } };
}

function createList() {
  let count = 0;
  const first: Archive[] = [];
  return {
    add(archive: Archive): void {
      count += 1;
      if (first.length < namesGiven) first.push(archive);
    },
    list: (): PreviewList => ({ count, first }),
  };
}
