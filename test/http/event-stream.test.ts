import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { DomainEvent } from '../../src/core/event.js';
import { Fault } from '../../src/core/fault.js';
import { ask, until } from './api-client.js';
import type { FakeStation } from './fake-station.js';
import { archiveId, jobId, sampleArchive, sampleDevice, sampleJob } from './samples.js';
import { serve } from './serve.js';
import { SseReader } from './sse-reader.js';

const created = (n: number): DomainEvent => ({
  type: 'job_created',
  jobId: jobId(n),
  name: `DISC_${n}`,
  device: sampleDevice().id,
});

const happenJob = (station: FakeStation, n: number) => station.happen(created(n), { jobs: [sampleJob(n)] });

test('a snapshot first, then what changes it', async (t) => {
  const { station, server } = await serve(t);
  station.deviceList = [sampleDevice()];
  await happenJob(station, 1);
  const reader = await SseReader.open(server);
  const snapshot = await reader.next('snapshot');
  assert.equal(reader.received[0], snapshot);
  assert.deepEqual([snapshot.id, snapshot.data.seq, snapshot.data.jobs.length], ['1', 1, 1]);

  const running = sampleJob(1, { state: { kind: 'imaging' } });
  await station.happen(
    { type: 'job_changed', jobId: jobId(1), name: 'DISC_1', from: 'queued', to: 'imaging', reason: null },
    { jobs: [running] },
  );
  assert.equal((await reader.next('job')).data.phase, 'imaging');
  assert.equal((await reader.next('event')).id, '2');
  assert.equal((await reader.next('device', (one) => one.data.status === 'busy')).data.job_id, jobId(1));

  const live = {
    jobId: jobId(1),
    phase: 'imaging',
    doneBytes: 50,
    totalBytes: 100,
    badBytes: 0,
    readErrors: 0,
  } as const;
  station.measure({ ...live, speedBps: 5, etaSeconds: 10 });
  assert.deepEqual((await reader.next('job_progress')).data.progress, 50);

  const archive = sampleArchive(1);
  await station.happen(
    {
      type: 'job_completed',
      jobId: jobId(1),
      name: 'DISC_1',
      archiveId: archive.id,
      path: archive.path,
      verdict: { kind: 'complete' },
      seconds: 3,
      sizeBytes: archive.sizeBytes,
    },
    {
      jobs: [
        {
          ...running,
          state: { kind: 'completed', verdict: { kind: 'complete' }, archiveId: archiveId(1), finishedAt: 5 },
        },
      ],
      archives: [archive],
    },
  );
  assert.equal((await reader.next('archive')).data.id, archive.id);
  const completed = await reader.next('event', (one) => one.data.type === 'job_completed');
  assert.deepEqual([completed.data.level, completed.data.data.verdict, completed.id], ['info', 'complete', '3']);
  reader.close();
});

test('drives and conditions that change without an event are told, and drives that vanish', async (t) => {
  const { station, server } = await serve(t, { refreshMs: 20 });
  station.deviceList = [sampleDevice('a'), sampleDevice('b')];
  const reader = await SseReader.open(server);
  await reader.next('status');
  station.deviceList = [sampleDevice('a', { state: 'open', media: [] })];
  station.conditionList = [
    { subject: 'drive/b', type: 'Ready', status: false, reason: 'device_absent', message: 'gone', since: 1 },
  ];
  assert.equal((await reader.next('device', (one) => one.data.state === 'open')).data.id, 'a');
  assert.deepEqual((await reader.next('device_removed')).data, { id: 'b' });
  assert.equal((await reader.next('condition')).data.problem, true);
  reader.close();
});

test('a client that comes back goes on where it was', async (t) => {
  const { station, server } = await serve(t);
  for (let n = 1; n <= 3; n += 1) await happenJob(station, n);
  const first = await SseReader.open(server);
  const { id } = await first.next('snapshot');
  first.close();
  for (let n = 4; n <= 6; n += 1) await happenJob(station, n);
  const second = await SseReader.open(server, { 'last-event-id': String(id) });
  await second.next('status');
  assert.deepEqual(
    second.of('event').map((one) => one.id),
    ['4', '5', '6'],
  );
  assert.deepEqual(
    second.of('job').map((one) => one.data.id),
    [jobId(4), jobId(5), jobId(6)],
  );
  assert.equal(second.of('snapshot').length, 0);
  second.close();
});

