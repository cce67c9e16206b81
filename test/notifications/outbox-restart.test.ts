import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { systemClock } from '../../src/adapters/clock.js';
import { openCatalog } from '../../src/adapters/level-catalog-open.js';
import { createOutboxDelivery } from '../../src/adapters/outbox-delivery.js';
import { createWebhookNotifier } from '../../src/adapters/webhook.js';
import { planNotifications } from '../../src/core/notification.js';
import { failed, recordLog, webhookTarget } from './samples.js';

test('what a dead receiver did not get is delivered after a restart, once', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'disk2iso-outbox-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const [state, library] = [join(folder, 'state'), join(folder, 'library')];
  for (const one of [state, library]) mkdirSync(one);

  const bodies: { id: string }[] = [];
  let isUp = false;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (isUp) bodies.push(JSON.parse(body) as { id: string });
    response.writeHead(isUp ? 204 : 503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const targets = [webhookTarget(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)];

  /** One life of the station, that ends `afterMs` later on its clock. */
  const live = async (afterMs: number, change?: Parameters<Awaited<ReturnType<typeof openCatalog>>['commit']>[0]) => {
    const now = () => Date.now() + afterMs;
    const clock = { now, monotonic: systemClock.monotonic };
    const log = recordLog();
    const outboxFor = (stored: Parameters<typeof planNotifications>[0]) => planNotifications(stored, targets);
    const catalog = await openCatalog({ state, library, clock, log, outboxFor, onCommitted: () => undefined });
    if (change !== undefined) await catalog.commit(change);
    const delivery = createOutboxDelivery({
      catalog: () => catalog,
      targets: () => targets,
      notifiers: [createWebhookNotifier({ station: 'attic', clock })],
      clock,
      log,
    });
    await delivery.deliverDue(now());
    const next = await catalog.nextOutboxDue();
    const events = await catalog.latestEvents(10);
    await catalog.close();
    return {
      wait: next === null ? null : Math.round((next - now()) / 1000),
      events: events.map(({ event }) => event.type),
    };
  };

  const first = await live(0, { events: [failed('HOLIDAY')] });
  assert.deepEqual(first, { wait: 30, events: ['notification_failed', 'job_failed'] });
  assert.equal((await live(31_000)).wait, 60);
  assert.equal((await live(32_000)).wait, 60, 'a try for the sake of the start does not count');
  assert.equal(bodies.length, 0);
  isUp = true;
  assert.equal((await live(33_000)).wait, null, 'whoever has mended it need not wait');
  assert.equal((await live(200_000)).wait, null);
  assert.equal(bodies.length, 1);
});
