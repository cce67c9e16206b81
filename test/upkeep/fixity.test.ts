import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createHasher } from '../../src/adapters/hashing.js';
import type { FixitySpec } from '../../src/core/fixity.js';
import { sampleSettings } from '../core/samples.js';
import { day, hour, UpkeepRig } from './upkeep-rig.js';

const fixity = (over: Partial<FixitySpec> = {}): { fixity: FixitySpec } => ({
  fixity: { reverifyEvery: 90 * day, throttle: null, pauseAboveLoad: null, ...over },
});

test('what was imported on one day is read evenly over the whole interval, and again over the next', async (t) => {
  const rig = await UpkeepRig.start(t, fixity());
  for (let n = 0; n < 30; n += 1) await rig.add();
  await rig.live(180 * day, 12 * hour);
  const perTen = Array.from({ length: 18 }, (_, tenDays) => {
    const from = Date.UTC(2026, 0, 1) + tenDays * 10 * day;
    return rig.readings.filter(({ at }) => at > from && at <= from + 10 * day).length;
  });
  for (const [index, count] of perTen.entries()) assert.ok(count >= 2 && count <= 5, `ten days ${index}: ${perTen}`);
  assert.equal(new Set(rig.readings.map(({ path }) => path)).size, 30);
  const { duties } = rig.books.catalog;
  assert.equal(await duties.count('verified', 100, rig.wall - 90 * day), 0, 'none is overdue');
});

test('those overdue are read one after another, the one of longest ago first, at the pace the file says', async (t) => {
  const rig = await UpkeepRig.start(t, fixity({ throttle: 50_000_000 }));
  const ages = [120, 200, 100, 300];
  for (const age of ages) await rig.add({ path: `dvd/${age}.iso`, finishedAt: rig.wall - age * day });
  await rig.settle();
  assert.deepEqual(
    rig.readings.map(({ path }) => path),
    ['dvd/300.iso', 'dvd/200.iso', 'dvd/120.iso', 'dvd/100.iso'],
  );
  for (const { pace } of rig.readings) assert.deepEqual(pace, { bytesPerSecond: 50_000_000 });
  assert.equal((await rig.events('archive_verified')).length, 4);
});

test('the throttle holds: so many bytes take at least so long', async (t) => {
  const rig = await UpkeepRig.start(t);
  const path = join(rig.library, 'throttled');
  await writeFile(path, Buffer.alloc(2_000_000));
  const from = performance.now();
  const pace = { bytesPerSecond: 4_000_000 };
  await createHasher().fromStorage(path, ['md5'], () => undefined, new AbortController().signal, pace);
  assert.ok(performance.now() - from >= 400, `2 MB at 4 MB/s took ${performance.now() - from} ms`);
});

test('above the load nothing is begun and what runs is given up; it goes on when the load has fallen', async (t) => {
  const rig = await UpkeepRig.start(t, fixity({ pauseAboveLoad: 2 }));
  const { id } = await rig.add({ finishedAt: rig.wall - 100 * day });
  rig.load = 2.5;
  await rig.settle();
  assert.equal(rig.readings.length, 0);
  rig.load = 1.9;
  rig.held = true;
  await rig.settle();
  assert.equal(rig.upkeep.status().reading, id);
  // its own reading counts for one
  rig.load = 2.9;
  await rig.settle();
  assert.equal(rig.upkeep.status().reading, id);
  rig.load = 3.1;
  await rig.stopped();
  assert.equal(rig.upkeep.status().reading, null);
  assert.equal((await rig.archive(id))?.verification, null);
  rig.load = 0.5;
  rig.held = false;
  await rig.settle();
  assert.equal((await rig.archive(id))?.verification?.kind, 'match');
});

test('a disc ends a reading that was taken in its turn, and when the disc is done it is taken up again at once', async (t) => {
  const rig = await UpkeepRig.start(t, fixity());
  const archives = [await rig.add(), await rig.add()];
  await rig.settle();
  rig.held = true;
  await rig.live(46 * day, 46 * day);
  assert.equal(rig.upkeep.status().reading, archives[0]?.id);
  rig.discsWait = true;
  await rig.stopped();
  rig.held = false;
  assert.equal(rig.upkeep.status().reading, null);
  await rig.live(2 * day);
  assert.equal(rig.readings.length, 1, 'nothing is read beside a disc');
  rig.discsWait = false;
  await rig.settle();
  assert.deepEqual(
    rig.readings.map(({ path }) => path),
    [archives[0]?.path, archives[0]?.path],
  );
  assert.equal((await rig.archive(archives[0]?.id as never))?.verification?.kind, 'match');
  await rig.restart();
  await rig.settle();
  assert.equal(rig.readings.length, 2, 'a restart begins no new round');
});

test('an image whose disk gives read errors is told, counts as damaged, and a later good reading clears it', async (t) => {
  const rig = await UpkeepRig.start(t, fixity());
  const archive = await rig.add({ finishedAt: rig.wall - 100 * day });
  rig.lost.add(join(rig.library, archive.path));
  await rig.settle();
  const [told] = await rig.events('archive_corrupt');
  assert.deepEqual(told?.event, {
    type: 'archive_corrupt',
    archiveId: archive.id,
    path: archive.path,
    reason: 'unreadable',
  });
  assert.equal((await rig.archive(archive.id))?.verification?.kind, 'unreadable');
  assert.equal(rig.upkeep.conditions().find(({ subject }) => subject === 'fixity')?.reason, 'archives_corrupt');
  rig.lost.clear();
  assert.equal((await rig.upkeep.verify(archive.id)).kind, 'match');
  await rig.settle();
  assert.equal(rig.upkeep.conditions().find(({ subject }) => subject === 'fixity')?.status, true);
});

test('a disk that has died makes some events, not one for each image at once', async (t) => {
  const rig = await UpkeepRig.start(t, fixity());
  for (let n = 0; n < 60; n += 1) {
    const { path } = await rig.add({ finishedAt: rig.wall - 100 * day });
    rig.lost.add(join(rig.library, path));
  }
  await rig.live(hour, 60_000);
  const inAnHour = (await rig.events('archive_corrupt')).length;
  assert.ok(inAnHour >= 4 && inAnHour <= 10, `${inAnHour} in an hour`);
  await rig.live(60 * hour, hour / 2);
  assert.equal(new Set(rig.readings.map(({ path }) => path)).size, 60, 'each gets its turn');
});

test('an image without checksums is not said to be right', async (t) => {
  const rig = await UpkeepRig.start(t);
  const { id } = await rig.add({ checksums: {} });
  await assert.rejects(rig.upkeep.verify(id), { code: 'bad_request' });
  assert.equal((await rig.archive(id))?.verification ?? null, null);
});

test('an image without checksums, which nothing can be compared with, keeps no other from being read', async (t) => {
  const rig = await UpkeepRig.start(t, { ...fixity(), defaults: { ...sampleSettings, checksums: [] } });
  const bare = await rig.add({ checksums: {}, finishedAt: rig.wall - 300 * day });
  const ahead = await rig.add({ checksums: {}, finishedAt: rig.wall + 300 * day });
  const other = await rig.add({ finishedAt: rig.wall - 200 * day });
  await rig.settle();
  assert.deepEqual(
    rig.readings.map(({ path }) => path),
    [other.path],
  );
  assert.equal(rig.upkeep.status().toReverify, 0);
  for (const { id } of [bare, ahead]) assert.equal((await rig.archive(id))?.verification ?? null, null);
});