test('events from before the server started are replayed out of the catalog', async (t) => {
  const { station, server } = await serve(t);
  await station.records.commit({ events: [created(1), created(2), created(3)] });
  const reader = await SseReader.open(server, { 'last-event-id': '1' });
  await reader.next('status');
  assert.deepEqual(
    reader.of('event').map((one) => one.id),
    ['2', '3'],
  );
  reader.close();
});

test('an id too old, of the future or not ours brings a fresh snapshot', async (t) => {
  const { station, server } = await serve(t);
  await station.records.commit({ events: Array.from({ length: 2000 }, (_, i) => created(i)) });
  await station.happen(created(2000));
  for (const id of ['3', '99999', 'abc', '-1', '18446744073709551616']) {
    const reader = await SseReader.open(server, { 'last-event-id': id });
    assert.equal((await reader.next('snapshot')).id, '2001', id);
    reader.close();
  }
});

test('what a client gets at first is never held against it', async (t) => {
  const { station, server } = await serve(t, { clientBudgetBytes: 50_000 });
  const jobs = Array.from({ length: 3000 }, (_, i) =>
    sampleJob(i + 1, { state: { kind: i === 2999 ? 'imaging' : 'queued' } }),
  );
  await station.records.commit({ jobs });
  for (let n = 1; n <= 400; n += 1) await station.happen(created(n));
  const fresh = await SseReader.open(server);
  const { data } = await fresh.next('snapshot');
  assert.deepEqual([data.jobs.length, data.open_jobs_total, data.jobs[0].id], [100, 3000, jobId(3000)]);
  const back = await SseReader.open(server, { 'last-event-id': '10' });
  await until(() => back.of('event').length === 390, 'all that was missed');
  await station.happen(created(401));
  await back.next('event', (one) => one.id === '401');
  await fresh.next('event', (one) => one.id === '401');
  fresh.close();
  back.close();
});

test('after a rebuild of the catalog everything is told anew', async (t) => {
  const { station, server } = await serve(t);
  const reader = await SseReader.open(server);
  await reader.next('snapshot');
  await station.happen({ type: 'catalog_rebuilt', archives: 1 }, { archives: [sampleArchive(1)] });
  await reader.next('snapshot', (one) => one.data.archives.length === 1);
  reader.close();
});

test('no event is lost or doubled for clients that join while much happens', async (t) => {
  const { station, server } = await serve(t);
  const readers: SseReader[] = [];
  for (let n = 1; n <= 200; n += 1) {
    await station.happen(created(n));
    if (n % 40 === 0) readers.push(await SseReader.open(server));
  }
  for (const reader of readers) {
    await until(() => reader.received.at(-1)?.id === '200', 'the last event');
    const { seq } = (await reader.next('snapshot')).data;
    const ids = reader.of('event').map((one) => Number(one.id));
    assert.deepEqual(
      ids,
      Array.from({ length: 200 - seq }, (_, i) => seq + 1 + i),
    );
    reader.close();
  }
});

test('text from discs cannot begin a field of its own', async (t) => {
  const { station, server } = await serve(t);
  const reader = await SseReader.open(server);
  await reader.next('snapshot');
  const name = 'a\nevent: job\ndata: {}\n\nid: 7\r\u2028: x';
  await station.happen({ ...created(1), name } as DomainEvent, { jobs: [sampleJob(1, { name })] });
  assert.equal((await reader.next('job')).data.name, name);
  assert.deepEqual([reader.of('job').length, (await reader.next('event')).id], [1, '1']);
  reader.close();
});

