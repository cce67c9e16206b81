import { sectorBytes } from '../core/disc.js';
import type { ParsedVolume } from './volume-iso9660.js';
import { type ReadSector, viewOf, wholeSector } from './volume-sectors.js';

/** Apple counts blocks of 512 bytes. */
const blockBytes = 512;
const mostPartitions = 32;

function readBlock(read: ReadSector, block: number): Uint8Array | null {
  const perSector = sectorBytes / blockBytes;
  const data = wholeSector(read, Math.floor(block / perSector));
  const at = (block % perSector) * blockBytes;
  return data === null ? null : data.subarray(at, at + blockBytes);
}

const signature = (data: Uint8Array): string => Buffer.from(data.subarray(0, 2)).toString('latin1');

/** First block of the HFS partition in Apple's partition map, or 0 where the volume is not partitioned. */
function findPartition(read: ReadSector): number {
  for (let i = 1; i <= mostPartitions; i += 1) {
    const entry = readBlock(read, i);
    if (entry === null || signature(entry) !== 'PM') break;
    const type = Buffer.from(entry.subarray(48, 80)).toString('latin1').replace(/\0.*$/s, '');
    if (type === 'Apple_HFS') return viewOf(entry).getUint32(8, false);
  }
  return 0;
}

/** Reads the header of HFS or HFS+ (Inside Macintosh: Files; TN1150), or returns null. Never throws. */
export function parseHfs(read: ReadSector): ParsedVolume | null {
  const first = findPartition(read);
  // boot blocks come first; the header is the third block
  const header = readBlock(read, first + 2);
  if (header === null) return null;
  const view = viewOf(header);
  const start = first * blockBytes;
  const kind = signature(header);
  if (kind === 'BD') {
    const blockSize = view.getUint32(20, false);
    // allocation blocks, and behind them the header's copy and one reserved block
    const volumeBytes = start + (view.getUint16(28, false) + 2) * blockBytes + view.getUint16(18, false) * blockSize;
    const length = Math.min(header[36] ?? 0, 27);
    const label = new TextDecoder('macintosh').decode(header.subarray(37, 37 + length)).trim() || null;
    return { filesystems: [{ type: 'hfs', label, uuid: null, volumeBytes }], identity: [header] };
  }
  if (kind === 'H+' || kind === 'HX') {
    // its label stands in the catalog tree, which is not read
    const end = start + view.getUint32(40, false) * view.getUint32(44, false);
    const volumeBytes = Number.isSafeInteger(end) ? end : null;
    return { filesystems: [{ type: 'hfs', label: null, uuid: null, volumeBytes }], identity: [header] };
  }
  return null;
}
