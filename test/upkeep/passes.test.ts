import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Records } from '../../src/control/records.js';
import { Fault } from '../../src/core/fault.js';
import type { JobState } from '../../src/core/job.js';
import { newJob } from '../catalog/station-folders.js';
import { sampleDisc, sampleRetention, sampleSettings } from '../core/samples.js';
import { day, hour, UpkeepRig } from './upkeep-rig.js';

test('events go when they are old enough, and with them jobs that came to nothing; a job stays with its image', async (t) => {
  const rig = await UpkeepRig.start(t, { keepEventsFor: 30 * day });
  const { records, catalog } = rig.books;
  const archive = await rig.add();
  const ended = (state: JobState) => newJob(state, { updatedAt: rig.wall });
  const fault = { code: 'unreadable', message: 'no', retry: 'never' } as const;
  const failed = ended({ kind: 'failed', fault, finishedAt: rig.wall });
  const cancelled = ended({ kind: 'cancelled', finishedAt: rig.wall });
  const completed = ended({
    kind: 'completed',
    verdict: { kind: 'complete' },
    archiveId: archive.id,
    finishedAt: rig.wall,
  });
  const open = newJob({ kind: 'paused', reason: 'user' });
  await records.commit({ jobs: [failed, cancelled, completed, open] });
  for (let n = 0; n < 2500; n += 500) {
    await records.commit({ events: Array.from({ length: 500 }, () => ({ type: 'daemon_stopped' }) as const) });
  }
  await rig.live(29 * day, day);
  assert.equal((await rig.events('daemon_stopped')).length, 2500);
  assert.notEqual(await catalog.job(failed.id), null);
  await records.commit({ events: [{ type: 'daemon_started', version: '1' }] });
  await rig.live(2 * day, day);
  assert.equal((await rig.events('daemon_stopped')).length, 0);
  assert.equal((await rig.events('daemon_started')).length, 1);
  assert.deepEqual([await catalog.job(failed.id), await catalog.job(cancelled.id)], [null, null]);
  assert.notEqual(await catalog.job(completed.id), null);
  assert.notEqual(await catalog.job(open.id), null);
  assert.equal((await catalog.jobs('all', { limit: 10, offset: 0 })).total, 2);
  const [first] = await catalog.events(0, 1);
  await rig.restart();
  assert.deepEqual((await rig.books.catalog.events(0, 1))[0], first, 'over a restart too');
});

test('events of a clock that was ahead go with those after them', async (t) => {
  const rig = await UpkeepRig.start(t, { keepEventsFor: 30 * day });
  await rig.settle();
  rig.wall += 3650 * day;
  await rig.books.records.commit({ events: [{ type: 'daemon_started', version: 'ahead' }] });
  rig.wall -= 3650 * day;
  await rig.books.records.commit({ events: [{ type: 'daemon_stopped' }] });
  await rig.live(20 * day, day);
  await rig.books.records.commit({ events: [{ type: 'daemon_started', version: 'later' }] });
  await rig.live(12 * day, day);
  assert.deepEqual(
    (await rig.books.catalog.events(0, 9)).map(({ event }) => event),
    [{ type: 'daemon_started', version: 'later' }],
  );
});

test('files of nobody are told when they come and when they go, once each, and never touched', async (t) => {
  const rig = await UpkeepRig.start(t);
  const { path } = await rig.add({ path: 'dvd/OURS.iso' });
  const strays = async () =>
    (await rig.events('strays_found')).map(({ event }) => (event.type === 'strays_found' ? event.names : []));
  await rig.live(3 * day);
  assert.deepEqual(await strays(), []);
  await mkdir(join(rig.library, 'more'));
  for (let n = 0; n < 450; n += 1) await writeFile(join(rig.library, 'more', `${n}.txt`), '');
  await rig.restart();
  // one pass looks at some of them; the walk of before is not waited for
  assert.equal(await rig.upkeep.pass(), 0);
  await rig.restart();
  await rig.settle();
  assert.equal((await strays()).length, 1);
  assert.equal(rig.upkeep.status().strays?.count, 450);
  await rig.live(2 * day);
  assert.equal((await strays()).length, 1, 'told once');
  await rig.restart();
  await rig.live(2 * day);
  assert.equal((await strays()).length, 1, 'not again after a restart');
  await rm(join(rig.library, 'more', '7.txt'));
  await rig.live(25 * hour);
  assert.equal((await strays()).length, 2);
  await rm(join(rig.library, 'more'), { recursive: true });
  await rig.live(25 * hour);
  assert.deepEqual((await strays()).at(-1), []);
  assert.equal(
    rig.upkeep.conditions().find(({ subject }) => subject === 'strays'),
    undefined,
  );
  assert.ok(await rig.exists(path));
});