test('heartbeats come as comments', async (t) => {
  const { server } = await serve(t, { heartbeatMs: 10 });
  const reader = await SseReader.open(server);
  await until(() => reader.comments > 3, 'heartbeats');
  reader.close();
});

test('who does not read is dropped at the byte budget, the others get everything', async (t) => {
  const { station, server } = await serve(t, { clientBudgetBytes: 256 * 1024 });
  const { hostname, port } = new URL(server.address() ?? '');
  const slow = connect(Number(port), hostname);
  slow.on('error', () => undefined);
  t.after(() => slow.destroy());
  slow.write(`GET /api/v1/events HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  const fast = await SseReader.open(server);
  await fast.next('snapshot');
  // read enough to see that the stream has begun, then no more
  await new Promise((resolve) => slow.once('data', resolve));
  slow.pause();
  const padding = 'x'.repeat(4000);
  let told = 0;
  await until(
    async () => {
      for (let i = 0; i < 100; i += 1) {
        told += 1;
        await station.happen({ type: 'config_rejected', hash: 'h', problems: [padding] });
      }
      await until(() => fast.of('event').length === told, 'the fast client');
      return station.logged.some(({ message }) => message.includes('dropped'));
    },
    'the slow client to be dropped',
    20_000,
  );
  const ids = fast.of('event').map((one) => Number(one.id));
  assert.deepEqual(
    ids,
    Array.from({ length: told }, (_, i) => i + 1),
  );
  assert.match((await ask(server, '/metrics')).bytes.toString(), /disk2iso_event_stream_dropped_clients 1/);
  fast.close();
});

test('one client too many is refused, and a slot comes free when one leaves', async (t) => {
  const { server } = await serve(t, { maxClients: 2 });
  const readers = [await SseReader.open(server), await SseReader.open(server)];
  const refused = await ask(server, '/api/v1/events');
  assert.deepEqual([refused.status, refused.json.error.code], [503, 'too_many_clients']);
  readers[0]?.close();
  await until(async () => {
    const reader = await SseReader.open(server);
    const isOpen = reader.response.statusCode === 200;
    reader.close();
    return isOpen;
  }, 'a free slot');
  readers[1]?.close();
});

test('a snapshot that cannot be made is an error, and the slot comes free', async (t) => {
  const { station, server } = await serve(t, { maxClients: 1 });
  station.records.failure = new Fault('catalog_damaged', 'The catalog is damaged; rebuild it.');
  assert.equal((await ask(server, '/api/v1/events')).status, 503);
  station.records.failure = new Error('a bug');
  assert.equal((await ask(server, '/api/v1/events')).status, 500);
  station.records.failure = null;
  const again = await SseReader.open(server);
  await again.next('snapshot');
  again.close();
});

test('progress is told five times a second at most', async (t) => {
  const { station, server } = await serve(t);
  await station.records.commit({ jobs: [sampleJob(1, { state: { kind: 'imaging' } })] });
  const reader = await SseReader.open(server);
  await reader.next('snapshot');
  const live = { jobId: jobId(1), phase: 'imaging', totalBytes: 9999, badBytes: 0, readErrors: 0 } as const;
  for (let i = 0; i < 1000; i += 1) station.measure({ ...live, doneBytes: i, speedBps: null, etaSeconds: null });
  station.measure({ ...live, phase: 'hashing', doneBytes: 1, speedBps: null, etaSeconds: null });
  await reader.next('job_progress', (one) => one.data.phase === 'hashing');
  assert.ok(reader.of('job_progress').length < 10, `${reader.of('job_progress').length} messages`);
  reader.close();
});

test('stop ends the streams in good order and unsubscribes', async (t) => {
  const { station, server } = await serve(t, { graceMs: 120_000 });
  const reader = await SseReader.open(server);
  await reader.next('snapshot');
  const from = performance.now();
  await server.stop();
  await until(() => reader.ended, 'the end of the stream');
  assert.equal(reader.received.at(-1)?.event, 'closing');
  assert.ok(performance.now() - from < 60_000, 'did not wait for the grace to pass');
  assert.equal(station.listeners, 0);
});
