/** One figure measured at one monotonic moment in milliseconds. */
interface Point {
  readonly at: number;
  readonly bytes: number;
}

const windowMs = 6_000;

/** Speed over the last seconds, from figures as they come. */
export interface SpeedMeter {
  add(at: number, bytes: number): void;
  /** Bytes a second, or null until there are two figures at least half a second apart. */
  speedBps(): number | null;
}

export function createSpeedMeter(): SpeedMeter {
  let points: Point[] = [];
  return {
    add(at, bytes) {
      const last = points.at(-1);
      if (last !== undefined && (bytes < last.bytes || at < last.at)) points = [];
      points.push({ at, bytes });
      while (points.length > 2 && at - (points[0]?.at ?? at) > windowMs) points.shift();
    },
    speedBps() {
      const first = points[0];
      const last = points.at(-1);
      if (first === undefined || last === undefined || last.at - first.at < 500) return null;
      return Math.round(((last.bytes - first.bytes) * 1000) / (last.at - first.at));
    },
  };
}

/** Whole seconds left, or null where nothing moves or the end is unknown. */
export function etaSeconds(doneBytes: number, totalBytes: number | null, speedBps: number | null): number | null {
  if (totalBytes === null || speedBps === null || speedBps <= 0) return null;
  return Math.max(0, Math.ceil((totalBytes - doneBytes) / speedBps));
}
