import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../src/core/fault.js';
import type { SnapshotJson } from '../../src/http/api.gen.js';
import { drivesSection } from '../../src/http/page/drives-section.js';
import { html, untrusted } from '../../src/http/page/html.js';
import { ask } from '../http/api-client.js';
import { archiveId, jobId } from '../http/samples.js';
import { serve } from '../http/serve.js';
import { furnish, hostile } from './furnish.js';

test('every value is escaped, in text and in attributes', () => {
  const nasty = `<&>"'\u202E`;
  assert.equal(
    html`<p title="${nasty}">${nasty}</p>`.text,
    '<p title="&lt;&amp;&gt;&quot;&#39;\uFFFD">&lt;&amp;&gt;&quot;&#39;\uFFFD</p>',
  );
  assert.equal(html`${html`<b>`}${[html`1`, html`2`]}${3}${null}`.text, '<b>123');
  assert.ok(untrusted('x'.repeat(5000)).text.length < 400);
});

test('the page reads completely without its script', async (t) => {
  const { station, server } = await serve(t);
  await furnish(station);
  station.measure({
    jobId: jobId(1),
    phase: 'imaging',
    doneBytes: 45,
    totalBytes: 100,
    badBytes: 4096,
    readErrors: 1,
    speedBps: 2_400_000,
    etaSeconds: 263,
  });
  const { status, headers, bytes } = await ask(server, '/');
  assert.deepEqual(
    [status, headers['content-type'], headers['cache-control']],
    [200, 'text/html; charset=utf-8', 'no-store'],
  );
  const text = bytes.toString();
  for (const piece of [
    'needs attention',
    'config.yaml:3:5: unknown key',
    'No HOLIDAY',
    '<progress max="100" value="45"',
    '2.4 MB/s',
    '4 min 23 s',
    '4.1 kB',
    'Paused until there is space',
    '50 % read',
    'ignored by the rule HOLIDAY',
    'Reading HOLIDAY failed; clean it.',
    'Cancelled',
    'file is missing',
    '2.0 kB unreadable in 1 place',
    'a later rescue read more',
    `/api/v1/archives/${archiveId(1)}/download`,
    'warns at 85 %, stops at 95 %',
    '<meta http-equiv="refresh" content="10">',
  ]) {
    assert.ok(text.includes(piece), piece);
  }
  assert.doesNotMatch(text, /\son[a-z]+=|style=|javascript:|<script>/, 'nothing inline that the policy forbids');
});

test('hostile text from discs stays text', async (t) => {
  const { station, server } = await serve(t);
  const read = async (name: string): Promise<string> => {
    await furnish(station, name);
    return (await ask(server, '/')).bytes.toString();
  };
  const tagNames = (text: string) => [...new Set(text.match(/<\/?[a-z!][^\s>]*/gi))].sort().join(' ');
  const count = (text: string, tag: string) => text.split(tag).length;
  const plain = await read('PLAIN');
  for (const name of hostile) {
    const text = await read(name);
    const what = JSON.stringify(name.slice(0, 30));
    assert.equal(tagNames(text), tagNames(plain), `${what} made a tag`);
    for (const tag of ['<script', '<img', '<title', '<main', '<link'])
      assert.equal(count(text, tag), count(plain, tag), what);
    assert.equal(/ on[a-z]+=/.test(text.replace(/"[^"]*"/g, '').replace(/>[^<]*</g, '><')), false, what);
    assert.equal(/[\p{Cf}\p{Cs}]|(?!\n)\p{Cc}/u.test(text), false, what);
  }
});

test('an empty station says what to do', async (t) => {
  const { server } = await serve(t);
  const text = (await ask(server, '/')).bytes.toString();
  for (const piece of ['all is well', 'Put a disc in', 'No image yet', 'No drive is here']) {
    assert.ok(text.includes(piece), piece);
  }
});

test('a catalog that cannot be read is told on the page', async (t) => {
  const { station, server } = await serve(t);
  await furnish(station);
  station.records.failure = new Fault('catalog_damaged', 'The catalog is damaged; rebuild it.');
  const { status, bytes } = await ask(server, '/');
  assert.equal(status, 200);
  assert.ok(bytes.includes('The catalog is damaged; rebuild it.'));
  assert.ok(bytes.includes('/dev/sr0'));
});

test('the fragment has the same sections as the page', async (t) => {
  const { station, server } = await serve(t);
  await furnish(station);
  const sections = (text: string) => text.match(/<section id="[a-z]+"/g);
  const page = sections((await ask(server, '/')).bytes.toString());
  assert.deepEqual(sections((await ask(server, '/fragment')).bytes.toString()), page);
  assert.equal(page?.length, 7);
});

test('what a drive is about is looked up once, however many jobs there are', () => {
  let looks = 0;
  const count = 2000;
  const jobs = Array.from({ length: count }, (_, n) => ({
    get id() {
      looks += 1;
      return `job_${n}`;
    },
    status: 'queued',
    phase: null,
  }));
  const devices = jobs.map((_, n) => ({
    id: `drive ${n}`,
    path: `/dev/sr${n}`,
    status: 'idle',
    state: 'loaded',
    vendor: null,
    model: null,
    error: null,
    media: [{ settled: true, error: null, label: 'HOLIDAY', name: null, outcome: { kind: 'job', job_id: `job_${n}` } }],
  }));
  const { text } = drivesSection({ jobs, devices } as unknown as SnapshotJson, 0);
  assert.equal(text.split('href="#job_').length - 1, count);
  assert.ok(looks <= 4 * count, `${looks} looks`);
});

test('assets are served with their types and revalidated by tag', async (t) => {
  const { server } = await serve(t);
  for (const [path, type] of [
    ['/assets/station.css', 'text/css; charset=utf-8'],
    ['/assets/station.js', 'text/javascript; charset=utf-8'],
    ['/favicon.svg', 'image/svg+xml'],
  ] as const) {
    const { status, headers, bytes } = await ask(server, path);
    assert.deepEqual([status, headers['content-type'], headers['cache-control']], [200, type, 'no-cache']);
    assert.ok(bytes.length > 100);
    const again = await ask(server, path, { headers: { 'if-none-match': String(headers.etag) } });
    assert.deepEqual([again.status, again.bytes.length], [304, 0]);
  }
  for (const path of [
    '/assets/',
    '/assets/../package.json',
    '/assets/%2e%2e/README.md',
    '/assets/station.js/',
    '/web',
  ]) {
    assert.equal((await ask(server, path)).status, 404, path);
  }
});
