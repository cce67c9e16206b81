import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { createWebhookNotifier } from '../../src/adapters/webhook.js';
import { Fault } from '../../src/core/fault.js';
import type { WebhookTarget } from '../../src/core/notification.js';
import { archiveId, completed, entryOf, jobId, webhookTarget } from './samples.js';

async function receiver(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const clock = { now: () => Date.UTC(2026, 0, 1), monotonic: () => 0 };
const notifier = (deadlineMs = 5000) => createWebhookNotifier({ station: 'attic', clock, deadlineMs });
const entry = entryOf(completed('HOLIDAY', { kind: 'damaged', bad: [{ start: 0, length: 2048 }], badBytes: 2048 }));

async function faultOf(target: WebhookTarget, deadlineMs?: number): Promise<Fault> {
  try {
    await notifier(deadlineMs).deliver(target, entry);
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    assert.equal(error.code, 'delivery_failed');
    assert.doesNotMatch(error.message, /geheim/);
    return error;
  }
  return assert.fail('was delivered');
}

test('a signed message in snake_case, the same id each time', async (context) => {
  const requests: { headers: IncomingHttpHeaders; body: string }[] = [];
  const url = await receiver(context, async (request, response) => {
    requests.push({ headers: request.headers, body: await text(request) });
    response.statusCode = 204;
    response.end();
  });
  await notifier().deliver(webhookTarget(url, 'geheim'), entry);
  await notifier().deliver(webhookTarget(url), entry);
  const [signed, unsigned] = requests;
  assert.ok(signed !== undefined && unsigned !== undefined);
  assert.deepEqual(JSON.parse(signed.body), {
    id: '7-home-1767182403000',
    topic: 'job_completed',
    occurred_at: '2025-12-31T12:00:03.000Z',
    station: 'attic',
    message:
      '“HOLIDAY” is archived as dvd/HOLIDAY.iso, 4.7 GB in 12 min 03 s, damaged: 2.0 kB in 1 place could not be read',
    event: {
      type: 'job_completed',
      job_id: jobId,
      name: 'HOLIDAY',
      archive_id: archiveId,
      path: 'dvd/HOLIDAY.iso',
      verdict: { kind: 'damaged', bad: [{ start: 0, length: 2048 }], bad_bytes: 2048 },
      seconds: 723,
      size_bytes: 4_700_000_000,
    },
  });
  const timestamp = String(clock.now() / 1000);
  assert.equal(signed.headers['x-disk2iso-timestamp'], timestamp);
  const digest = createHmac('sha256', 'geheim').update(`${timestamp}.${signed.body}`).digest('hex');
  assert.equal(signed.headers['x-disk2iso-signature'], `sha256=${digest}`);
  assert.equal(signed.headers['idempotency-key'], '7-home-1767182403000');
  assert.equal(signed.headers['content-type'], 'application/json');
  assert.equal(unsigned.headers['x-disk2iso-signature'], undefined);
});

test('which answers end it and which are tried again', async (context) => {
  const url = await receiver(context, (request, response) => {
    request.resume();
    response.statusCode = Number(request.url?.slice(1));
    response.end('geheim');
  });
  const retries: Record<string, number[]> = { never: [], later: [] };
  for (const status of [301, 307, 400, 401, 403, 404, 408, 409, 410, 413, 422, 425, 429, 500, 502, 503]) {
    retries[(await faultOf(webhookTarget(`${url}/${status}`))).retry]?.push(status);
  }
  assert.deepEqual(retries, {
    never: [400, 409, 410, 413, 422],
    later: [301, 307, 401, 403, 404, 408, 425, 429, 500, 502, 503],
  });
});

test('a redirect is not followed', async (context) => {
  let requests = 0;
  const url = await receiver(context, (request, response) => {
    request.resume();
    requests += 1;
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  assert.match((await faultOf(webhookTarget(url))).message, /redirects are not followed/);
  assert.equal(requests, 1);
});

test('no answer in time, a connection that breaks, an endless answer, nobody there', async (context) => {
  const hang = await receiver(context, () => undefined);
  const slow = await faultOf(webhookTarget(`${hang}/geheim`), 50);
  assert.deepEqual([slow.retry, /did not answer in time/.test(slow.message)], ['later', true]);

  const broken = await receiver(context, (request) => request.socket.destroy());
  assert.equal((await faultOf(webhookTarget(`${broken}/geheim`))).retry, 'later');

  const endless = await receiver(context, (_, response) => {
    const pour = (): void => {
      while (response.write('x'.repeat(65_536)));
    };
    response.on('drain', pour);
    pour();
  });
  await notifier().deliver(webhookTarget(endless), entry);

  const nobody = await faultOf(webhookTarget('http://127.0.0.1:1/geheim'));
  assert.deepEqual([nobody.retry, /127\.0\.0\.1:1 cannot be reached/.test(nobody.message)], ['later', true]);
});

test('an address that is none, or that holds a password, is never called nor told', async () => {
  for (const url of ['geheim', 'file:///etc/passwd?geheim', 'http://user:geheim@127.0.0.1:1/', '']) {
    assert.equal((await faultOf(webhookTarget(url))).retry, 'never');
  }
});
