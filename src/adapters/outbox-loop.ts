import type { Catalog } from '../core/catalog-ports.js';
import type { Clock, Log } from '../core/ports.js';
import type { OutboxDelivery } from './outbox-delivery.js';

export interface OutboxLoopOptions {
  readonly delivery: OutboxDelivery;
  readonly catalog: () => Catalog | null;
  readonly clock: Clock;
  readonly log: Log;
}

/** Calls the delivery when something falls due. */
export interface OutboxLoop {
  start(): void;
  /** Something may have become due: an event was committed, or the targets have changed. Cheap, any number of times. */
  wake(): void;
  stop(): Promise<void>;
}

/** Milliseconds. The longest also is the safety net for a wake that was lost and a clock that was set back. */
const shortestMs = 1000;
const longestMs = 60_000;

export function createOutboxLoop({ delivery, catalog, clock, log }: OutboxLoopOptions): OutboxLoop {
  let timer: NodeJS.Timeout | null = null;
  let state: 'stopped' | 'waiting' | 'delivering' | 'woken' = 'stopped';

  async function run(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    do {
      state = 'delivering';
      await delivery.deliverDue(clock.now());
    } while (is('woken'));
    const delay = await untilNext();
    if (is('stopped')) return;
    if (is('woken')) return run();
    state = 'waiting';
    timer = setTimeout(() => void run(), delay);
  }

  // a function, as the compiler takes `state` for unchanged across an await
  const is = (wanted: typeof state): boolean => state === wanted;

  async function untilNext(): Promise<number> {
    try {
      const next = await catalog()?.nextOutboxDue();
      return next == null ? longestMs : Math.min(longestMs, Math.max(shortestMs, next - clock.now()));
    } catch (error) {
      log.error({ err: error }, 'The outbox could not be read');
      return longestMs;
    }
  }

  return {
    start: () => {
      if (state === 'stopped') void run();
    },
    wake: () => {
      if (state === 'waiting') void run();
      else if (state === 'delivering') state = 'woken';
    },
    stop: async () => {
      state = 'stopped';
      if (timer !== null) clearTimeout(timer);
      await delivery.close();
    },
  };
}
