import { createHash } from 'node:crypto';
import { type Disc, type Filesystem, type Fingerprint, type Sample, sectorBytes } from '../core/disc.js';
import { parseHfs } from './volume-hfs.js';
import { type ParsedVolume, parseIso9660 } from './volume-iso9660.js';
import { limitReads, type ReadSector } from './volume-sectors.js';
import { parseUdf } from './volume-udf.js';

/** What reading alone tells of a disc; the drive adds what kind of medium it is. */
export type VolumeIdentity = Omit<Disc, 'media' | 'content'>;

/** Far above what any sound disc needs (about 40). */
const mostReads = 400;
const mostFailures = 4;
const sampleCount = 16;
const mostSampleFailures = 2;
/** Run-out of a track-at-once CD: a disc that ends so soon behind its volume has nothing of its own there. */
const runOutBytes = 150 * sectorBytes;
const headSectors = 16;
/** A drive's size is counted in these, as the kernel may shorten it by the unreadable run-out it meets. */
const coarseBytes = 1024 * sectorBytes;

export interface MediumSize {
  /** Null where it is not known. */
  readonly bytes: number | null;
  /** A file's size is exact; a drive may count run-out sectors that an image of the same disc does not hold. */
  readonly exact: boolean;
}

const sha256 = (...parts: readonly (Uint8Array | string)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/**
 * Sectors whose digests tell two discs with equal structures apart: the last one of each sixteenth of the volume.
 * They depend on the volume's size alone, so every drive takes the same; the very last tells a cut-off copy.
 */
export function sampleSectors(volumeSectors: number): number[] {
  const all = Array.from({ length: sampleCount }, (_, i) => Math.floor(((i + 1) * volumeSectors) / sampleCount) - 1);
  return [...new Set(all)].filter((sector) => sector >= 0);
}

/**
 * What lies behind the volume is sampled likewise, the end first: a second session stands behind a gap that cannot
 * be read.
 */
function sectorsBeyond(volumeSectors: number, mediumSectors: number): number[] {
  const beyond = mediumSectors - volumeSectors;
  return beyond <= 0
    ? []
    : sampleSectors(beyond)
        .map((sector) => volumeSectors + sector)
        .reverse();
}

/** Beyond the medium's end there are no bytes, and their digest says so: that is no read error. */
function takeSamples(read: ReadSector, sectors: readonly number[]): Sample[] {
  let failures = 0;
  return sectors.map((sector) => {
    const data = failures < mostSampleFailures ? read(sector) : null;
    if (data === null) failures += 1;
    return { sector, sha256: data === null ? null : sha256(data) };
  });
}

/** The longest label; between equals UDF before Joliet before ISO 9660, as the former keep case and accents. */
export function chooseLabel(filesystems: readonly Filesystem[]): string | null {
  let best: string | null = null;
  for (const type of ['udf', 'joliet', 'iso9660', 'hfs'] as const) {
    for (const { label } of filesystems.filter((one) => one.type === type)) {
      if (label !== null && (best === null || [...label].length > [...best].length)) best = label;
    }
  }
  return best;
}

function endOf(filesystems: readonly Filesystem[], types: readonly Filesystem['type'][]): number | null {
  const ends = filesystems.filter((one) => types.includes(one.type)).map((one) => one.volumeBytes ?? 0);
  const end = Math.max(0, ...ends);
  return end === 0 ? null : end;
}

function countedBytes({ bytes, exact }: MediumSize): number {
  const size = bytes ?? 0;
  return exact || size < coarseBytes ? size : size - (size % coarseBytes);
}

function fingerprintVolumes(
  sample: ReadSector,
  volumes: readonly ParsedVolume[],
  filesystems: readonly Filesystem[],
  medium: MediumSize,
): Fingerprint {
  const counted = countedBytes(medium);
  const end = Math.max(0, ...filesystems.map((one) => one.volumeBytes ?? 0)) || counted;
  // What lies behind the volume is content too, a second session or partition: two discs that differ there are two.
  const beyond = (medium.bytes ?? 0) > end + (medium.exact ? 0 : runOutBytes) ? counted : 0;
  const structure = sha256('volume\n', `${end} ${beyond}\n`, ...volumes.flatMap((volume) => volume.identity));
  const volumeSectors = Math.ceil(end / sectorBytes);
  const mediumSectors = Math.ceil(beyond / sectorBytes);
  const spread = [sampleSectors(volumeSectors), sectorsBeyond(volumeSectors, mediumSectors)];
  const marks = new Set(volumes.flatMap((volume) => volume.marks ?? []));
  for (const sector of spread.flat()) marks.delete(sector);
  return { structure, samples: [[...marks], ...spread].flatMap((sectors) => takeSamples(sample, sectors)) };
}

/** A medium without a filesystem known here is named by its size and its first sectors. */
function fingerprintRaw(read: ReadSector, sample: ReadSector, sizeBytes: number): Fingerprint | null {
  const head: Uint8Array[] = [];
  for (let sector = 0; sector < headSectors; sector += 1) {
    const data = read(sector);
    if (data === null) break;
    head.push(data);
  }
  if (head.every((data) => data.length === 0)) return null;
  return {
    structure: sha256('raw\n', `${sizeBytes}\n`, ...head),
    samples: takeSamples(sample, sampleSectors(Math.ceil(sizeBytes / sectorBytes))),
  };
}

/**
 * Reads the volume structures and the samples. Never throws, whatever the medium holds, and reads at most 400
 * different sectors.
 *
 * @param readMedium reads one sector; called at most once for each
 * @param expired tells whether the time is up; what was not read by then counts as unreadable
 */
export function identifyVolume(readMedium: ReadSector, medium: MediumSize, expired: () => boolean): VolumeIdentity {
  const once = limitReads(readMedium, { mostReads, mostFailures: Number.POSITIVE_INFINITY, expired });
  // structures and samples each have their own allowance of bad sectors
  const read = limitReads(once, { mostReads, mostFailures, expired });
  const sample = limitReads(once, { mostReads, mostFailures, expired });
  const mediumSectors = medium.bytes === null ? null : Math.floor(medium.bytes / sectorBytes);
  const volumes = [parseIso9660(read), parseUdf(read, mediumSectors), parseHfs(read)].filter((one) => one !== null);
  const filesystems = volumes.flatMap((volume) => volume.filesystems);
  return {
    label: chooseLabel(filesystems),
    filesystems,
    sizes: {
      mediumBytes: medium.bytes,
      iso9660Bytes: endOf(filesystems, ['iso9660', 'joliet']),
      udfBytes: endOf(filesystems, ['udf']),
    },
    fingerprint:
      volumes.length > 0
        ? fingerprintVolumes(sample, volumes, filesystems, medium)
        : fingerprintRaw(read, sample, countedBytes(medium)),
  };
}
