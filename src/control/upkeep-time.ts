import type { ClockTrust } from '../core/deletion-holds.js';
import type { ClockMemory } from '../core/duty.js';
import type { Clock } from '../core/ports.js';

/** The time of day for what falls due, held against the clock that only counts on and against what was seen before. */
export interface SteadyTime {
  /** Milliseconds since 1970. */
  now(): number;
  /** False while the clock shows less than was seen before, or less than it can: what is dated so would end too soon. */
  isSure(): boolean;
  /** False also while the clock shows more than it should: nobody can be asked yet what a new rule would delete. */
  isSettled(): boolean;
  trust(): ClockTrust;
  /** What a later start is to know. */
  memory(): ClockMemory;
  resume(memory: ClockMemory | null): void;
}

const toleranceMs = 2 * 60 * 60_000;
const patienceMs = 6 * 60 * 60_000;
/** No station is older than its program. */
const earliest = Date.UTC(2025, 0, 1);

/**
 * A leap of the clock (a dead battery, a date set by hand, but also a station that was off for a week) is believed
 * once it has stood for six hours of running, over restarts too. Until then time goes on from where it was; where the
 * clock leapt back, it is what the clock shows, by which nothing falls due. A leap that is taken back leaves no trace.
 */
export function createSteadyTime(clock: Clock): SteadyTime {
  let trusted = look();
  let leap: { readonly wall: number; readonly ticks: number; readonly stoodMs: number } | null = null;

  function look(): { readonly wall: number; readonly ticks: number } {
    return { wall: clock.now(), ticks: clock.monotonic() };
  }

  function read() {
    const here = look();
    const since = (from: { readonly wall: number; readonly ticks: number }) => from.wall + here.ticks - from.ticks;
    const expected = since(trusted);
    // a clock that was never right has nothing to be held against
    const isFirst = expected < earliest && here.wall >= earliest;
    if (here.wall >= earliest && (isFirst || Math.abs(here.wall - expected) <= toleranceMs)) return believe(here);
    if (leap === null || Math.abs(here.wall - since(leap)) > toleranceMs) leap = { ...here, stoodMs: 0 };
    const stoodMs = leap.stoodMs + here.ticks - leap.ticks;
    if (here.wall >= earliest && stoodMs >= patienceMs) return believe(here);
    return { wall: here.wall, expected, stoodMs };
  }

  function believe(here: { readonly wall: number; readonly ticks: number }) {
    trusted = here;
    leap = null;
    return { wall: here.wall, expected: here.wall, stoodMs: 0 };
  }

  function isSure(): boolean {
    const { wall, expected } = read();
    return Math.min(wall, expected) >= earliest && wall >= expected;
  }

  function isSettled(): boolean {
    const { wall } = read();
    return leap === null && wall >= earliest;
  }

  return {
    now() {
      const { wall, expected } = read();
      return Math.min(wall, expected);
    },
    isSure,
    isSettled,
    trust: () => (!isSure() ? 'behind' : isSettled() ? 'right' : 'ahead'),
    memory() {
      const { wall, expected, stoodMs } = read();
      return { seenAt: expected, leap: leap === null ? null : { to: wall, stoodMs } };
    },
    resume(memory) {
      if (memory === null) return;
      const here = look();
      trusted = { wall: memory.seenAt, ticks: here.ticks };
      // off in between, it may have gone on, but not back
      const { leap: before } = memory;
      leap = before === null || here.wall < before.to - toleranceMs ? null : { ...here, stoodMs: before.stoodMs };
    },
  };
}
