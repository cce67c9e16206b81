import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again and again until the probe gives something other than undefined or false, and gives that. A probe that
 * throws has not given anything yet. Throws after `deadlineMs` milliseconds, with what the probe said last.
 */
export async function until<T>(
  what: string,
  deadlineMs: number,
  probe: () => Promise<T | undefined | false>,
  pauseMs = 200,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  let last = 'nothing yet';
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
      last = String(value);
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what} (last: ${last})`);
    await sleep(pauseMs);
  }
}
