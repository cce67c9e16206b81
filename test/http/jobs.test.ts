import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobState } from '../../src/core/job.js';
import { ask } from './api-client.js';
import { archiveId, jobId, sampleArchive, sampleDevice, sampleDisc, sampleJob } from './samples.js';
import { serve } from './serve.js';

const fault = { code: 'read_error', message: 'The drive stopped answering; try another one.', retry: 'later' } as const;
const damaged = {
  kind: 'damaged',
  bad: [
    { start: 4096, length: 2048 },
    { start: 20480, length: 4096 },
  ],
  badBytes: 6144,
} as const;

test('every state has the words of the specification', async (t) => {
  const { station, server } = await serve(t);
  const cases: [JobState, object][] = [
    [{ kind: 'queued' }, { status: 'queued', phase: null, progress: 0, verdict: null, bad_ranges: null }],
    [{ kind: 'imaging' }, { status: 'running', phase: 'imaging', progress: null, speed_bps: null }],
    [
      { kind: 'hashing', verdict: damaged },
      { status: 'running', phase: 'hashing', verdict: 'damaged', bad_bytes: 6144, bad_range_count: 2 },
    ],
    [
      { kind: 'verifying', verdict: { kind: 'complete' }, checksums: {} },
      { status: 'running', phase: 'verifying', verdict: 'complete', bad_bytes: 0, bad_ranges: [] },
    ],
    [
      { kind: 'archiving', archive: sampleArchive(5), setback: { fault, retryAt: 1_780_000_000_000 } },
      {
        status: 'running',
        phase: 'archiving',
        output_file: `${station.config().desired.storage.library}/dvd/DISC_5.iso`,
        error: fault,
        retry_at: '2026-05-28T20:26:40.000Z',
      },
    ],
    [
      { kind: 'paused', reason: 'storage' },
      { status: 'paused', phase: null, pause_reason: 'storage' },
    ],
    [
      { kind: 'interrupted', setback: { fault, retryAt: 1_780_000_000_000 } },
      { status: 'interrupted', error: fault, retry_at: '2026-05-28T20:26:40.000Z' },
    ],
    [
      { kind: 'completed', verdict: { kind: 'complete' }, archiveId: archiveId(8), finishedAt: 1_780_000_000_000 },
      { status: 'completed', progress: 100, archive_id: archiveId(8), finished_at: '2026-05-28T20:26:40.000Z' },
    ],
    [
      { kind: 'failed', fault, finishedAt: 1 },
      { status: 'failed', error: fault, progress: 0 },
    ],
    [
      { kind: 'cancelled', finishedAt: 1 },
      { status: 'cancelled', error: null },
    ],
  ];
  for (const [i, [state, expected]] of cases.entries()) {
    await station.records.commit({ jobs: [sampleJob(i + 1, { state })] });
    const { status, json } = await ask(server, `/api/v1/jobs/${jobId(i + 1)}`);
    assert.equal(status, 200);
    assert.deepEqual({ ...json, ...expected }, json, state.kind);
  }
  const running = await ask(server, '/api/v1/jobs?status=running');
  assert.equal(running.json.total, 4, 'running covers all phases');
  const hashing = await ask(server, '/api/v1/jobs?status=hashing');
  assert.deepEqual([hashing.json.total, hashing.json.jobs[0].phase], [1, 'hashing']);
});

