import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobFilter } from '../../src/core/catalog-ports.js';
import type { StoredEvent } from '../../src/core/event.js';
import { Fault, recordFault } from '../../src/core/fault.js';
import type { Job, JobState } from '../../src/core/job.js';
import type { OutboxEntry } from '../../src/core/notification.js';
import { sampleDisc, sampleInsertion } from '../core/samples.js';
import { newArchive, newJob, stationFolders } from './station-folders.js';

const entryOf = (event: StoredEvent, dueAt: number, target = 'mail'): OutboxEntry => ({
  id: `${event.seq}-${target}`,
  target,
  topic: 'job_failed',
  event,
  attempt: 0,
  dueAt,
  lastError: null,
});

const setback = { fault: recordFault(new Fault('read_error', 'Dirty.', { retry: 'later' })), retryAt: 5 };
const everyState: JobState[] = [
  { kind: 'queued' },
  { kind: 'imaging' },
  { kind: 'hashing', verdict: { kind: 'complete' } },
  { kind: 'verifying', verdict: { kind: 'damaged', bad: [{ start: 0, length: 2048 }], badBytes: 2048 }, checksums: {} },
  { kind: 'archiving', archive: newArchive(), setback: null },
  { kind: 'paused', reason: 'user' },
  { kind: 'interrupted', setback },
  { kind: 'completed', verdict: { kind: 'complete' }, archiveId: newArchive().id, finishedAt: 3 },
  { kind: 'failed', fault: setback.fault, finishedAt: 3 },
  { kind: 'cancelled', finishedAt: 3 },
];

test('a job in every state is read back as it was, after a restart too', async (t) => {
  const { open } = await stationFolders(t);
  const jobs = everyState.map((state) => newJob(state));
  const catalog = await open();
  await catalog.commit({ jobs });
  for (const job of jobs) assert.deepEqual(await catalog.job(job.id), job);
  await catalog.close();
  const again = await open();
  for (const job of jobs) assert.deepEqual(await again.job(job.id), job);
  await again.close();
});

test('jobs come newest first, by status, with totals that follow every change', async (t) => {
  const { open } = await stationFolders(t);
  const catalog = await open();
  const jobs = [...everyState, ...everyState].map((state) => newJob(state));
  await catalog.commit({ jobs });
  const check = async (current: readonly Job[]) => {
    const newest = [...current].reverse();
    const active = ['imaging', 'hashing', 'verifying', 'archiving'];
    const wanted: Record<JobFilter, Job[]> = {
      all: newest,
      running: newest.filter((job) => active.includes(job.state.kind)),
      queued: newest.filter((job) => job.state.kind === 'queued'),
      paused: newest.filter((job) => job.state.kind === 'paused'),
      interrupted: newest.filter((job) => job.state.kind === 'interrupted'),
      completed: newest.filter((job) => job.state.kind === 'completed'),
      failed: newest.filter((job) => job.state.kind === 'failed'),
      cancelled: newest.filter((job) => job.state.kind === 'cancelled'),
    };
    for (const [filter, expected] of Object.entries(wanted)) {
      const whole = await catalog.jobs(filter as JobFilter, { limit: 100, offset: 0 });
      assert.deepEqual(whole, { items: expected, total: expected.length }, filter);
      const page = await catalog.jobs(filter as JobFilter, { limit: 2, offset: 1 });
      assert.deepEqual(page, { items: expected.slice(1, 3), total: expected.length }, filter);
    }
  };
  await check(jobs);
  const finished = jobs.map((job) => ({ ...job, state: { kind: 'cancelled', finishedAt: 9 } as const }));
  await catalog.commit({ jobs: finished });
  await check(finished);
  assert.deepEqual(await catalog.openJobs(), []);
  assert.deepEqual(await catalog.jobs('all', { limit: 5, offset: 1000 }), { items: [], total: jobs.length });
  await catalog.close();
});

test('open jobs are those that are not final', async (t) => {
  const { open } = await stationFolders(t);
  const catalog = await open();
  const jobs = everyState.map((state) => newJob(state));
  await catalog.commit({ jobs });
  const ids = (await catalog.openJobs()).map((job) => job.id);
  assert.deepEqual(
    ids,
    jobs.filter((job) => !['completed', 'failed', 'cancelled'].includes(job.state.kind)).map((job) => job.id),
  );
  await catalog.close();
});

test('archives are found by id, path and structure', async (t) => {
  const { open } = await stationFolders(t);
  const catalog = await open();
  const disc = sampleDisc({ fingerprint: { structure: 'same', samples: [] } });
  const other = sampleDisc({ fingerprint: { structure: 'same!', samples: [] } });
  const archives = [newArchive({ disc }), newArchive({ disc: other }), newArchive({ disc })];
  await catalog.commit({ archives });
  const [first, , third] = archives;
  assert.ok(first && third);
  assert.deepEqual(await catalog.archivesByStructure('same'), [first, third]);
  assert.deepEqual(await catalog.archivesByStructure('sam'), []);
  assert.deepEqual(await catalog.archivesByPath(third.path), [third]);
  assert.deepEqual(await catalog.archivesByPath('dvd'), []);
  assert.deepEqual(await catalog.archives({ limit: 2, offset: 0 }), { items: archives.slice(1).reverse(), total: 3 });
  const moved = { ...third, path: 'cd/other.iso', supersededBy: first.id };
  await catalog.commit({ archives: [moved] });
  assert.deepEqual(await catalog.archivesByPath(third.path), []);
  assert.deepEqual(await catalog.archivesByPath('cd/other.iso'), [moved]);
  assert.equal((await catalog.archives({ limit: 0, offset: 0 })).total, 3);
  await catalog.close();
});

