import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainSubject } from '../../src/control/explain-subject.js';
import type { Desired } from '../../src/core/desired.js';
import { newJob } from '../catalog/station-folders.js';
import { sampleInsertion, sampleRetention, sampleRule } from '../core/samples.js';
import { day, hour, UpkeepRig } from '../upkeep/upkeep-rig.js';

async function explained(rig: UpkeepRig, subject: string, more: Partial<Desired> = {}) {
  const config = { ...rig.config, desired: { ...rig.config.desired, ...more } };
  const seen = { now: rig.upkeep.now(), storage: rig.storage, trashBytes: 0, deletions: rig.upkeep.deletionsSeen() };
  const [first] = await explainSubject(rig.books, config, subject, seen);
  assert.ok(first !== undefined);
  return first;
}

test('explain tells what is suspended of what a disc or a job waits for', async (t) => {
  const rig = await UpkeepRig.start(t);
  const job = newJob({ kind: 'queued' }, { rule: 'films' });
  await rig.books.records.commit({
    jobs: [job],
    insertions: [sampleInsertion({ outcome: { kind: 'job', jobId: job.id } })],
  });
  const rules = [sampleRule({ name: 'films' })];
  assert.deepEqual((await explained(rig, 'top', { rules })).holds, []);
  const top = { name: 'top', source: { kind: 'optical', device: '/dev/sr0' }, suspend: true } as const;
  const all = { suspend: true, drives: [top], rules: [sampleRule({ name: 'films', suspend: true })] };
  const said = [
    'The station is suspended: nothing new is begun.',
    'Drive top is suspended: nothing new is begun there.',
    'Rule films is suspended: no job of it starts.',
  ];
  assert.deepEqual((await explained(rig, 'top', all)).holds, said);
  assert.deepEqual((await explained(rig, job.id, all)).holds, said);
  // the rule that decides today is another one, but the job waits for its own
  const today = [sampleRule({ name: 'new' }), sampleRule({ name: 'films', suspend: true })];
  assert.deepEqual((await explained(rig, job.id, { rules: today })).holds, [said[2]]);
  const done = newJob({ kind: 'cancelled', finishedAt: 1 }, { rule: 'films' });
  await rig.books.records.commit({ jobs: [done] });
  assert.deepEqual((await explained(rig, done.id, all)).holds, [], 'what has ended waits for nothing');
});

test('a drive that is suspended is told where no disc of it was looked at', async (t) => {
  const rig = await UpkeepRig.start(t);
  const top = { name: 'top', source: { kind: 'optical', device: '/dev/sr0' }, suspend: true } as const;
  await assert.rejects(explained(rig, 'top', { drives: [top] }), { message: /Drive top is suspended/ });
});

test('explain tells what the deletion of an image waits for', async (t) => {
  const trash = { keep: 7 * day, approveAbove: 1 };
  const retention = (keepLast: number) => [sampleRetention({ name: 'few', keepLast, deletes: 'discs' })];
  const rig = await UpkeepRig.start(t, { retention: retention(9), trash });
  const oldest = await rig.add({ path: 'dvd/A.iso' });
  for (let n = 1; n < 4; n += 1) await rig.add({ path: `dvd/A${n}.iso`, finishedAt: rig.wall + n });
  await rig.live(hour, hour);
  const reason = async (more: Partial<Desired> = {}) => (await explained(rig, oldest.id, more)).retention?.reason ?? '';

  rig.configure({ retention: retention(3), trash });
  while ((await rig.upkeep.pass()) === 0);
  assert.match(
    await reason(),
    /due to go to the trash, once what the file says .* five minutes or `disk2iso approve 3`/,
  );
  rig.configure({ retention: retention(1), trash });
  await rig.live(hour, hour);
  assert.match(await reason(), /due to go to the trash, once `disk2iso approve 4` allows it\.$/);
  assert.match(await reason({ suspend: true }), /once the station is suspended no longer, and `disk2iso approve 4`/);
  assert.match((await explained(rig, oldest.id, { suspend: true })).holds.join(), /not read again and not deleted/);

  await rig.upkeep.approve(rig.config.generation);
  await rig.live(hour, hour);
  assert.equal(await reason(), 'It lies in the trash.');
  rig.wall -= 30 * day;
  assert.match(await reason(), /^It lies in the trash\. It is not deleted for good until the clock, /);
});
