import { sectorBytes } from '../core/disc.js';
import type { ParsedVolume } from './volume-iso9660.js';
import { type ReadSector, viewOf, wholeSector } from './volume-sectors.js';
import { decodeDstring } from './volume-text.js';

/** Tag identifiers of ECMA-167, 3/7.2.1. */
const tag = { primary: 1, anchor: 2, pointer: 3, partition: 5, logical: 6, terminating: 8, integrity: 9 } as const;
const mostDescriptors = 64;
const mostMarks = 8;

/** CRC of ITU-T V.41 as ECMA-167 uses it: x^16 + x^12 + x^5 + 1, from zero. */
function checksumCcitt(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

/** The tag's identifier if tag and content agree with their checksums and with the place they stand, else null. */
function tagAt(data: Uint8Array, sector: number): number | null {
  const view = viewOf(data);
  let sum = 0;
  for (let i = 0; i < 16; i += 1) if (i !== 4) sum = (sum + (data[i] ?? 0)) & 0xff;
  const crcLength = view.getUint16(10, true);
  if (sum !== data[4] || view.getUint32(12, true) !== sector || crcLength > sectorBytes - 16) return null;
  if (view.getUint16(8, true) !== checksumCcitt(data.subarray(16, 16 + crcLength))) return null;
  return view.getUint16(0, true);
}

/** Whether the recognition sequence behind sector 16 announces UDF (NSR02 or NSR03). */
function announcesUdf(read: ReadSector): boolean {
  for (let sector = 16; sector < 16 + mostDescriptors; sector += 1) {
    const data = wholeSector(read, sector);
    if (data === null) {
      if (read(sector) !== null) return false;
      continue;
    }
    const name = Buffer.from(data.subarray(1, 6)).toString('latin1');
    if (name === 'NSR02' || name === 'NSR03') return true;
    if (!['CD001', 'BEA01', 'BOOT2', 'CDW02'].includes(name)) return false;
  }
  return false;
}

interface Extent {
  readonly sector: number;
  readonly sectors: number;
}

function extentAt(data: Uint8Array, at: number): Extent {
  const view = viewOf(data);
  return { sector: view.getUint32(at + 4, true), sectors: Math.ceil(view.getUint32(at, true) / sectorBytes) };
}

const endOf = (extent: Extent): number => (extent.sectors === 0 ? 0 : extent.sector + extent.sectors);

/** The anchor stands at 256 and at the end (N or N-256); a disc not yet closed may have it at 512 alone. */
function findAnchor(read: ReadSector, mediumSectors: number | null): { data: Uint8Array; sector: number } | null {
  const end = mediumSectors ?? 0;
  for (const sector of [256, end - 1, end - 257, 512]) {
    const data = sector < 256 ? null : wholeSector(read, sector);
    if (data !== null && tagAt(data, sector) === tag.anchor) return { data, sector };
  }
  return null;
}

interface Sequence {
  label: string | null;
  volumeSet: string | null;
  uuid: string | null;
  endSector: number;
  readonly identity: Uint8Array[];
  /** Where the logical volume integrity sequence begins. */
  integrity: Extent | null;
  /** The file set descriptor's block in the partition; null where that is not addressed plainly. */
  fileSet: number | null;
  partitionStart: number;
}

/** Reads a volume descriptor sequence; the first of each kind counts, extents may chain once and again. */
function readSequence(read: ReadSector, start: Extent): Sequence | null {
  const found: Sequence = {
    label: null,
    volumeSet: null,
    uuid: null,
    endSector: 0,
    identity: [],
    integrity: null,
    fileSet: null,
    partitionStart: 0,
  };
  let { sector, sectors } = start;
  for (let count = 0; count < mostDescriptors && sectors > 0; count += 1, sector += 1, sectors -= 1) {
    const data = wholeSector(read, sector);
    if (data === null) continue;
    const kind = tagAt(data, sector);
    if (kind === null || kind === tag.terminating) break;
    // without the tag, which holds the place it stands at: main and reserve sequence then read the same
    found.identity.push(data.subarray(16));
    const view = viewOf(data);
    if (kind === tag.primary) {
      found.volumeSet ??= decodeDstring(data.subarray(24, 56));
      found.uuid ??= decodeDstring(data.subarray(72, 200));
    } else if (kind === tag.logical) {
      found.label ??= decodeDstring(data.subarray(84, 212));
      found.integrity ??= extentAt(data, 432);
      // one partition map of type 1: no virtual, sparable or metadata partition in between
      if (view.getUint32(268, true) === 1 && data[440] === 1) found.fileSet ??= view.getUint32(252, true);
    } else if (kind === tag.partition) {
      found.partitionStart ||= view.getUint32(188, true);
      found.endSector = Math.max(found.endSector, view.getUint32(188, true) + view.getUint32(192, true));
    } else if (kind === tag.pointer) {
      const next = extentAt(data, 20);
      sector = next.sector - 1;
      sectors = next.sectors + 1;
    }
  }
  return found.identity.length === 0 ? null : found;
}

/**
 * Sectors that are written again whenever the volume is: its integrity descriptors, which bear the time, the next
 * unique id and the free space (ECMA-167, 3/10.10), the file set descriptor and the root directory's entry.
 */
function findMarks(read: ReadSector, { integrity, fileSet, partitionStart }: Sequence): number[] {
  const marks: number[] = [];
  let { sector, sectors } = integrity ?? { sector: 0, sectors: 0 };
  for (; sectors > 0 && marks.length < mostMarks; sector += 1, sectors -= 1) {
    // the one behind the last descriptor as well: there the next is appended
    marks.push(sector);
    const data = wholeSector(read, sector);
    if (data === null || tagAt(data, sector) !== tag.integrity) break;
    const next = extentAt(data, 32);
    if (next.sectors > 0) {
      sector = next.sector - 1;
      sectors = next.sectors + 1;
    }
  }
  if (fileSet === null) return marks;
  marks.push(partitionStart + fileSet);
  const data = wholeSector(read, partitionStart + fileSet);
  if (data !== null) marks.push(partitionStart + viewOf(data).getUint32(404, true));
  return marks;
}

/** Reads UDF's volume structures in blocks of 2048 bytes, or returns null where there are none. Never throws. */
export function parseUdf(read: ReadSector, mediumSectors: number | null): ParsedVolume | null {
  if (!announcesUdf(read)) return null;
  const anchor = findAnchor(read, mediumSectors);
  if (anchor === null) return null;
  const main = extentAt(anchor.data, 16);
  const reserve = extentAt(anchor.data, 24);
  const sequence = readSequence(read, main) ?? readSequence(read, reserve);
  if (sequence === null) return null;
  // the reserve sequence often stands behind the partition: it belongs to the volume
  const end = Math.max(sequence.endSector, endOf(main), endOf(reserve), anchor.sector + 1) * sectorBytes;
  const label = sequence.label ?? sequence.volumeSet;
  const volumeBytes = sequence.endSector === 0 ? null : end;
  return {
    filesystems: [{ type: 'udf', label, uuid: sequence.uuid, volumeBytes }],
    identity: [anchor.data.subarray(16, 32), ...sequence.identity],
    marks: findMarks(read, sequence),
  };
}
