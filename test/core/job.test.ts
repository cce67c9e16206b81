import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ArchiveId } from '../../src/core/ids.js';
import { type JobEvent, type JobEventKind, type JobState, type JobStateKind, step } from '../../src/core/job.js';
import { sampleArchive, sampleJob } from './samples.js';

const fault = { code: 'read_error', message: 'no', retry: 'later' } as const;
const verdict = { kind: 'complete' } as const;

const states: Readonly<Record<JobStateKind, JobState>> = {
  queued: { kind: 'queued' },
  imaging: { kind: 'imaging' },
  hashing: { kind: 'hashing', verdict },
  verifying: { kind: 'verifying', verdict, checksums: {} },
  archiving: { kind: 'archiving', archive: sampleArchive(), setback: null },
  paused: { kind: 'paused', reason: 'storage' },
  interrupted: { kind: 'interrupted', setback: { fault, retryAt: 0 } },
  completed: { kind: 'completed', verdict, archiveId: 'archive_1' as ArchiveId, finishedAt: 1 },
  failed: { kind: 'failed', fault, finishedAt: 1 },
  cancelled: { kind: 'cancelled', finishedAt: 1 },
};

const events: Readonly<Record<JobEventKind, JobEvent>> = {
  start: { kind: 'start', device: sampleJob(states.queued).device, medium: sampleJob(states.queued).medium },
  image_read: { kind: 'image_read', verdict, rescuedBytes: 5 },
  hashed: { kind: 'hashed', checksums: {} },
  archive: { kind: 'archive', archive: sampleArchive() },
  complete: { kind: 'complete', archiveId: 'archive_1' as ArchiveId },
  pause: { kind: 'pause', reason: 'user', rescuedBytes: null },
  resume: { kind: 'resume' },
  interrupt: { kind: 'interrupt', fault, retryAt: 9, rescuedBytes: null },
  cancel: { kind: 'cancel' },
  fail: { kind: 'fail', fault },
};

/** The table at the head of job.ts; a dash is "makes no sense here". */
const table = `
  state        start    image_read  hashed     archive    pause   resume  interrupt    cancel     fail    complete
  queued       imaging  -           -          -          paused  -       -            cancelled  failed  -
  imaging      -        hashing     -          -          paused  -       interrupted  cancelled  failed  -
  hashing      -        -           verifying  archiving  paused  -       interrupted  cancelled  failed  completed
  verifying    -        -           -          archiving  paused  -       interrupted  cancelled  failed  -
  archiving    -        -           -          archiving  -       -       archiving    -          failed  completed
  paused       -        -           -          -          paused  queued  -            cancelled  failed  -
  interrupted  imaging  -           -          -          paused  queued  interrupted  cancelled  failed  -
  completed    -        -           -          -          -       -       -            -          -       -
  failed       -        -           -          -          -       -       -            -          -       -
  cancelled    -        -           -          -          -       -       -            -          -       -
`;

const [head, ...rows] = table
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));

test('every state and every event stand in the table', () => {
  assert.deepEqual(head?.slice(1).sort(), Object.keys(events).sort());
  assert.deepEqual(rows.map((row) => row[0]).sort(), Object.keys(states).sort());
});

for (const [from, ...cells] of rows) {
  for (const [index, expected] of cells.entries()) {
    const kind = head?.[index + 1] as JobEventKind;
    test(`${from} + ${kind} → ${expected}`, () => {
      const before = sampleJob(states[from as JobStateKind]);
      const after = step(before, events[kind], 42);
      assert.equal(after?.state.kind ?? '-', expected);
      if (after !== null) assert.equal(after.updatedAt, 42);
    });
  }
}

test("a person's pause replaces the station's own, never the reverse", () => {
  const byUser = step(sampleJob(states.paused), { kind: 'pause', reason: 'user', rescuedBytes: null }, 1);
  assert.deepEqual(byUser?.state, { kind: 'paused', reason: 'user' });
  assert.equal(byUser && step(byUser, { kind: 'pause', reason: 'storage', rescuedBytes: null }, 2), null);
});

test('setbacks count interruptions without progress and start over with it', () => {
  const stuck = step(sampleJob(states.imaging, { setbacks: 3, rescuedBytes: 100 }), events.interrupt, 1);
  assert.equal(stuck?.setbacks, 4);
  const moved = step(
    sampleJob(states.imaging, { setbacks: 3, rescuedBytes: 100 }),
    { ...events.interrupt, rescuedBytes: 200 } as JobEvent,
    1,
  );
  assert.equal(moved?.setbacks, 1);
  assert.equal(moved?.rescuedBytes, 200);
});

test('a start moves the job to the drive that holds its disc now, and keeps when it first began', () => {
  const moved = step(
    sampleJob(states.interrupted, { startedAt: 7 }),
    { kind: 'start', device: 'other' as never, medium: 'other-1' as never },
    9,
  );
  assert.equal(moved?.device, 'other');
  assert.equal(moved?.medium, 'other-1');
  assert.equal(moved?.startedAt, 7);
});