test('live figures are shown while a job runs, unknown ones as null', async (t) => {
  const { station, server } = await serve(t);
  station.deviceList = [sampleDevice()];
  const size = null;
  await station.records.commit({
    jobs: [sampleJob(1, { state: { kind: 'imaging' }, disc: sampleDisc('UNSIZED', size), rescuedBytes: 10 })],
  });
  const live = {
    jobId: jobId(1),
    phase: 'imaging',
    doneBytes: 459,
    totalBytes: 1000,
    badBytes: 7,
    readErrors: 2,
  } as const;
  station.measure({ ...live, speedBps: 2_400_000.4, etaSeconds: 262.6 });
  const { json } = await ask(server, `/api/v1/jobs/${jobId(1)}`);
  const { progress, speed_bps, eta_seconds, bad_bytes, read_errors, rescued_bytes, size_bytes, device } = json;
  assert.deepEqual(
    { progress, speed_bps, eta_seconds, bad_bytes, read_errors, rescued_bytes, size_bytes, device },
    {
      progress: 45,
      speed_bps: 2_400_000,
      eta_seconds: 263,
      bad_bytes: 7,
      read_errors: 2,
      rescued_bytes: 459,
      size_bytes: null,
      device: '/dev/sr0',
    },
  );
  station.measure({ ...live, totalBytes: null, speedBps: null, etaSeconds: null });
  station.deviceList = [];
  const unknown = (await ask(server, `/api/v1/jobs/${jobId(1)}`)).json;
  assert.deepEqual(
    [unknown.progress, unknown.speed_bps, unknown.eta_seconds, unknown.device],
    [null, null, null, null],
  );
  assert.equal(unknown.device_id, 'dvd');
});

test('pages and orders', async (t) => {
  const { station, server } = await serve(t);
  const jobs = Array.from({ length: 25 }, (_, i) =>
    sampleJob(i + 1, { name: `N${(i * 7) % 25}`.padEnd(4, '_'), updatedAt: 1_780_000_000_000 - i * 1000 }),
  );
  await station.records.commit({ jobs });
  const page = (await ask(server, '/api/v1/jobs?limit=3&offset=2')).json;
  assert.deepEqual([page.total, page.limit, page.offset], [25, 3, 2]);
  assert.deepEqual(
    page.jobs.map((job: { id: string }) => job.id),
    [jobId(23), jobId(22), jobId(21)],
  );
  const byName = (await ask(server, '/api/v1/jobs?sort=name&limit=500')).json.jobs.map(
    (job: { name: string }) => job.name,
  );
  assert.deepEqual(byName, [...byName].sort());
  assert.equal(byName.length, 25);
  const byUpdate = (await ask(server, '/api/v1/jobs?sort=updated&limit=2&offset=1')).json.jobs;
  assert.deepEqual(
    byUpdate.map((job: { id: string }) => job.id),
    [jobId(2), jobId(3)],
  );
  const beyond = (await ask(server, '/api/v1/jobs?offset=1000&sort=updated')).json;
  assert.deepEqual([beyond.jobs, beyond.total], [[], 25]);
});

test('lists carry the first 100 bad ranges, the job itself all', async (t) => {
  const { station, server } = await serve(t);
  const bad = Array.from({ length: 5000 }, (_, i) => ({ start: i * 4096, length: 2048 }));
  const verdict = { kind: 'damaged', bad, badBytes: 5000 * 2048 } as const;
  const state: JobState = { kind: 'completed', verdict, archiveId: archiveId(1), finishedAt: 1 };
  await station.records.commit({ jobs: [sampleJob(1, { state })], archives: [sampleArchive(1, { verdict })] });
  const listed = (await ask(server, '/api/v1/jobs')).json.jobs[0];
  assert.deepEqual([listed.bad_ranges.length, listed.bad_range_count, listed.bad_bytes], [100, 5000, 5000 * 2048]);
  assert.equal((await ask(server, `/api/v1/jobs/${jobId(1)}`)).json.bad_ranges.length, 5000);
  assert.equal((await ask(server, '/api/v1/archives')).json.archives[0].bad_ranges.length, 100);
  assert.equal((await ask(server, `/api/v1/archives/${archiveId(1)}`)).json.bad_ranges.length, 5000);
});