test('insertions are kept by device and key until they are forgotten', async (t) => {
  const { open } = await stationFolders(t);
  const catalog = await open();
  const insertion = sampleInsertion({ name: 'odd "name"\n!\u0000.iso' });
  await catalog.commit({ insertions: [insertion] });
  await catalog.commit({ insertions: [{ ...insertion, eject: { kind: 'done', at: 5 } }] });
  assert.deepEqual(await catalog.insertions(), [{ ...insertion, eject: { kind: 'done', at: 5 } }]);
  await catalog.commit({ forget: [insertion] });
  assert.deepEqual(await catalog.insertions(), []);
  await catalog.close();
});

test('events are numbered without gaps in the order of commits, over restarts too', async (t) => {
  const seen: StoredEvent[] = [];
  const { open } = await stationFolders(t, { onCommitted: (events) => void seen.push(...events) });
  let catalog = await open();
  const commits = Array.from({ length: 20 }, (_, i) =>
    catalog.commit({ events: [{ type: 'storage_ok', usedPercent: i }, { type: 'daemon_stopped' }] }),
  );
  const stored = (await Promise.all(commits)).flat();
  assert.deepEqual(
    stored.map((one) => one.seq),
    Array.from({ length: 40 }, (_, i) => i + 1),
  );
  assert.deepEqual(seen, stored);
  await catalog.close();
  catalog = await open();
  const [next] = await catalog.commit({ events: [{ type: 'daemon_stopped' }] });
  assert.equal(next?.seq, 41);
  assert.deepEqual(await catalog.events(38, 2), stored.slice(38));
  assert.deepEqual(
    (await catalog.latestEvents(3)).map((one) => one.seq),
    [41, 40, 39],
  );
  await catalog.close();
});

test('only the latest events are kept', async (t) => {
  const { open } = await stationFolders(t, { keepEvents: 100 });
  const catalog = await open();
  for (let i = 0; i < 30; i += 1) {
    await catalog.commit({ events: Array.from({ length: 100 }, () => ({ type: 'daemon_stopped' as const })) });
  }
  const left = await catalog.events(0, 10_000);
  assert.ok(left.length >= 100 && left.length < 1200, String(left.length));
  assert.equal(left.at(-1)?.seq, 3000);
  await catalog.close();
});

test('outbox entries come with their events, in the order they fall due', async (t) => {
  const due = [300, 100, 200];
  const { open } = await stationFolders(t, {
    outboxFor: (stored) => (stored.event.type === 'daemon_stopped' ? [entryOf(stored, due[stored.seq - 1] ?? 0)] : []),
  });
  const catalog = await open();
  await catalog.commit({
    events: [{ type: 'daemon_stopped' }, { type: 'daemon_stopped' }, { type: 'daemon_stopped' }],
  });
  assert.equal(await catalog.nextOutboxDue(), 100);
  assert.deepEqual(
    (await catalog.outboxDue(200, 10)).map((entry) => entry.dueAt),
    [100, 200],
  );
  const [first] = await catalog.outboxDue(200, 1);
  assert.ok(first);
  await catalog.commit({ outbox: [{ ...first, attempt: 1, dueAt: 999, lastError: 'refused' }] });
  assert.deepEqual(
    (await catalog.outboxDue(1000, 10)).map((entry) => entry.dueAt),
    [200, 300, 999],
  );
  await catalog.commit({ delivered: (await catalog.outboxDue(1000, 10)).map((entry) => entry.id) });
  assert.equal(await catalog.nextOutboxDue(), null);
  assert.deepEqual(await catalog.outboxDue(1e15, 10), []);
  await catalog.close();
});

test('a commit whose outbox function fails changes nothing, and the next one works', async (t) => {
  const { open } = await stationFolders(t, {
    outboxFor: (stored) => {
      if (stored.event.type === 'daemon_stopped') throw new Error('a bug');
      return [];
    },
  });
  const catalog = await open();
  const job = newJob();
  await assert.rejects(catalog.commit({ jobs: [job], events: [{ type: 'daemon_stopped' }] }), /a bug/);
  assert.equal(await catalog.job(job.id), null);
  const [event] = await catalog.commit({ jobs: [job], events: [{ type: 'storage_ok', usedPercent: 1 }] });
  assert.equal(event?.seq, 1);
  assert.equal((await catalog.jobs('all', { limit: 1, offset: 0 })).total, 1);
  await catalog.close();
});

test('a listener that fails is logged, and the commit stands', async (t) => {
  const { open, log } = await stationFolders(t, {
    onCommitted: () => {
      throw new Error('a bug');
    },
  });
  const catalog = await open();
  assert.equal((await catalog.commit({ events: [{ type: 'daemon_stopped' }] })).length, 1);
  assert.deepEqual(
    log.lines.map((line) => line.level),
    ['error'],
  );
  await catalog.close();
});
