import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Archive } from '../../src/core/archive.js';
import type { StorageReading } from '../../src/core/storage.js';
import { sampleRetention } from '../core/samples.js';
import { day, hour, UpkeepRig } from './upkeep-rig.js';

const size = 64;
const total = 100_000_000;
const free = (availableBytes: number): StorageReading => ({
  totalBytes: total,
  usedBytes: total - availableBytes,
  availableBytes,
});
const wanted = 50_000_000;
const untilFree = sampleRetention({ keepUntilFree: { kind: 'bytes', bytes: wanted }, deletes: 'discs' });
const counts = async (rig: UpkeepRig, images: readonly Archive[]) => {
  const now = await Promise.all(images.map(({ id }) => rig.archive(id)));
  const trashed = now.filter((one) => one?.care?.trashed != null).length;
  const purged = now.filter((one) => one === null).length;
  return { trashed, purged };
};

/** Two images lack: the two oldest of six go to the trash, and their time there ends. */
async function twoInTrash(rig: UpkeepRig): Promise<Archive[]> {
  rig.storage = free(wanted - 2 * size);
  const images: Archive[] = [];
  for (let n = 0; n < 6; n += 1) {
    images.push(await rig.add({ path: `dvd/A${n}.iso`, finishedAt: rig.wall + n, sizeBytes: size }));
  }
  await rig.live(hour, hour);
  assert.deepEqual(await counts(rig, images), { trashed: 2, purged: 0 });
  return images;
}

const desired = { retention: [untilFree], trash: { keep: 7 * day, approveAbove: 10 } };

test('what was purged is free before anybody has looked: nothing more goes for it', async (t) => {
  const rig = await UpkeepRig.start(t, desired);
  const images = await twoInTrash(rig);
  await rig.live(7 * day + hour, day);
  assert.deepEqual(await counts(rig, images), { trashed: 0, purged: 2 });
  // looked at, but by one who had begun before the purge was over
  rig.storage = free(wanted - 2 * size);
  await rig.live(hour, hour);
  rig.storage = free(wanted);
  await rig.live(day, hour);
  assert.deepEqual(await counts(rig, images), { trashed: 0, purged: 2 });
  // and what is written then is seen again
  rig.storage = free(wanted - size);
  await rig.live(day, hour);
  assert.deepEqual(await counts(rig, images), { trashed: 1, purged: 2 });
});

test('of what lies in the trash for want of space no more is purged than lacks', async (t) => {
  const rig = await UpkeepRig.start(t, desired);
  const images = await twoInTrash(rig);
  rig.storage = free(wanted - size);
  await rig.live(7 * day + hour, day);
  assert.deepEqual(await counts(rig, images), { trashed: 1, purged: 1 });
});
