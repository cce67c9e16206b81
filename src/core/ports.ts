/**
 * The interfaces through which the star's groups reach the outside and each other, wired in daemon.ts. Here those that
 * many use; the others by reader: imaging-ports.ts, catalog-ports.ts, station-ports.ts.
 */
import type { ConfigSnapshot } from './config-snapshot.js';
import type { StoredEvent } from './event.js';
import type { JobProgress } from './job.js';
import type { NotificationTarget, OutboxEntry } from './notification.js';

/** Tells a running operation to end early; the standard AbortSignal fits. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds that never step back, for measuring spans. */
  monotonic(): number;
}

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Notices that a configuration has changed, however that was done. It reads, and leaves the judging to others. */
export interface ConfigWatcher {
  /**
   * Calls back with what it reads at first, and from then on with each snapshot that differs from the one before.
   * Whether that is worth trying is for the receiver, who compares with what was tried last.
   */
  watch(onChange: (snapshot: ConfigSnapshot) => void): void;
  /** Reads at once, for a reload by hand. What it returns counts as seen and is not called back. */
  readNow(): Promise<ConfigSnapshot>;
  close(): Promise<void>;
}

export interface Notifier {
  readonly kind: Exclude<NotificationTarget['kind'], 'lacking'>;
  /** Throws Fault delivery_failed (retry later or never). */
  deliver(target: NotificationTarget, entry: OutboxEntry): Promise<void>;
}

export interface SystemReading {
  /** Per cent of all cores over the last few seconds. */
  readonly cpuPercent: number | null;
  readonly memoryUsedBytes: number | null;
  readonly memoryTotalBytes: number | null;
  readonly loadAverage: readonly [number, number, number] | null;
}

export interface SystemProbe {
  read(): Promise<SystemReading>;
}

/** Delivers events as they are committed, and progress as it is measured. */
export interface EventSource {
  onEvent(listener: (stored: StoredEvent) => void): () => void;
  onProgress(listener: (progress: JobProgress) => void): () => void;
}
