import type { ByteRange } from './byte-range.js';

/**
 * GNU ddrescue's mapfile (manual, chapter "Mapfile structure"): comment lines, one status line
 * `current_pos current_status [current_pass]`, then areas `pos size status` in order and without gaps.
 */
export type AreaStatus = '?' | '*' | '/' | '-' | '+';

export interface Area extends ByteRange {
  readonly status: AreaStatus;
}

export interface RescueMap {
  /** ddrescue's own state: `?` copying, `*` trimming, `/` scraping, `-` retrying, `+` finished. */
  readonly phase: string;
  readonly areas: readonly Area[];
}

const number = /^(0x[0-9A-Fa-f]+|[0-9]+)$/;

/** Returns null for text that is not a whole, gapless map: one that was cut off while it was being written. */
export function parseRescueMap(text: string): RescueMap | null {
  if (!text.endsWith('\n')) return null;
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const phase = lines[0]?.trim().split(/\s+/)[1];
  if (phase === undefined || !/^[?*/\-+FG]$/.test(phase)) return null;
  const areas: Area[] = [];
  let next: number | null = null;
  for (const line of lines.slice(1)) {
    const [pos, size, status, ...rest] = line.trim().split(/\s+/);
    if (pos === undefined || size === undefined || status === undefined || rest.length > 0) return null;
    if (!number.test(pos) || !number.test(size) || !/^[?*/\-+]$/.test(status)) return null;
    const start = Number(pos);
    const length = Number(size);
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(length) || (next !== null && start !== next)) return null;
    next = start + length;
    areas.push({ start, length, status: status as AreaStatus });
  }
  return areas.length === 0 ? null : { phase, areas };
}

const hex = (value: number): string => `0x${value.toString(16).toUpperCase().padStart(8, '0')}`;

/** A map ddrescue takes up again. */
export function formatRescueMap(map: RescueMap): string {
  const first = map.areas.find((area) => area.status !== '+') ?? map.areas[0];
  const lines = map.areas.map((area) => `${hex(area.start)}  ${hex(area.length)}  ${area.status}`);
  return `# Mapfile. Written by disk2iso\n${hex(first?.start ?? 0)}     ${map.phase}               1\n${lines.join('\n')}\n`;
}

/** The map of a rescue that has copied the first `prefixBytes` and nothing else. */
export function prefixMap(prefixBytes: number, mediumBytes: number): RescueMap {
  const all: Area[] = [
    { start: 0, length: prefixBytes, status: '+' },
    { start: prefixBytes, length: mediumBytes - prefixBytes, status: '?' },
  ];
  return { phase: '?', areas: all.filter((area) => area.length > 0) };
}

export function bytesWith(map: RescueMap, status: AreaStatus): number {
  return map.areas.reduce((sum, area) => (area.status === status ? sum + area.length : sum), 0);
}

/** Bytes at the start that are rescued without a hole. */
export function rescuedPrefix(map: RescueMap): number {
  let end = 0;
  for (const area of map.areas) {
    if (area.start !== end || area.status !== '+') break;
    end = area.start + area.length;
  }
  return end;
}

/** Adjoining ranges below `end` whose status is another, joined; what the map does not cover counts too. */
export function rangesWithout(map: RescueMap, status: AreaStatus, end: number): ByteRange[] {
  const covered = map.areas.at(-1);
  const mapEnd = covered === undefined ? 0 : covered.start + covered.length;
  const first = map.areas[0]?.start ?? end;
  const pieces: ByteRange[] = [
    { start: 0, length: Math.min(first, end) },
    ...map.areas.filter((area) => area.status !== status),
    { start: mapEnd, length: end - mapEnd },
  ];
  const joined: { start: number; length: number }[] = [];
  for (const piece of pieces) {
    const length = Math.min(piece.start + piece.length, end) - piece.start;
    if (length <= 0) continue;
    const last = joined.at(-1);
    if (last !== undefined && last.start + last.length === piece.start) last.length += length;
    else joined.push({ start: piece.start, length });
  }
  return joined;
}
