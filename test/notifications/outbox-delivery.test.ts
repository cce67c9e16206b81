import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createOutboxDelivery, type OutboxOptions } from '../../src/adapters/outbox-delivery.js';
import { notificationsCondition } from '../../src/adapters/outbox-health.js';
import { Fault } from '../../src/core/fault.js';
import type { NotificationTarget, OutboxEntry } from '../../src/core/notification.js';
import { MemoryOutbox } from './memory-outbox.js';
import { completed, entryOf, occurredAt, recordLog, webhookTarget } from './samples.js';

const entry = (seq: number, target = 'home'): OutboxEntry => entryOf(completed(`DISC ${seq}`), seq, target);
const target = (name = 'home'): NotificationTarget => webhookTarget('http://127.0.0.1:1/', null, name);
const down = () => new Fault('delivery_failed', 'Nobody is there.', { retry: 'later' });
const refused = () => new Fault('delivery_failed', 'Not this one.');

/** One station with a clock that moves only when told, and targets that answer as told. */
function station(answer: (entry: OutboxEntry) => Error | null, change: Partial<OutboxOptions> = {}) {
  const outbox = new MemoryOutbox();
  const tries: string[] = [];
  const world = { now: occurredAt, answer, targets: [target()] as NotificationTarget[] | null };
  const log = recordLog();
  const delivery = createOutboxDelivery({
    catalog: () => outbox.catalog,
    targets: () => world.targets,
    notifiers: [
      {
        kind: 'webhook',
        deliver: async (_, one) => {
          tries.push(one.id);
          const error = world.answer(one);
          if (error !== null) throw error;
        },
      },
    ],
    clock: { now: () => world.now, monotonic: () => world.now },
    log,
    ...change,
  });
  const round = async (afterMs = 0): Promise<string[]> => {
    world.now += afterMs;
    const before = tries.length;
    await delivery.deliverDue(world.now);
    return tries.slice(before);
  };
  return { outbox, tries, world, log, delivery, round };
}

test('delivers what is due, in order, once', async () => {
  const { outbox, round, delivery } = station(() => null);
  outbox.add(entry(2), entry(1), { ...entry(3), dueAt: occurredAt + 5000 });
  assert.deepEqual(await round(), ['1-home', '2-home']);
  assert.deepEqual(await round(1000), []);
  assert.deepEqual(await round(4000), ['3-home']);
  assert.equal(outbox.entries.size, 0);
  assert.deepEqual(delivery.targetHealth(), [{ target: 'home', failing: null }]);
});

