import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from './api-client.js';
import { archiveId, jobId, sampleArchive, sampleDevice, sampleJob } from './samples.js';
import { serve } from './serve.js';

test('the figures of the station', async (t) => {
  const { station, server } = await serve(t);
  station.deviceList = [sampleDevice('dvd'), sampleDevice('a"b\\c\n', { state: 'open' })];
  station.conditionList = [
    { subject: 'tools', type: 'Ready', status: false, reason: 'tool_missing', message: '', since: 1 },
  ];
  await station.records.commit({
    jobs: [sampleJob(1), sampleJob(2, { state: { kind: 'imaging' } }), sampleJob(3, { state: { kind: 'imaging' } })],
    archives: [sampleArchive(1)],
  });
  await station.happen({
    type: 'job_completed',
    jobId: jobId(1),
    name: 'x',
    archiveId: archiveId(1),
    path: 'x',
    verdict: { kind: 'complete' },
    seconds: 1,
    sizeBytes: 2048,
  });
  await ask(server, '/api/v1/jobs/job_1');
  const { headers, bytes } = await ask(server, '/metrics');
  assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/);
  const lines = bytes.toString().split('\n');
  for (const line of [
    'disk2iso_build_info{version="0.1.0"} 1',
    'disk2iso_ready 1',
    'disk2iso_jobs{status="queued"} 1',
    'disk2iso_jobs{status="running"} 2',
    'disk2iso_jobs{status="failed"} 0',
    'disk2iso_archives 1',
    'disk2iso_imaged_bytes_total 2048',
    'disk2iso_drive_state{device="dvd",state="loaded"} 1',
    'disk2iso_drive_state{device="dvd",state="open"} 0',
    'disk2iso_drive_state{device="a\\"b\\\\c\\n",state="open"} 1',
    'disk2iso_condition{subject="tools",type="Ready"} 0',
    'disk2iso_storage_total_bytes 1073741824000',
    'disk2iso_config_generation 3',
    'disk2iso_config_last_reload_successful 1',
    'disk2iso_config_last_reload_success_timestamp_seconds 1780000000',
    'disk2iso_http_request_duration_seconds_count{method="GET",route="/api/v1/jobs/:id",status="404"} 1',
  ]) {
    assert.ok(lines.includes(line), line);
  }
  assert.ok(lines.some((line) => line.startsWith('nodejs_eventloop_lag_seconds ')));
  assert.ok(lines.some((line) => line.startsWith('process_resident_memory_bytes ')));
  for (const line of lines) {
    assert.match(line, /^$|^# (HELP|TYPE) |^[a-z_0-9]+(\{.*\})? [-+0-9.e]+$|^[a-z_0-9]+ Nan$/, line);
  }
});

test('a figure that cannot be had is left out and counted, the others are given', async (t) => {
  const { station, server } = await serve(t);
  station.records.failure = new Error('disk on fire');
  station.storageReading = null;
  station.problems = ['bad'];
  const first = await ask(server, '/metrics');
  assert.equal(first.status, 200);
  const text = (await ask(server, '/metrics')).bytes.toString();
  assert.match(text, /^disk2iso_metrics_failures_total [1-9]/m);
  assert.match(text, /^disk2iso_config_last_reload_successful 0$/m);
  assert.doesNotMatch(text, /^disk2iso_(jobs|archives|storage_total_bytes)(\{| )/m);
});
