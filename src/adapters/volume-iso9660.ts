import type { Filesystem } from '../core/disc.js';
import { type ReadSector, viewOf, wholeSector } from './volume-sectors.js';
import { decodeByteText, decodeUcs2 } from './volume-text.js';

/** ECMA-119: volume descriptors stand from sector 16 on, one a sector, up to a terminator. */
const firstDescriptor = 16;
const mostDescriptors = 32;
const primary = 1;
const supplementary = 2;
const terminator = 255;

export interface ParsedVolume {
  readonly filesystems: readonly Filesystem[];
  /** Bytes of the structures that name this volume, the same from every drive. */
  readonly identity: readonly Uint8Array[];
  /** Sectors that change whenever something is written to the volume: they are sampled. */
  readonly marks?: readonly number[];
}

function isDescriptor(sector: Uint8Array): boolean {
  return Buffer.from(sector.subarray(1, 6)).toString('latin1') === 'CD001';
}

/** Joliet's three levels are told apart by escape sequences: UCS-2 level 1, 2, 3. */
function isJoliet(sector: Uint8Array): boolean {
  const sequence = Buffer.from(sector.subarray(88, 91)).toString('latin1');
  return sequence === '%/@' || sequence === '%/C' || sequence === '%/E';
}

/** Numbers stand there in both byte orders. Some programs wrote only one: the other is taken where it is zero. */
function bothEndian32(sector: Uint8Array, at: number): number {
  const view = viewOf(sector);
  return view.getUint32(at, true) || view.getUint32(at + 4, false);
}

function bothEndian16(sector: Uint8Array, at: number): number {
  const view = viewOf(sector);
  return view.getUint16(at, true) || view.getUint16(at + 2, false);
}

function volumeBytes(sector: Uint8Array): number | null {
  const blocks = bothEndian32(sector, 80);
  const blockSize = bothEndian16(sector, 128);
  const plausible = blockSize === 512 || blockSize === 1024 || blockSize === 2048;
  return blocks === 0 ? null : blocks * (plausible ? blockSize : 2048);
}

/** `2021-02-07-12-34-56-00`, as blkid and /dev/disk/by-uuid write it: when it was last modified, else created. */
function stamp(sector: Uint8Array): string | null {
  for (const at of [830, 813]) {
    const digits = Buffer.from(sector.subarray(at, at + 16)).toString('latin1');
    const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(digits);
    if (parts !== null && !/^0*$/.test(digits)) return parts.slice(1).join('-');
  }
  return null;
}

/** Reads the descriptors of ISO 9660 and Joliet, or returns null where there are none. Never throws. */
export function parseIso9660(read: ReadSector): ParsedVolume | null {
  const identity: Uint8Array[] = [];
  const filesystems: Filesystem[] = [];
  for (let sector = firstDescriptor; sector < firstDescriptor + mostDescriptors; sector += 1) {
    const data = wholeSector(read, sector);
    if (data === null) {
      // one bad sector: those behind it may be good. Past the end there is nothing more.
      if (read(sector) !== null) break;
      continue;
    }
    if (!isDescriptor(data)) break;
    identity.push(data);
    const type = data[0];
    if (type === terminator) break;
    if (type === primary && !filesystems.some((one) => one.type === 'iso9660')) {
      const label = decodeByteText(data.subarray(40, 72));
      filesystems.push({ type: 'iso9660', label, uuid: stamp(data), volumeBytes: volumeBytes(data) });
    }
    if (type === supplementary && isJoliet(data) && !filesystems.some((one) => one.type === 'joliet')) {
      const label = decodeUcs2(data.subarray(40, 72));
      filesystems.push({ type: 'joliet', label, uuid: stamp(data), volumeBytes: volumeBytes(data) });
    }
  }
  return filesystems.length === 0 ? null : { filesystems, identity };
}
