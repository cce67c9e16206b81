import type { Clock } from '../core/ports.js';

const toleranceMs = 60 * 60_000;
const patienceMs = 6 * 60 * 60_000;

/**
 * The time of day for what deletes and for what falls due, held against the clock that only counts on. A leap forward
 * (a dead battery, a wrong date set by hand) would make everything due at once; it is believed once it has stood for
 * six hours. A step back makes nothing due and is believed at once.
 */
export function createSteadyTime(clock: Clock): () => number {
  let wall = clock.now();
  let counted = clock.monotonic();
  let leaptAt: number | null = null;

  return () => {
    const now = clock.now();
    const ticks = clock.monotonic();
    const expected = wall + (ticks - counted);
    if (now > expected + toleranceMs) {
      leaptAt ??= ticks;
      if (ticks - leaptAt < patienceMs) return expected;
    }
    wall = now;
    counted = ticks;
    leaptAt = null;
    return now;
  };
}
