import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Archive } from '../../src/core/archive.js';
import { sampleDisc, sampleRetention } from '../core/samples.js';
import { day, hour, UpkeepRig } from './upkeep-rig.js';

const year = 365 * day;
const keepAYear = sampleRetention({ name: 'a year', keepFor: year });
const desired = {
  retention: [keepAYear],
  fixity: { reverifyEvery: 100 * day, throttle: null, pauseAboveLoad: null },
};

/** Twice the same disc, so that the older may go. */
const pair = async (rig: UpkeepRig): Promise<[Archive, Archive]> => {
  const disc = sampleDisc({ fingerprint: { structure: `pair ${rig.wall}`, samples: [] } });
  const old = await rig.add({ disc, finishedAt: rig.wall - 300 * day });
  // verified as it was made: of two that were not, the one read first would be the better
  return [old, await rig.add({ disc, verification: { kind: 'match', at: rig.wall } })];
};
const trashed = async (rig: UpkeepRig, { id }: Archive) => (await rig.archive(id))?.care?.trashed ?? null;

test('an image is kept for its time, lies in the trash for its time, and is then gone', async (t) => {
  const rig = await UpkeepRig.start(t, desired);
  const [old, young] = await pair(rig);
  await rig.live(64 * day);
  assert.equal(await trashed(rig, old), null);
  await rig.live(2 * day);
  assert.equal((await trashed(rig, old))?.rule, 'a year');
  assert.ok(await rig.exists(`.disk2iso/trash/${old.id}`));
  await rig.live(5 * day);
  assert.ok(await rig.exists(`.disk2iso/trash/${old.id}`));
  await rig.live(3 * day);
  assert.ok(!(await rig.exists(`.disk2iso/trash/${old.id}`)));
  assert.equal(await rig.archive(old.id), null);
  assert.equal((await rig.events('archive_purged')).length, 1);
  assert.ok(await rig.exists(young.path));
  await rig.live(2 * year, 10 * day);
  assert.ok(await rig.exists(young.path), 'the best copy stays');
});

test('ten years forward and back again within hours: nothing is deleted, nothing purged, no storm of readings', async (t) => {
  const rig = await UpkeepRig.start(t, desired);
  const [old, young] = await pair(rig);
  const [gone] = await pair(rig);
  for (let n = 0; n < 20; n += 1) await rig.add();
  await rig.settle();
  rig.wall += 66 * day;
  rig.ticks += 66 * day;
  await rig.settle();
  assert.notEqual(await trashed(rig, gone), null);
  const back = await rig.upkeep.restore(old.id);
  const before = rig.readings.length;
  rig.wall += 10 * year;
  await rig.live(5 * hour, hour / 2);
  await rig.restart();
  await rig.live(hour / 2, hour / 4);
  assert.ok(await rig.exists(`.disk2iso/trash/${gone.id}`), 'not even after a restart');
  rig.wall -= 10 * year;
  await rig.live(day, hour);
  assert.ok(rig.readings.length - before <= 1, `${rig.readings.length - before} readings`);
  assert.ok(await rig.exists(back.path));
  assert.ok(await rig.exists(young.path));
  assert.equal((await rig.events('archive_purged')).length, 0);
  const stamps = (await rig.books.catalog.archives({ limit: 99, offset: 0 })).items.map(
    (one) => one.verification?.at ?? 0,
  );
  assert.ok(Math.max(...stamps) <= rig.wall, 'nothing is dated ahead');
  await rig.live(8 * day);
  assert.equal((await rig.events('archive_purged')).length, 1, 'and its own time goes on');
});

test('a clock that stays ahead is believed, and when it is put right nothing starves', async (t) => {
  const rig = await UpkeepRig.start(t, desired);
  const [old] = await pair(rig);
  for (let n = 0; n < 8; n += 1) await rig.add();
  await rig.settle();
  rig.readings.length = 0;
  rig.wall += 10 * year;
  await rig.live(7 * hour, hour);
  assert.notEqual(await trashed(rig, old), null, 'ten years are over, for all that can be known');
  assert.equal(rig.readings.length, 9, 'each once');
  rig.wall -= 10 * year;
  await rig.live(5 * hour, hour);
  const { conditions } = rig.upkeep;
  assert.equal(conditions().find(({ subject }) => subject === 'retention')?.reason, 'clock_leapt');
  const [later] = await pair(rig);
  await rig.live(2 * hour, hour);
  assert.equal(conditions().find(({ subject }) => subject === 'retention')?.reason, 'ok');
  await rig.live(8 * day);
  assert.ok(await rig.exists(`.disk2iso/trash/${old.id}`), 'by the right time the rule keeps it still');
  await rig.live(70 * day);
  assert.ok(!(await rig.exists(`.disk2iso/trash/${old.id}`)), 'purged when its year is over, not in ten');
  assert.ok(!(await rig.exists(later.path)), 'what falls due later is seen');
  rig.readings.length = 0;
  await rig.live(110 * day);
  assert.ok(new Set(rig.readings.map(({ path }) => path)).size >= 10, 'each is read in its interval again');
});

test('a clock that is behind dates nothing: what would be trashed and purged waits', async (t) => {
  const rig = await UpkeepRig.start(t, desired);
  await rig.settle();
  rig.wall = 0;
  const [old] = await pair(rig);
  rig.configure({ retention: [{ ...keepAYear, keepFor: null, keepLast: 1 }] });
  await rig.live(3 * day);
  assert.equal(await trashed(rig, old), null, 'however long it stands: no station is so old');
  await rig.restart();
  await rig.live(day);
  assert.equal(await trashed(rig, old), null);
  rig.wall = Date.UTC(2026, 0, 10);
  await rig.live(8 * hour, hour);
  const found = await trashed(rig, old);
  assert.ok(found !== null && found.at > Date.UTC(2026, 0, 1), JSON.stringify(found));
});

test('an hour back and forth is nothing', async (t) => {
  const rig = await UpkeepRig.start(t, desired);
  const [old] = await pair(rig);
  await rig.settle();
  for (let n = 0; n < 6; n += 1) {
    rig.wall += n % 2 === 0 ? -hour : hour;
    await rig.live(12 * day);
  }
  assert.equal(await rig.archive(old.id), null, 'trashed and purged in time');
});

test('a station that runs four hours a day keeps up with the years', async (t) => {
  const rig = await UpkeepRig.start(t, desired);
  const [old] = await pair(rig);
  await rig.settle();
  for (let n = 0; n < 80; n += 1) {
    await rig.live(4 * hour, 2 * hour);
    await rig.restart(20 * hour);
  }
  assert.equal(await rig.archive(old.id), null);
});

test('off for a year, under a new file: what became due meanwhile is counted by the right time, and asked for', async (t) => {
  const rig = await UpkeepRig.start(t, { ...desired, trash: { keep: 7 * day, approveAbove: 1 } });
  const pairs = [await pair(rig), await pair(rig), await pair(rig)];
  rig.configure({ retention: [{ ...keepAYear, keepFor: 2 * year }], trash: { keep: 7 * day, approveAbove: 1 } });
  await rig.settle();
  rig.configure({ retention: [keepAYear], trash: { keep: 7 * day, approveAbove: 1 } });
  await rig.restart(year);
  await rig.live(10 * hour, hour);
  assert.equal((await rig.events('approval_needed')).length, 1);
  for (const [old] of pairs) assert.equal(await trashed(rig, old), null);
});