test('min_age: the rule takes over when the time has come, with no change of the file', async (t) => {
  const retention = [sampleRetention({ name: 'when old', keepLast: 1 }, { minAge: 50 * day })];
  const rig = await UpkeepRig.start(t, { retention });
  const disc = sampleDisc();
  const [old, young] = [await rig.add({ disc }), await rig.add({ disc, finishedAt: rig.wall + hour })];
  await rig.live(49 * day);
  assert.equal(await rig.books.catalog.duties.nthNewest(0, 1), null, 'no rule decides yet');
  await rig.live(2 * day);
  assert.equal((await rig.archive(old.id))?.care?.trashed?.rule, 'when old');
  assert.equal((await rig.archive(young.id))?.care ?? null, null);
});

const trash = { keep: 7 * day, approveAbove: 1 };
const oneOfEach = [sampleRetention({ keepLast: 1 })];
const many = async (rig: UpkeepRig) => {
  const disc = sampleDisc();
  for (let n = 0; n < 4; n += 1) await rig.add({ disc, finishedAt: rig.wall + n });
};
const asked = async (rig: UpkeepRig) => (await rig.events('approval_needed')).length;
const inTrash = (rig: UpkeepRig) => rig.books.catalog.duties.count('trashed', 100);

test('approval is for what would be deleted: another change of the file asks for no other', async (t) => {
  const rig = await UpkeepRig.start(t, { retention: [sampleRetention({ keepLast: 9 })], trash });
  await many(rig);
  await rig.settle();
  rig.configure({ retention: oneOfEach, trash });
  const { generation } = rig.config;
  await rig.settle();
  assert.equal(await asked(rig), 1);
  const defaults = { ...sampleSettings, checksums: ['sha256', 'sha512'] as const };
  rig.configure({ retention: oneOfEach, trash, defaults });
  await rig.restart();
  await rig.settle();
  assert.equal(await asked(rig), 1, 'it is the same question');
  assert.deepEqual(rig.upkeep.status().waiting, { generation, count: 3 });
  await rig.upkeep.approve(generation);
  rig.configure({ retention: oneOfEach, trash, drives: [] });
  await rig.settle();
  assert.equal(await asked(rig), 1, 'and answered');
  assert.equal(await inTrash(rig), 3);
});

test('a higher limit answers the question as well', async (t) => {
  const rig = await UpkeepRig.start(t, { retention: oneOfEach, trash });
  await many(rig);
  await rig.settle();
  assert.equal(rig.upkeep.status().waiting?.count, 3);
  rig.configure({ retention: oneOfEach, trash: { ...trash, approveAbove: 3 } });
  await rig.settle();
  assert.equal(rig.upkeep.status().waiting, null);
  assert.equal(await inTrash(rig), 3);
});

test('a crash between the survey and the count of what is due lets nothing through', async (t) => {
  const rig = await UpkeepRig.start(t, { retention: [sampleRetention({ keepLast: 9 })], trash });
  await many(rig);
  await rig.settle();
  rig.configure({ retention: oneOfEach, trash });
  const { records } = rig.books;
  const dying: Records = {
    ...records,
    async commit(change) {
      await records.commit(change);
      if (change.survey?.done) throw new Fault('io_error', 'killed');
    },
  };
  rig.books = { ...rig.books, records: dying };
  await assert.rejects(rig.settle(), { message: 'killed' });
  await rig.restart();
  await rig.settle();
  assert.equal(await asked(rig), 1);
  assert.equal(await inTrash(rig), 0);
});

test('one that cannot be purged is in nobody’s way', async (t) => {
  const rig = await UpkeepRig.start(t, { retention: oneOfEach, trash: { keep: day, approveAbove: 10 } });
  await many(rig);
  await rig.settle();
  const [first] = await rig.books.catalog.duties.trashed(1);
  const { purge } = rig.files;
  rig.files.purge = (archive) =>
    archive.id === first?.id ? Promise.reject(new Fault('io_error', 'its folder is stuck')) : purge(archive);
  await rig.live(2 * day);
  assert.equal(await inTrash(rig), 1);
  rig.files.purge = purge;
  await rig.live(2 * hour, hour);
  assert.equal(await inTrash(rig), 0);
});
