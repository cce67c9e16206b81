import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { RetentionRule } from '../../src/core/retention-rule.js';
import { sampleRetention } from '../core/samples.js';
import { day, hour, settleMs, UpkeepRig } from './upkeep-rig.js';

const trash = { keep: 7 * day, approveAbove: 2 };
const keep = (keepLast: number): RetentionRule => sampleRetention({ keepLast, deletes: 'discs' });
const inTrash = (rig: UpkeepRig) => rig.books.catalog.duties.count('trashed', 100);
const asked = async (rig: UpkeepRig) =>
  (await rig.events('approval_needed')).map(({ event }) => (event.type === 'approval_needed' ? event.archives : null));

async function withImages(t: TestContext, count: number, retention: readonly RetentionRule[] = [keep(100)]) {
  const rig = await UpkeepRig.start(t, { retention, trash });
  for (let n = 0; n < count; n += 1) await rig.add({ path: `dvd/A${n}.iso`, finishedAt: rig.wall + n });
  await rig.live(day);
  return rig;
}

/** Passes by the clock that counts on, the file being what it is. */
async function passes(rig: UpkeepRig, span: number): Promise<void> {
  for (let gone = 0; gone < span; gone += settleMs / 5) {
    rig.wall += settleMs / 5;
    rig.ticks += settleMs / 5;
    while ((await rig.upkeep.pass()) === 0);
  }
}

test('what a changed file says of deletions is done once it has stood for five minutes', async (t) => {
  const rig = await withImages(t, 5);
  rig.configure({ retention: [keep(4)], trash });
  await passes(rig, settleMs);
  assert.equal(await inTrash(rig), 0);
  const retention = () => rig.upkeep.conditions().find(({ subject }) => subject === 'retention');
  assert.match(retention()?.message ?? '', /five minutes/);
  // half written once more: its time begins anew
  rig.configure({ retention: [keep(3)], trash });
  await passes(rig, settleMs / 5);
  rig.configure({ retention: [keep(4)], trash });
  await passes(rig, settleMs);
  assert.equal(await inTrash(rig), 0);
  await rig.restart();
  await passes(rig, settleMs);
  assert.equal(await inTrash(rig), 0, 'over a restart too');
  await passes(rig, settleMs / 5);
  assert.equal(await inTrash(rig), 1);
  assert.doesNotMatch(retention()?.message ?? '', /five minutes/);
  // a file that stands needs no time after a restart
  await rig.add({ path: 'dvd/B.iso', finishedAt: rig.wall });
  await rig.restart();
  await passes(rig, settleMs / 5);
  assert.equal(await inTrash(rig), 2);
});

test('nothing is purged by a file that has not stood for long enough', async (t) => {
  const rig = await withImages(t, 3, [keep(2)]);
  assert.equal(await inTrash(rig), 1);
  rig.configure({ retention: [], trash });
  await rig.live(9 * day);
  rig.configure({ retention: [keep(2)], trash });
  await passes(rig, settleMs);
  assert.equal(await inTrash(rig), 1);
  await passes(rig, settleMs / 5);
  assert.equal(await inTrash(rig), 0);
});

test('approve lets a file delete before it has stood; of more than need nobody it tells first', async (t) => {
  const rig = await withImages(t, 5);
  rig.configure({ retention: [keep(4)], trash });
  await passes(rig, settleMs / 5);
  await assert.rejects(rig.upkeep.approve(rig.config.generation - 1), { code: 'state_conflict' });
  assert.deepEqual(await rig.upkeep.approve(rig.config.generation), { archives: 1 });
  await passes(rig, settleMs / 5);
  assert.equal(await inTrash(rig), 1);
  await assert.rejects(rig.upkeep.approve(rig.config.generation), { message: /No deletion waits/ });
});

test('what waits is counted again; approve answers what it is now, and refuses more than was told', async (t) => {
  const rig = await withImages(t, 10, [keep(8)]);
  rig.configure({ retention: [keep(5)], trash });
  await rig.settle();
  assert.deepEqual(await asked(rig), [3]);
  for (let n = 0; n < 4; n += 1) await rig.add({ path: `dvd/B${n}.iso`, finishedAt: rig.wall + n });
  await passes(rig, settleMs);
  const { generation } = rig.config;
  await assert.rejects(rig.upkeep.approve(generation), { message: /7 images would be deleted now/ });
  assert.deepEqual(await asked(rig), [3, 7]);
  const [first, second] = (await rig.books.catalog.archives({ limit: 20, offset: 0 })).items.toReversed().slice(2);
  for (const one of [first, second]) if (one) await rig.upkeep.annotate(one.id, { pinned: true });
  await passes(rig, settleMs / 5);
  assert.deepEqual(await rig.upkeep.approve(generation), { archives: 5 });
  await rig.live(hour, hour);
  assert.equal(await inTrash(rig), 2 + 5);
});

test('the limit of the file is held against what waits now, not against what was told once', async (t) => {
  const rig = await withImages(t, 10, [keep(8)]);
  rig.configure({ retention: [keep(5)], trash });
  await rig.settle();
  assert.deepEqual(await asked(rig), [3]);
  for (let n = 0; n < 4; n += 1) await rig.add({ path: `dvd/B${n}.iso`, finishedAt: rig.wall + n });
  await rig.live(2 * hour, hour);
  assert.deepEqual([await asked(rig), rig.upkeep.status().waiting?.count], [[3, 7], 7], 'told with no one asking');
  for (let n = 0; n < 2; n += 1) await rig.add({ path: `dvd/C${n}.iso`, finishedAt: rig.wall + n });
  rig.configure({ retention: [keep(5)], trash: { ...trash, approveAbove: 8 } });
  await rig.live(hour / 2, hour / 2);
  assert.equal(await inTrash(rig), 2);
  assert.deepEqual((await asked(rig)).at(-1), 9);
});

test('nothing is counted while it is not known how full the library is', async (t) => {
  const rig = await withImages(t, 6);
  rig.storage = null;
  const keepUntilFree = { kind: 'bytes', bytes: 95_000_000 } as const;
  rig.configure({ retention: [sampleRetention({ keepUntilFree, deletes: 'discs' })], trash });
  await rig.live(hour, hour);
  rig.storage = { totalBytes: 100_000_000, usedBytes: 10_000_000, availableBytes: 90_000_000 };
  await rig.live(hour, hour);
  assert.equal(await inTrash(rig), 0);
  assert.deepEqual(await asked(rig), [5]);
});
