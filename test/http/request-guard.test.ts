import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { ask } from './api-client.js';
import { jobId, sampleJob } from './samples.js';
import { serve } from './serve.js';

test('only the names of this station are answered to', async (t) => {
  const { station, server } = await serve(t);
  station.setApi({ allowedHosts: ['archive.home', 'Proxy.example:8443'] });
  const statusFor = async (host: string) => (await ask(server, '/api/v1/devices', { headers: { host } })).status;
  for (const host of ['127.0.0.1', '127.0.0.1:80', 'localhost', 'LOCALHOST:1', '[::1]', '[::1]:9', 'archive.home']) {
    assert.equal(await statusFor(host), 200, host);
  }
  for (const host of ['archive.home:8080', 'proxy.example:8443']) assert.equal(await statusFor(host), 200, host);
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'proxy.example',
    '192.168.1.2',
  ]) {
    assert.equal(await statusFor(host), 421, host);
  }
  for (const host of ['a b', 'localhost:80:80', 'x@localhost', '[::1', 'localhost/']) {
    assert.equal(await statusFor(host), 421, host);
  }
  const refused = await ask(server, '/', { headers: { host: 'evil.example' } });
  assert.match(refused.json.error.message, /"evil\.example".*api\.allowed_hosts/);
});

test('a request without Host is refused on the port', async (t) => {
  const { server } = await serve(t);
  const { hostname, port } = new URL(server.address() ?? '');
  const socket = connect(Number(port), hostname);
  socket.end('GET /healthz HTTP/1.0\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += chunk;
  assert.match(text, /^HTTP\/1\.1 421 /);
});

test('over the unix socket any Host will do, yet a foreign page may not write', async (t) => {
  const { station, server } = await serve(t);
  await station.records.commit({ jobs: [sampleJob(1)] });
  const socketPath = station.applied.desired.api.socket;
  const headers = { host: 'archive.example' };
  assert.equal((await ask(server, '/api/v1/devices', { socketPath, headers })).status, 200);
  const write = { method: 'PATCH', body: '{"action":"pause"}', socketPath };
  const path = `/api/v1/jobs/${jobId(1)}`;
  const foreign = { ...headers, origin: 'https://evil.example' };
  assert.equal((await ask(server, path, { ...write, headers: foreign })).status, 403);
  const own = { ...headers, origin: 'https://archive.example' };
  assert.equal((await ask(server, path, { ...write, headers: own })).status, 200);
});

test('writes and streams from other pages are refused', async (t) => {
  const { station, server } = await serve(t);
  await station.records.commit({ jobs: [sampleJob(1)] });
  const path = `/api/v1/jobs/${jobId(1)}`;
  const write = (headers: Record<string, string>) =>
    ask(server, path, { method: 'PATCH', body: '{"action":"pause"}', headers });
  const port = new URL(server.address() ?? '').port;
  for (const headers of [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: `http://127.0.0.1:${Number(port) + 1}` },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    const { status, json } = await write(headers);
    assert.deepEqual([status, json.error.code], [403, 'cross_origin'], JSON.stringify(headers));
  }
  assert.equal((await ask(server, '/api/v1/events', { headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
  const verify = { method: 'POST', headers: { origin: 'http://evil.example' } };
  assert.equal((await ask(server, '/api/v1/system/catalog/rebuild', verify)).status, 403);
  assert.equal((await write({ origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' })).status, 200);
  assert.equal(station.records.jobRecords.get(jobId(1))?.state.kind, 'paused');
});

test('every answer carries the security headers, none allows other origins', async (t) => {
  const { server } = await serve(t);
  for (const path of ['/healthz', '/api/v1/jobs', '/metrics', '/nothing', '/api/v1/jobs?limit=x']) {
    const { headers } = await ask(server, path, { headers: { origin: 'http://evil.example' } });
    assert.match(String(headers['content-security-policy']), /^default-src 'none'; .*frame-ancestors 'none'/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['access-control-allow-origin'], undefined);
  }
});
