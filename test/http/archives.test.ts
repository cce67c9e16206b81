import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readlink, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { dirname } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Archive } from '../../src/core/archive.js';
import { Fault } from '../../src/core/fault.js';
import { ask, until } from './api-client.js';
import { archiveId, sampleArchive } from './samples.js';
import { serve } from './serve.js';

const whole = randomBytes(300_000);
const sha256 = createHash('sha256').update(whole).digest('hex');

/** A station with one archive whose file is really there. */
async function serveImage(t: TestContext, bytes = whole, change: Partial<Archive> = {}) {
  const { station, server } = await serve(t);
  const archive = sampleArchive(1, { sizeBytes: bytes.length, checksums: { sha256 }, ...change });
  await station.records.commit({ archives: [archive] });
  const file = station.imagePath(archive);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return { station, server, archive, file, url: `/api/v1/archives/${archive.id}/download` };
}

/** How many descriptors of this process are open on the file. */
async function opened(file: string): Promise<number> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return links.filter((link) => link === file).length;
}

test('archives as the specification has them, and more', async (t) => {
  const { station, server } = await serve(t);
  const verification = { kind: 'mismatch', at: 1_780_000_000_000, algorithms: ['sha256'] } as const;
  const tail = { start: 4096, length: 4096 };
  await station.records.commit({
    archives: [
      sampleArchive(1),
      sampleArchive(2, { verification, verdict: { kind: 'complete_with_tail', tail }, supersededBy: archiveId(1) }),
      sampleArchive(3, { verdict: { kind: 'unreadable' } }),
    ],
  });
  const { json } = await ask(server, '/api/v1/archives?limit=2');
  assert.deepEqual([json.total, json.limit, json.offset, json.archives.length], [3, 2, 0, 2]);
  const [third, second] = json.archives;
  assert.deepEqual([third.verdict, third.bad_bytes, third.bad_range_count], ['unreadable', 4_700_000_256, 1]);
  assert.equal(second.filename, 'DISC_2.iso');
  assert.equal(second.manifest, `${station.config().desired.storage.library}/dvd/DISC_2.iso.json`);
  assert.deepEqual(second.metadata, { label: 'DISC_2', tags: [], notes: null });
  assert.deepEqual([second.bad_bytes, second.tail], [0, tail]);
  assert.deepEqual(second.verification, { result: 'mismatch', at: '2026-05-28T20:26:40.000Z', algorithms: ['sha256'] });
  assert.equal((await ask(server, `/api/v1/archives/${archiveId(9)}`)).status, 404);
  assert.equal((await ask(server, '/api/v1/archives?limit=501')).status, 400);
});

test('files that belong to no archive: unknown before the first look', async (t) => {
  const { station, server } = await serve(t);
  const strays = async () => (await ask(server, '/api/v1/system/strays')).json;
  assert.deepEqual(await strays(), { count: null, paths: [] });
  station.upkeepStatus = { ...station.upkeepStatus, strays: { count: 3, names: ['a.txt', 'dvd/b.iso'] } };
  assert.deepEqual(await strays(), { count: 3, paths: ['a.txt', 'dvd/b.iso'] });
});

test('verify tells the outcome, and a fault keeps its code', async (t) => {
  const { station, server } = await serve(t);
  const verify = () => ask(server, `/api/v1/archives/${archiveId(1)}/verify`, { method: 'POST' });
  assert.equal((await verify()).json.verification.result, 'match');
  station.verifyWith = async () => {
    throw new Fault('state_conflict', 'It is being verified already; wait for that.');
  };
  assert.equal((await verify()).status, 409);
  station.verifyWith = async () => {
    throw new Fault('io_error', 'The disk gave an error.');
  };
  assert.equal((await verify()).status, 500);
  assert.equal((await ask(server, '/api/v1/archives/archive_x/verify', { method: 'POST' })).status, 404);
  const body = { method: 'POST', body: '{"deep":true}' };
  assert.equal((await ask(server, `/api/v1/archives/${archiveId(1)}/verify`, body)).status, 400);
});

test('an image is downloaded whole, by HEAD, and in parts', async (t) => {
  const { server, url, file } = await serveImage(t);
  const full = await ask(server, url);
  assert.equal(full.status, 200);
  assert.ok(full.bytes.equals(whole));
  assert.equal(full.headers.etag, `"${sha256}"`);
  assert.equal(full.headers['accept-ranges'], 'bytes');
  assert.equal(full.headers['content-disposition'], 'attachment; filename="DISC_1.iso"');
  assert.equal(full.headers['content-type'], 'application/octet-stream');
  assert.equal(full.headers['x-content-type-options'], 'nosniff');
  const head = await ask(server, url, { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers['content-length'], head.bytes.length], [200, '300000', 0]);

  const range = async (text: string, more: Record<string, string> = {}) =>
    ask(server, url, { headers: { range: text, ...more } });
  const middle = await range('bytes=1000-1999');
  assert.deepEqual([middle.status, middle.headers['content-range']], [206, 'bytes 1000-1999/300000']);
  assert.ok(middle.bytes.equals(whole.subarray(1000, 2000)));
  assert.ok((await range('bytes=-500')).bytes.equals(whole.subarray(-500)));
  assert.ok((await range('bytes=299999-')).bytes.equals(whole.subarray(-1)));
  const beyond = await range('bytes=300000-');
  assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, 'bytes */300000']);
  assert.equal(beyond.headers['content-disposition'], undefined);
  assert.equal((await range('bytes=0-1,9-10')).status, 416);
  const modified = String(full.headers['last-modified']);
  assert.equal((await range('bytes=0-9', { 'if-range': `"${sha256}"` })).status, 206);
  assert.equal((await range('bytes=0-9', { 'if-range': modified })).status, 206);
  assert.equal((await range('bytes=0-9', { 'if-range': '"other"' })).status, 200);
  assert.equal((await range('bytes=0-9', { 'if-range': `W/"${sha256}"` })).status, 200);

  const cond = async (headers: Record<string, string>) => (await ask(server, url, { headers })).status;
  assert.equal(await cond({ 'if-none-match': `"x", "${sha256}"` }), 304);
  assert.equal(await cond({ 'if-none-match': '"x"', 'if-modified-since': modified }), 200);
  assert.equal(await cond({ 'if-modified-since': modified }), 304);
  assert.equal(await cond({ 'if-modified-since': 'yesterday' }), 200);
  assert.equal(await cond({ 'if-match': '"x"' }), 412);
  await until(async () => (await opened(file)) === 0, 'every descriptor to be closed');
});

