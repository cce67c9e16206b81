import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition } from '../../src/core/condition.js';
import type { ConfigProblem } from '../../src/core/config-problem.js';
import type { Insertion } from '../../src/core/drive.js';
import { Fault } from '../../src/core/fault.js';
import { mediumKey } from '../../src/core/ids.js';
import { ask } from './api-client.js';
import { archiveId, jobId, sampleDevice, sampleDisc, sampleJob } from './samples.js';
import { serve } from './serve.js';

const condition = (change: Partial<Condition>): Condition => ({
  subject: 'storage',
  type: 'Ready',
  status: true,
  reason: 'ok',
  message: '',
  since: 1_780_000_000_000,
  ...change,
});

test('devices in the words of the specification, with what was decided of their discs', async (t) => {
  const { station, server } = await serve(t);
  const fault = { code: 'device_absent', message: 'The drive does not answer.', retry: 'later' } as const;
  station.deviceList = [
    sampleDevice('dvd'),
    sampleDevice('bd', { path: '/dev/sr1', state: 'faulty', media: [], fault }),
    sampleDevice('box', { kind: 'folder', path: '/srv/drop', vendor: null, model: null, serial: null }),
  ];
  const insertion: Insertion = {
    device: sampleDevice('dvd').id,
    key: mediumKey('sr0-1'),
    seenAt: 1,
    name: null,
    disc: sampleDisc('HOLIDAY'),
    outcome: { kind: 'job', jobId: jobId(1) },
    eject: { kind: 'pending', policy: 'always' },
  };
  station.insertionList = [insertion];
  await station.records.commit({ jobs: [sampleJob(1, { state: { kind: 'imaging' } })] });
  const { devices } = (await ask(server, '/api/v1/devices')).json;
  const [dvd, bd, box] = devices;
  assert.deepEqual(
    [dvd.path, dvd.vendor, dvd.status, dvd.has_media, dvd.media_type, dvd.media_size_bytes, dvd.job_id],
    ['/dev/sr0', 'ASUS', 'busy', true, 'dvd', 4_700_000_256, jobId(1)],
  );
  assert.deepEqual([dvd.media[0].label, dvd.media[0].outcome.kind, dvd.media[0].eject], ['HOLIDAY', 'job', 'pending']);
  assert.deepEqual([bd.status, bd.has_media, bd.media_type, bd.error], ['faulty', false, null, fault]);
  assert.deepEqual([box.kind, box.status, box.media[0].outcome], ['folder', 'idle', null]);

  const outcomes: Insertion['outcome'][] = [
    { kind: 'waiting', jobId: jobId(1) },
    { kind: 'duplicate', archiveId: archiveId(1) },
    { kind: 'ignored', rule: 'no music' },
    { kind: 'unsupported', fault: { ...fault, code: 'disc_unsupported', retry: 'never' } },
    { kind: 'unidentified', fault, attempt: 2, retryAt: null },
  ];
  for (const outcome of outcomes) {
    station.insertionList = [{ ...insertion, outcome }];
    const medium = (await ask(server, '/api/v1/devices')).json.devices[0].media[0];
    assert.equal(medium.outcome.kind, outcome.kind);
  }
  station.catalogIsDamaged = true;
  assert.equal((await ask(server, '/api/v1/devices')).json.devices.length, 3, 'drives are shown without a catalog');
});

test('status: healthy, degraded, not ready', async (t) => {
  const { station, server } = await serve(t);
  const status = async () => (await ask(server, '/api/v1/system/status')).json;
  station.conditionList = [condition({}), condition({ subject: 'drive/a', status: false, reason: 'suspended' })];
  const healthy = await status();
  assert.deepEqual(
    [healthy.status, healthy.version, healthy.uptime_seconds, healthy.services],
    ['healthy', '0.1.0', 86_400, { storage: 'ok', 'drive/a': 'suspended' }],
  );
  assert.deepEqual([healthy.resources.cpu_percent, healthy.config.generation], [12.5, 3]);
  assert.deepEqual([healthy.storage.level, healthy.config.last_reload_successful], ['ok', true]);

  const stalled = condition({ subject: 'catalog', type: 'Stalled', reason: 'rebuild_needed' });
  station.conditionList = [
    condition({}),
    stalled,
    condition({ subject: 'tools', status: false, reason: 'tool_missing' }),
  ];
  const degraded = await status();
  assert.equal(degraded.status, 'degraded');
  assert.deepEqual(degraded.services, { catalog: 'rebuild_needed', tools: 'tool_missing', storage: 'ok' });
  assert.deepEqual(
    degraded.conditions.map((one: { problem: boolean }) => one.problem),
    [true, true, false],
  );

  station.conditionList = [];
  station.problems = ['config.yaml:3:5: unknown key "colour"'];
  const invalid = await status();
  assert.deepEqual([invalid.status, invalid.config.last_reload_successful], ['degraded', false]);
  assert.deepEqual(invalid.config.problems, station.problems);

  station.isReady = false;
  station.storageReading = null;
  station.systemReading = { cpuPercent: null, memoryUsedBytes: null, memoryTotalBytes: null, loadAverage: null };
  const unknown = await status();
  assert.equal(unknown.status, 'not_ready');
  assert.ok(Object.values(unknown.resources).every((value) => value === null));
  assert.deepEqual([unknown.storage.used_percent, unknown.storage.level], [null, null]);
});