test('a target that is down is asked once a round, at 30 s, 60 s … 1 h, and told about once', async () => {
  const { outbox, round, world, delivery } = station(down);
  outbox.add(entry(1), entry(2));
  const waits: number[] = [];
  for (let i = 0; i < 9; i += 1) {
    assert.equal((await round()).length, 1);
    const due = await outbox.nextOutboxDue();
    waits.push(((due ?? 0) - world.now) / 1000);
    world.now = due ?? 0;
  }
  assert.deepEqual(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
  const fault = { code: 'delivery_failed', message: 'Nobody is there.', retry: 'later' };
  assert.deepEqual(outbox.events, [{ type: 'notification_failed', target: 'home', fault, gaveUp: false }]);
  assert.equal(outbox.entries.get('2-home')?.lastError, 'Nobody is there.');
  const condition = notificationsCondition(delivery.targetHealth());
  assert.deepEqual([condition.status, condition.reason], [false, 'target_failing']);
  assert.match(condition.message, /^home: Nobody is there\.$/);
  world.answer = () => null;
  assert.deepEqual((await round()).sort(), ['1-home', '2-home']);
  assert.equal(notificationsCondition(delivery.targetHealth()).status, true);
});

test('a target that is mended is told at once what has waited for it, and counts as well until it fails again', async () => {
  const { outbox, round, world, delivery } = station((one) => (one.target === 'home' ? down() : null));
  world.targets = [{ kind: 'lacking', name: 'home', on: ['job_completed'], reason: 'Its key is not there.' }];
  outbox.add(entry(1), entry(2));
  const states = async (): Promise<unknown[]> => [
    (await round(1)).length,
    notificationsCondition(delivery.targetHealth()).message,
  ];
  assert.deepEqual(await states(), [0, 'home: Its key is not there.'], 'no notifier is asked');
  assert.deepEqual(await states(), [0, 'home: Its key is not there.']);
  world.targets = [target()];
  assert.deepEqual(await states(), [1, 'home: Nobody is there.']);
  assert.deepEqual(await states(), [0, 'home: Nobody is there.'], 'the same one waits');
  world.answer = () => null;
  world.targets = [webhookTarget('http://127.0.0.1:1/', 'another')];
  assert.deepEqual(await states(), [2, 'Notifications are delivered.']);
  assert.equal(outbox.entries.size, 0);
});

test('a start tries what waits at once, one message a target, and however many starts fail none is given up', async () => {
  const outbox = new MemoryOutbox();
  const old = (seq: number, name: string) => ({ ...entry(seq, name), attempt: 60, dueAt: occurredAt + 3_000_000 });
  outbox.add(old(1, 'home'), old(2, 'home'), old(3, 'away'), old(4, 'away'));
  // of a clock that was ahead
  outbox.add({ ...entry(5, 'away'), dueAt: occurredAt + 10 * 365 * 86_400_000 });
  for (let start = 0; start < 100; start += 1) {
    const { delivery, tries } = station(down, {
      catalog: () => outbox.catalog,
      targets: () => [target('home'), target('away')],
    });
    await delivery.deliverDue(occurredAt);
    await delivery.deliverDue(occurredAt);
    assert.equal(tries.length, 2, 'one a target, and only once');
  }
  assert.deepEqual([...outbox.entries.keys()].sort(), ['1-home', '2-home', '3-away', '4-away', '5-away']);
  assert.equal(outbox.entries.get('1-home')?.attempt, 60);
  assert.equal(outbox.entries.get('1-home')?.dueAt, occurredAt + 3_600_000);
  const { delivery } = station(() => null, {
    catalog: () => outbox.catalog,
    targets: () => [target('home'), target('away')],
  });
  await delivery.deliverDue(occurredAt);
  assert.equal(outbox.entries.size, 0);
});

test('gives up after three days of trying, and not for days switched off', async () => {
  const { outbox, round, world } = station(down);
  outbox.add(entry(1));
  world.now += 30 * 86_400_000;
  await round();
  assert.equal(outbox.entries.size, 1);
  const start = world.now;
  while (outbox.entries.size > 0) {
    world.now = (await outbox.nextOutboxDue()) ?? 0;
    await round();
  }
  const days = (world.now - start) / 86_400_000;
  assert.ok(days >= 3 && days < 3.1, `${days} days`);
  assert.deepEqual(
    outbox.events.map((event) => event.type === 'notification_failed' && event.gaveUp),
    [false, true],
  );
});

test('what is refused for good is given up at once, and the next one is tried', async () => {
  const { outbox, round } = station((one) => (one.event.seq === 1 ? refused() : null));
  outbox.add(entry(1), entry(2));
  assert.deepEqual(await round(), ['1-home', '2-home']);
  assert.equal(outbox.entries.size, 0);
  assert.deepEqual(outbox.events, [
    {
      type: 'notification_failed',
      target: 'home',
      fault: { code: 'delivery_failed', message: 'Not this one.', retry: 'never' },
      gaveUp: true,
    },
  ]);
});

test('one message that the target chokes on does not keep the others from it', async () => {
  const { outbox, round } = station((one) => (one.event.seq === 1 ? down() : null));
  outbox.add(entry(1), entry(2), entry(3));
  assert.deepEqual(await round(), ['1-home']);
  assert.deepEqual(await round(30_000), ['2-home', '3-home', '1-home']);
  assert.deepEqual([...outbox.entries.keys()], ['1-home']);
});

test('a failing or hanging target does not touch the others', async () => {
  let release = (): void => undefined;
  const hang = new Promise<void>((resolve) => {
    release = resolve;
  });
  const delivered: string[] = [];
  const both = ['home', 'away'];
  const { outbox, delivery, world } = station(() => null, {
    targets: () => both.map(target),
    notifiers: [
      {
        kind: 'webhook',
        deliver: async (to, one) => {
          if (to.name === 'home') await hang;
          delivered.push(one.id);
        },
      },
    ],
  });
  outbox.add(entry(1, 'home'), entry(2, 'away'), entry(3, 'away'));
  const round = delivery.deliverDue(world.now);
  while (outbox.entries.size > 1) await new Promise(setImmediate);
  assert.deepEqual(delivered, ['2-away', '3-away']);
  // asked again meanwhile, it does not begin a second delivery of the same
  assert.equal(delivery.deliverDue(world.now), round);
  release();
  await round;
  assert.deepEqual(delivered, ['2-away', '3-away', '1-home']);
});

test('entries of a target that is gone are dropped with an event, but never for want of a configuration', async () => {
  const { outbox, round, world } = station(() => null);
  outbox.add(entry(1, 'gone'), entry(2, 'gone'));
  world.targets = null;
  assert.deepEqual(await round(), []);
  assert.equal(outbox.entries.size, 2);
  world.targets = [];
  assert.deepEqual(await round(), []);
  assert.equal(outbox.entries.size, 0);
  assert.equal(outbox.events.length, 1);
  assert.match(JSON.stringify(outbox.events), /"target":"gone".*2 messages dropped.*"gaveUp":true/);
});

test('delivered while the disk is full: written down later, not sent twice, and the disk is not hammered', async () => {
  const { outbox, round, log } = station(() => null);
  outbox.add(entry(1));
  outbox.failure = new Fault('no_space', 'The disk is full.');
  assert.deepEqual(await round(), ['1-home']);
  assert.equal(log.lines.length, 1);
  await round(1000);
  assert.equal(log.lines.length, 1);
  outbox.failure = null;
  assert.deepEqual(await round(30_000), []);
  assert.equal(outbox.entries.size, 0);
});

test('a bug in a notifier is logged and retried; a catalog that cannot be read is only logged', async () => {
  const { outbox, round, log, delivery } = station(() => new TypeError('oops'));
  outbox.add(entry(1));
  await round();
  assert.deepEqual(log.lines, ['error A notification met a bug']);
  assert.equal(outbox.entries.get('1-home')?.attempt, 1);
  outbox.outboxDue = () => Promise.reject(new Fault('io_error', 'The disk is gone.'));
  await round();
  assert.equal(log.lines.at(-1), 'error The outbox could not be read');
  await delivery.close();
});

test('after close nothing more is begun', async () => {
  const { outbox, round, delivery } = station(() => null);
  outbox.add(entry(1));
  await delivery.close();
  assert.deepEqual(await round(), []);
});

test('whatever the targets and the disk do, each entry is delivered exactly once or given up', async () => {
  const outcome = fc.constantFrom('ok', 'ok', 'later', 'never', 'bug', 'full');
  await fc.assert(
    fc.asyncProperty(fc.array(outcome, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), async (script, count) => {
      const delivered: string[] = [];
      const { outbox, round, world } = station((one) => {
        const next = script.shift() ?? 'ok';
        outbox.failure = next === 'full' ? new Fault('no_space', 'The disk is full.') : null;
        if (next === 'later') return down();
        if (next === 'never') return refused();
        if (next === 'bug') return new TypeError('oops');
        delivered.push(one.id);
        return null;
      });
      world.targets = [target('home'), target('away')];
      for (let seq = 1; seq <= count; seq += 1) outbox.add(entry(seq, seq % 2 === 0 ? 'home' : 'away'));
      for (let rounds = 0; outbox.entries.size > 0; rounds += 1) {
        assert.ok(rounds < 300, 'does not come to an end');
        await round(3_600_000);
        outbox.failure = null;
      }
      const givenUp = outbox.events.filter((event) => event.type === 'notification_failed' && event.gaveUp).length;
      assert.equal(new Set(delivered).size, delivered.length, 'delivered twice');
      assert.equal(delivered.length + givenUp, count);
    }),
    { numRuns: 200 },
  );
});