test('without sha256 the id is the tag; an empty image has no bytes', async (t) => {
  const { server, url, archive } = await serveImage(t, Buffer.alloc(0), { checksums: {} });
  const full = await ask(server, url);
  assert.deepEqual([full.status, full.bytes.length, full.headers.etag], [200, 0, `"${archive.id}"`]);
  assert.equal((await ask(server, url, { headers: { range: 'bytes=0-' } })).status, 416);
});

test('names that are not ASCII travel as RFC 5987 says', async (t) => {
  const { server, url } = await serveImage(t, whole, { path: 'dvd/Köln "95%" 日本.iso' });
  const { headers } = await ask(server, url, { method: 'HEAD' });
  const disposition = String(headers['content-disposition']);
  assert.match(disposition, /filename\*=UTF-8''K%C3%B6ln%20%2295%25%22%20%E6%97%A5%E6%9C%AC\.iso$/);
  assert.match(disposition, /^attachment; filename="[\x20-\xff]+";/);
});

test('a link, a folder, a fifo or another size in the place of the image is not sent', async (t) => {
  const { server, url, file } = await serveImage(t);
  const after = async (change: () => Promise<unknown>): Promise<[number, string]> => {
    await rm(file, { recursive: true, force: true });
    await change();
    const { status, json } = await ask(server, url);
    return [status, json.error.code];
  };
  const secret = `${file}.secret`;
  await writeFile(secret, whole);
  assert.deepEqual(await after(() => symlink(secret, file)), [409, 'state_conflict']);
  assert.deepEqual(await after(() => mkdir(file)), [409, 'state_conflict']);
  assert.deepEqual(await after(async () => undefined), [404, 'not_found']);
  assert.deepEqual(await after(() => writeFile(file, 'short')), [409, 'state_conflict']);
  const { execFileSync } = await import('node:child_process');
  assert.deepEqual(await after(async () => execFileSync('mkfifo', [file])), [409, 'state_conflict']);
  assert.equal(await opened(file), 0);
});

test('a client that leaves gives the file back', async (t) => {
  const big = Buffer.alloc(64 * 1024 * 1024, 7);
  const { server, url, file } = await serveImage(t, big);
  const sent = request(`${server.address()}${url}`, { agent: false });
  sent.on('error', () => undefined);
  sent.end();
  const response = await new Promise<import('node:http').IncomingMessage>((resolve) => sent.once('response', resolve));
  response.once('data', () => response.pause());
  await until(async () => (await opened(file)) === 1, 'the download to run');
  sent.destroy();
  await until(async () => (await opened(file)) === 0, 'the descriptor to be closed');
});

test('a slow client does not make the daemon read ahead', async (t) => {
  const big = Buffer.alloc(200 * 1024 * 1024);
  const { server, url } = await serveImage(t, big);
  const before = process.memoryUsage().rss;
  const sent = request(`${server.address()}${url}`, { agent: false });
  sent.on('error', () => undefined);
  sent.end();
  const response = await new Promise<import('node:http').IncomingMessage>((resolve) => sent.once('response', resolve));
  await new Promise((resolve) => response.once('data', resolve));
  response.pause();
  let steady = 0;
  let last = -1;
  await until(() => {
    const rss = process.memoryUsage().rss;
    steady = rss === last ? steady + 1 : 0;
    last = rss;
    return steady > 20;
  }, 'memory to be steady');
  assert.ok(last - before < 64 * 1024 * 1024, `${((last - before) / 1e6).toFixed(0)} MB more`);
  sent.destroy();
});

test('an image cut short while it is sent breaks the connection instead of ending it well', async (t) => {
  const big = Buffer.alloc(64 * 1024 * 1024, 7);
  const { server, url, file } = await serveImage(t, big);
  const outcome = await new Promise<string>((resolve) => {
    const sent = request(`${server.address()}${url}`, { agent: false }, (response) => {
      response.once('data', () => {
        response.pause();
        void truncate(file, 1000).then(() => response.resume());
      });
      response.on('error', () => resolve('broken'));
      response.once('end', () => resolve('ended'));
    });
    sent.on('error', () => resolve('broken'));
    sent.end();
  });
  assert.equal(outcome, 'broken');
});