test('health says the process answers, readiness whether discs can be imaged', async (t) => {
  const { station, server } = await serve(t);
  assert.deepEqual([(await ask(server, '/healthz')).status, (await ask(server, '/readyz')).status], [200, 200]);
  station.isReady = false;
  station.conditionList = [condition({}), condition({ subject: 'tools', status: false, reason: 'tool_missing' })];
  const { status, json } = await ask(server, '/readyz');
  assert.deepEqual([status, json.ready, json.conditions.length, json.conditions[0].subject], [503, false, 1, 'tools']);
  assert.equal((await ask(server, '/healthz')).status, 200);
});

test('the log: newest first, by level, since a time', async (t) => {
  const { station, server } = await serve(t);
  const begin = station.now;
  for (let i = 0; i < 300; i += 1) {
    station.now = begin + i * 1000;
    const isRare = i % 100 === 0;
    await station.happen(isRare ? { type: 'config_rejected', hash: 'h', problems: ['p'] } : { type: 'daemon_stopped' });
  }
  const seqs = async (query: string): Promise<number[]> =>
    (await ask(server, `/api/v1/logs${query}`)).json.events.map((one: { seq: number }) => one.seq);
  assert.deepEqual(await seqs('?limit=3'), [300, 299, 298]);
  assert.equal((await seqs('')).length, 100);
  assert.deepEqual(await seqs('?level=error&limit=10'), [201, 101, 1]);
  assert.deepEqual(await seqs(`?since=${new Date(begin + 298_000).toISOString()}`), [300, 299]);
  assert.deepEqual(await seqs(`?level=warning&since=${new Date(begin + 150_000).toISOString()}`), [201]);
  for (const query of ['?since=yesterday', '?level=loud', '?limit=1001', '?since=2026-01-01']) {
    assert.equal((await ask(server, `/api/v1/logs${query}`)).status, 400, query);
  }
});

test('a rebuild of the catalog', async (t) => {
  const { station, server } = await serve(t);
  const rebuild = () => ask(server, '/api/v1/system/catalog/rebuild', { method: 'POST' });
  station.catalogIsDamaged = true;
  const problems = Array.from({ length: 1001 }, (_, n) => `${n}.iso.json: no manifest`);
  station.rebuildWith = async () => ({ archives: 42, leftOut: 1001, problems });
  assert.deepEqual((await rebuild()).json, { archives: 42, left_out: 1001, problems: problems.slice(0, 1000) });
  station.rebuildWith = async () => {
    throw new Fault('state_conflict', 'A rebuild runs already.');
  };
  assert.equal((await rebuild()).status, 409);
});

test('a reload answers with its outcome, a wake with nothing', async (t) => {
  const { station, server } = await serve(t);
  const reload = () => ask(server, '/-/reload', { method: 'POST' });
  assert.deepEqual([(await reload()).status, (await reload()).json.outcome], [200, 'unchanged']);
  const problem: ConfigProblem = {
    severity: 'error',
    code: 'unknown_key',
    file: '/etc/c.yaml',
    line: 3,
    column: 5,
    path: 'colour',
    message: 'Unknown key "colour".',
    did_you_mean: 'color',
    excerpt: 'colour: red',
  };
  station.reloadsTo = { kind: 'rejected', generation: 3, hash: 'h', problems: [problem] };
  const refused = await reload();
  assert.deepEqual([refused.status, refused.json.problems], [422, [problem]]);
  assert.equal((await ask(server, '/-/wake', { method: 'POST' })).status, 204);
  assert.equal(station.wakes, 1);
});

test('an approval names its generation', async (t) => {
  const { server } = await serve(t);
  const headers = { 'content-type': 'application/json' };
  const approve = (body: object) =>
    ask(server, '/api/v1/system/config/approve', { method: 'POST', headers, body: JSON.stringify(body) });
  assert.deepEqual((await approve({ generation: 3 })).json, { generation: 3, archives: 0 });
  assert.equal((await approve({})).status, 400);
});

test('every endpoint has schemas that exist, and unknown query parameters are refused everywhere', async (t) => {
  const { server } = await serve(t);
  const json = server.routes.filter((route) => typeof route.answers === 'object' && route.method === 'get');
  assert.ok(json.length >= 9);
  for (const route of json) {
    const path = route.path.replace(':id', 'x');
    assert.equal((await ask(server, `${path}?surely_unknown=1`)).status, 400, path);
  }
});
