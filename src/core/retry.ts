export interface Backoff {
  /** Milliseconds before the first retry, doubled each time. */
  readonly firstMs: number;
  readonly mostMs: number;
}

/** Milliseconds to wait after the `attempt`-th failure in a row, counted from 1. No jitter: one station, few retries. */
export function retryDelay(backoff: Backoff, attempt: number): number {
  return Math.min(backoff.mostMs, backoff.firstMs * 2 ** Math.min(attempt - 1, 30));
}
