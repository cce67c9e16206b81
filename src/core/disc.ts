/** Optical data sectors; every size below that counts sectors counts these. */
export const sectorBytes = 2048;

/** What the drive or the source says it holds. `image` is a file in a folder drive. */
export type MediaKind = 'cd' | 'dvd' | 'bd' | 'image' | 'unknown';
export const mediaKinds: readonly MediaKind[] = ['cd', 'dvd', 'bd', 'image', 'unknown'];

/** What is on it, as far as the table of contents tells. Only `data` (and `unknown`, by trying) can be imaged. */
export type DiscContent = 'data' | 'audio' | 'mixed' | 'multisession' | 'blank' | 'unknown';

export interface Filesystem {
  readonly type: 'iso9660' | 'joliet' | 'udf' | 'hfs';
  /** Volume label as text; undecodable bytes are replaced by U+FFFD. Untrusted: sanitise before any use in a path. */
  readonly label: string | null;
  /** Volume set id, UDF volume-set identifier or creation stamp: whatever the filesystem has for an identity. */
  readonly uuid: string | null;
  /** Bytes from the start of the medium to the end of the volume, as the filesystem itself says. */
  readonly volumeBytes: number | null;
}

export interface Sample {
  /** Sector number. */
  readonly sector: number;
  /** SHA-256 of the 2048 bytes, hexadecimal; null where it could not be read. */
  readonly sha256: string | null;
}

/**
 * Names the content. `structure` is the SHA-256 of the volume structures and the volume size; `samples` are
 * sectors spread over the volume, and those that change when it is written to. A sample that one drive cannot read is
 * no difference: see sameDisc. A fingerprint is null for a disc whose structures could not be read at all.
 */
export interface Fingerprint {
  readonly structure: string;
  readonly samples: readonly Sample[];
}

export interface DiscSizes {
  /** READ CAPACITY, or the file's size. */
  readonly mediumBytes: number | null;
  readonly iso9660Bytes: number | null;
  readonly udfBytes: number | null;
}

/** Who a disc is, found before it is copied. */
export interface Disc {
  readonly media: MediaKind;
  readonly content: DiscContent;
  readonly label: string | null;
  readonly filesystems: readonly Filesystem[];
  readonly sizes: DiscSizes;
  readonly fingerprint: Fingerprint | null;
}

/** A disc at whose end a read failed is shortened by the kernel, by this much at most. */
export const mostShortenedBytes = 150 * sectorBytes;

/** Whether two looks show two discs for certain: something that both could read differs, or the sizes do by too much. */
export function areDifferent(a: Disc, b: Disc): boolean {
  if (a.label !== null && b.label !== null && a.label !== b.label) return true;
  const [before, after] = [a.sizes.mediumBytes, b.sizes.mediumBytes];
  if (before !== null && after !== null && Math.abs(before - after) > mostShortenedBytes) return true;
  return !samplesAgree(a.fingerprint, b.fingerprint);
}

/** True where nothing that both could read differs, and the structures agree. Never true without fingerprints. */
export function sameDisc(a: Fingerprint | null, b: Fingerprint | null): boolean {
  return a !== null && b !== null && a.structure === b.structure && samplesAgree(a, b);
}

function samplesAgree(a: Fingerprint | null, b: Fingerprint | null): boolean {
  if (a === null || b === null) return true;
  const other = new Map(b.samples.map((sample) => [sample.sector, sample.sha256]));
  return a.samples.every((sample) => {
    const digest = other.get(sample.sector);
    return digest === undefined || digest === null || sample.sha256 === null || digest === sample.sha256;
  });
}

/** What the disc says of itself about where its content ends. */
export type Extent = Pick<Disc, 'media' | 'filesystems' | 'sizes'>;

/** End of the largest volume on the disc in bytes, or null where no filesystem says. */
export function volumeEnd({ sizes, filesystems }: Extent): number | null {
  const volumes = filesystems.map(({ volumeBytes }) => volumeBytes);
  const end = Math.max(0, ...[sizes.iso9660Bytes, sizes.udfBytes, ...volumes].map((bytes) => bytes ?? 0));
  return end === 0 ? null : end;
}

/**
 * Bytes that were certainly written: what a shorter medium lacks of them is missing. Of UDF on a disc nothing follows,
 * as its partition may span what was never written; a file that is shorter was cut off.
 */
export function writtenEnd({ media, sizes, filesystems }: Extent): number {
  const counts = (type: Filesystem['type']): boolean => type !== 'udf' || media === 'image';
  const written = filesystems.filter(({ type }) => counts(type)).map(({ volumeBytes }) => volumeBytes ?? 0);
  return Math.max(sizes.iso9660Bytes ?? 0, counts('udf') ? (sizes.udfBytes ?? 0) : 0, ...written);
}
