import type { ByteRange } from './byte-range.js';

/**
 * GNU ddrescue's mapfile (manual, chapter "Mapfile structure"): comment lines, one status line
 * `current_pos current_status [current_pass]`, then areas `pos size status` from 0 in order and without gaps.
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

// a leading zero would be octal to ddrescue
const number = /^(0x[0-9A-Fa-f]+|0|[1-9][0-9]*)$/;

/**
 * Returns null for text that is not a gapless map: one that was cut off while it was being written. A cut just after
 * a line cannot be seen; such a map says less than it did, and what it no longer covers counts as not rescued.
 */
export function parseRescueMap(text: string): RescueMap | null {
  // zeros are what a power cut leaves of a page that was never written
  if (!text.endsWith('\n') || text.includes('\0')) return null;
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const phase = lines[0]?.trim().split(/\s+/)[1];
  if (phase === undefined || !/^[?*/\-+FG]$/.test(phase)) return null;
  const areas: Area[] = [];
  let next = 0;
  for (const line of lines.slice(1)) {
    const [pos, size, status, ...rest] = line.trim().split(/\s+/);
    if (pos === undefined || size === undefined || status === undefined || rest.length > 0) return null;
    if (!number.test(pos) || !number.test(size) || !/^[?*/\-+]$/.test(status)) return null;
    const start = Number(pos);
    // a source whose size ddrescue could not find out ends at 2^63
    const length = Math.min(Number(size), Number.MAX_SAFE_INTEGER - start);
    const end = start + length;
    if (length <= 0 || !Number.isSafeInteger(end) || start !== next) return null;
    next = end;
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
  const prefix = Math.min(prefixBytes, mediumBytes);
  const all: Area[] = [
    { start: 0, length: prefix, status: '+' },
    { start: prefix, length: mediumBytes - prefix, status: '?' },
  ];
  return { phase: '?', areas: all.filter((area) => area.length > 0) };
}

/** First byte that the map says nothing of any more. */
export function endOfMap(map: RescueMap): number {
  const last = map.areas.at(-1);
  return last === undefined ? 0 : last.start + last.length;
}

/** The map of the first `bytes` alone. */
export function clipMap(map: RescueMap, bytes: number): RescueMap {
  const areas = map.areas
    .filter((area) => area.start < bytes)
    .map((area) => ({ ...area, length: Math.min(area.length, bytes - area.start) }));
  return { ...map, areas };
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
  const mapStart = map.areas[0]?.start ?? 0;
  const mapEnd = endOfMap(map);
  const pieces: ByteRange[] = [
    { start: 0, length: mapStart },
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
