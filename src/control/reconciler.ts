import type { Log } from '../core/ports.js';

/**
 * Runs passes, one at a time. `wake` carries no data: whatever happened, the next pass looks at the world. Wakes
 * during a pass make one more pass; a timer makes one even if every hint was lost.
 */
export interface Reconciler {
  start(): void;
  wake(): void;
  /** Settles when a pass that began after this call has ended. */
  settled(): Promise<void>;
  /** Monotonic milliseconds of the end of the last pass that did not throw; null before the first. */
  lastPassAt(): number | null;
  /** Milliseconds that pass took; null before the first. */
  lastPassMs(): number | null;
  stop(): Promise<void>;
}

export interface ReconcilerOptions {
  /** One pass. Resolves to the milliseconds after which the next one is due at the latest. */
  readonly pass: () => Promise<number>;
  readonly monotonic: () => number;
  readonly log: Log;
}

const afterFailureMs = 5_000;

export function createReconciler(options: ReconcilerOptions): Reconciler {
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;
  let again = false;
  let stopped = true;
  let lastPassAt: number | null = null;
  let lastPassMs: number | null = null;
  let waiting: (() => void)[] = [];

  async function runOnce(): Promise<void> {
    const served = waiting;
    waiting = [];
    again = false;
    let nextMs = afterFailureMs;
    const from = options.monotonic();
    try {
      nextMs = await options.pass();
      lastPassAt = options.monotonic();
      lastPassMs = lastPassAt - from;
    } catch (error) {
      options.log.error({ err: error }, 'a pass failed; the next one follows in 5 s');
    }
    for (const resolve of served) resolve();
    if (!stopped) timer = setTimeout(wake, nextMs);
  }

  function wake(): void {
    if (stopped) return;
    if (running !== null) {
      again = true;
      return;
    }
    if (timer !== null) clearTimeout(timer);
    timer = null;
    running = runOnce().finally(() => {
      running = null;
      if (again) wake();
    });
  }

  return {
    start() {
      stopped = false;
      wake();
    },
    wake,
    settled() {
      if (stopped) return Promise.resolve();
      return new Promise((resolve) => {
        waiting.push(resolve);
        wake();
      });
    },
    lastPassAt: () => lastPassAt,
    lastPassMs: () => lastPassMs,
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
  };
}
