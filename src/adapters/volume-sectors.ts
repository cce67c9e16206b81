import { sectorBytes } from '../core/disc.js';

/**
 * Reads one sector of 2048 bytes. Fewer bytes than that: the medium ends there, so none at all lie past its end.
 * Null: the sector exists and could not be read.
 */
export type ReadSector = (sector: number) => Uint8Array | null;

export interface SectorLimits {
  /** Different sectors that are read at most, however large or twisted the structures claim to be. */
  readonly mostReads: number;
  /** After so many unreadable sectors nothing more is tried: each can cost a drive half a minute. */
  readonly mostFailures: number;
  /** Tells whether the time is up; then nothing more is tried. */
  readonly expired: () => boolean;
}

const nothing = new Uint8Array(0);

/** A reader that remembers what it read, and that no medium, broken or hostile, can keep busy for long. */
export function limitReads(read: ReadSector, limits: SectorLimits): ReadSector {
  const seen = new Map<number, Uint8Array | null>();
  let failures = 0;
  return (sector) => {
    if (!Number.isSafeInteger(sector) || sector < 0) return nothing;
    const known = seen.get(sector);
    if (known !== undefined) return known;
    if (seen.size >= limits.mostReads || failures >= limits.mostFailures || limits.expired()) return null;
    const data = read(sector);
    if (data === null) failures += 1;
    seen.set(sector, data);
    return data;
  };
}

/** The sector if it is there in full, else null. */
export function wholeSector(read: ReadSector, sector: number): Uint8Array | null {
  const data = read(sector);
  return data !== null && data.length === sectorBytes ? data : null;
}

/** For the integers in a sector. */
export const viewOf = (data: Uint8Array): DataView => new DataView(data.buffer, data.byteOffset, data.byteLength);
