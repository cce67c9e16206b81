import type { StorageSpec } from './desired.js';

/** One look at a filesystem, in bytes, counted as `df` does. */
export interface StorageReading {
  readonly totalBytes: number;
  readonly usedBytes: number;
  /** What an ordinary user may still write: root's reserve is left out. */
  readonly availableBytes: number;
}

export type StorageLevel = 'ok' | 'warning' | 'stop';

/** Per cent in use, 0 to 100, if `extraBytes` more were written. */
export function usedPercent(reading: StorageReading, extraBytes = 0): number {
  const usable = reading.usedBytes + reading.availableBytes;
  return usable <= 0 ? 100 : Math.min(100, ((reading.usedBytes + extraBytes) / usable) * 100);
}

export function storageLevel(spec: StorageSpec, reading: StorageReading): StorageLevel {
  const used = usedPercent(reading);
  if (used >= spec.stopAt) return 'stop';
  return used >= spec.warnAt ? 'warning' : 'ok';
}

/** Whether `extraBytes` more keep the filesystem below `stop_at`. */
export function fits(spec: StorageSpec, reading: StorageReading, extraBytes: number): boolean {
  return extraBytes <= reading.availableBytes && usedPercent(reading, extraBytes) < spec.stopAt;
}