test('pause, resume and cancel go through the state machine', async (t) => {
  const { station, server } = await serve(t);
  await station.records.commit({ jobs: [sampleJob(1, { state: { kind: 'imaging' } })] });
  const path = `/api/v1/jobs/${jobId(1)}`;
  const act = (action: string) => ask(server, path, { method: 'PATCH', body: JSON.stringify({ action }) });
  assert.deepEqual([(await act('pause')).json.status, (await act('resume')).json.status], ['paused', 'queued']);
  assert.equal((await act('cancel')).json.status, 'cancelled');
  const late = await act('pause');
  assert.deepEqual([late.status, late.json.error.code], [409, 'state_conflict']);
});

test('what is wrong with a request is said, with the place', async (t) => {
  const { station, server } = await serve(t);
  await station.records.commit({ jobs: [sampleJob(1)] });
  const path = `/api/v1/jobs/${jobId(1)}`;
  const patch = (body: string | Buffer, type = 'application/json') =>
    ask(server, path, { method: 'PATCH', body, headers: { 'content-type': type } });

  const action = await patch('{"action":"explode"}');
  assert.equal(action.status, 400);
  assert.deepEqual(action.json.error.details, [
    { path: 'body.action', message: 'must be one of pause, resume, cancel' },
  ]);
  assert.deepEqual((await patch('{"action":"pause","force":true}')).json.error.details[0].message, 'has no "force"');
  assert.match((await patch('{')).json.error.message, /not JSON/);
  assert.match((await patch(Buffer.from([0x22, 0xff, 0x22]))).json.error.message, /not JSON in UTF-8/);
  assert.equal((await patch('')).status, 400);
  assert.equal((await patch('[]')).status, 400);
  assert.equal((await patch('{"action":"pause"}', 'text/plain')).status, 415);
  assert.equal((await patch('{"action":"pause"}', 'application/json; charset=utf-8')).status, 200);
  const large = `{"action":"${'x'.repeat(70_000)}"}`;
  assert.equal((await patch(large)).status, 413);
  const chunked = { 'transfer-encoding': 'chunked', 'content-type': 'application/json' };
  assert.equal((await ask(server, path, { method: 'PATCH', body: large, headers: chunked })).status, 413);

  const query = await ask(server, '/api/v1/jobs?limit=0&sort=size&colour=red&limit=9');
  assert.equal(query.status, 400);
  const places = query.json.error.details.map((detail: { path: string }) => detail.path).sort();
  assert.deepEqual(places, ['query', 'query.limit', 'query.sort']);
  assert.equal((await ask(server, '/api/v1/jobs?limit=1e9')).status, 400);
  assert.equal((await ask(server, '/api/v1/jobs?status=')).status, 400);

  for (const id of ['job_1', '..%2f..%2fetc', '%00', 'x'.repeat(3000), archiveId(1), jobId(2), '%E0%A4%A']) {
    const { status } = await ask(server, `/api/v1/jobs/${id}`);
    assert.ok(status === 404 || status === 400, `${id}: ${status}`);
  }
  const method = await ask(server, path, { method: 'DELETE' });
  assert.deepEqual([method.status, method.headers.allow], [405, 'GET, HEAD, PATCH']);
});

test('a damaged catalog is 503 with what to do, a bug is 500 and tells nothing', async (t) => {
  const { station, server } = await serve(t);
  station.catalogIsDamaged = true;
  const damagedCatalog = await ask(server, '/api/v1/jobs');
  assert.deepEqual([damagedCatalog.status, damagedCatalog.json.error.code], [503, 'catalog_damaged']);
  assert.match(damagedCatalog.json.error.message, /disk2iso catalog rebuild/);
  station.catalogIsDamaged = false;
  station.records.failure = new TypeError('secret inner detail');
  const bug = await ask(server, '/api/v1/jobs');
  assert.deepEqual([bug.status, bug.json.error.code], [500, 'internal']);
  assert.ok(!bug.bytes.includes('secret'));
  assert.ok(station.logged.some(({ level, fields }) => level === 'error' && 'err' in fields));
});
