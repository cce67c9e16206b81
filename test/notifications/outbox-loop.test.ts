import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/adapters/clock.js';
import { createOutboxLoop } from '../../src/adapters/outbox-loop.js';
import { MemoryOutbox } from './memory-outbox.js';
import { completed, entryOf, recordLog } from './samples.js';

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !condition(); ) {
    assert.ok(Date.now() < end, 'did not happen within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('wakes coalesce, a due time is kept, and stop ends it', async () => {
  const outbox = new MemoryOutbox();
  let rounds = 0;
  let release = (): void => undefined;
  const delivery = {
    deliverDue: async (now: number) => {
      rounds += 1;
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      for (const due of await outbox.outboxDue(now, 10)) outbox.entries.delete(due.id);
    },
    targetHealth: () => [],
    close: async () => undefined,
  };
  const loop = createOutboxLoop({ delivery, catalog: () => outbox.catalog, clock: systemClock, log: recordLog() });
  loop.wake();
  assert.equal(rounds, 0, 'nothing starts before it is told to');
  loop.start();
  loop.start();
  for (let i = 0; i < 100; i += 1) loop.wake();
  assert.equal(rounds, 1);
  release();
  await until(() => rounds === 2);
  outbox.add({ ...entryOf(completed('LATER')), dueAt: Date.now() + 1200 });
  release();
  await until(() => rounds === 3);
  release();
  await until(() => outbox.entries.size === 0);
  await loop.stop();
  loop.wake();
  assert.equal(rounds, 3);
});
