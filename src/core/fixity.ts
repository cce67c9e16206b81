import type { Archive } from './archive.js';

/** How images are read again. */
export interface FixitySpec {
  /** Milliseconds within which each image is read once more. */
  readonly reverifyEvery: number;
  /** Bytes a second, or null for as fast as the disk is. */
  readonly throttle: number | null;
  /** Load of the last minute above which nothing is read. */
  readonly pauseAboveLoad: number | null;
}

/** When an image was last known to be as it was made. */
export const lastVerified = (archive: Archive): number => archive.verification?.at ?? archive.finishedAt;

export interface FixityClock {
  readonly now: number;
  /** When a reading ahead of time was last begun. */
  readonly pacedAt: number | null;
  /** Archives there are to be read. */
  readonly count: number;
}

/**
 * Whether the one that was verified longest ago is to be read now. Overdue ones are, one after another; the others
 * come evenly, one each `reverify_every / count`, so that what was archived on one day does not fall due on one.
 * Returns when it will be, in milliseconds since 1970: now or earlier means now.
 */
export function nextReading(spec: FixitySpec, oldest: number, clock: FixityClock): number {
  // A time of the future is the trace of a clock that was wrong: such a one is read in its turn, never "overdue".
  const overdueAt = oldest > clock.now ? Number.POSITIVE_INFINITY : oldest + spec.reverifyEvery;
  const every = spec.reverifyEvery / Math.max(1, clock.count);
  const paced = clock.pacedAt === null ? clock.now : Math.min(clock.pacedAt, clock.now);
  return Math.min(overdueAt, paced + every);
}
