import type { StorageReading } from '../core/storage.js';

/** How full the library is, with what was purged since anybody looked. */
export interface LibrarySpace {
  reading(): StorageReading | null;
  purged(bytes: number): void;
}

/**
 * The disk is looked at now and then, and a look may have begun before the last purge was over: what was purged counts
 * as free until the second look after it. Else more would go for want of space that is there.
 */
export function createLibrarySpace(look: () => StorageReading | null): LibrarySpace {
  let last: StorageReading | null = null;
  /** Purged since the last look, and between that and the one before. */
  let since = 0;
  let before = 0;

  function take(): StorageReading | null {
    const reading = look();
    if (reading !== last && reading !== null) {
      before = since;
      since = 0;
      last = reading;
    }
    return reading;
  }

  return {
    reading() {
      const reading = take();
      if (reading === null) return null;
      const freed = Math.min(since + before, reading.usedBytes);
      const { usedBytes, availableBytes } = reading;
      return { ...reading, usedBytes: usedBytes - freed, availableBytes: availableBytes + freed };
    },
    purged(bytes) {
      take();
      since += bytes;
    },
  };
}
