import type { ByteRange } from './byte-range.js';
import { type Extent, sectorBytes, volumeEnd, writtenEnd } from './disc.js';
import { clipMap, type RescueMap, rangesWithout } from './rescue-map.js';

/** What became of a disc. Ranges are in bytes from the start of the medium. */
export type Verdict =
  | { readonly kind: 'complete' }
  /** Only the run-out of a track-at-once CD beyond the volume was unreadable; it is cut off the image. */
  | { readonly kind: 'complete_with_tail'; readonly tail: ByteRange }
  | { readonly kind: 'damaged'; readonly bad: readonly ByteRange[]; readonly badBytes: number }
  /** Copy protection refused sectors; what could be read without decrypting is kept. */
  | { readonly kind: 'protected'; readonly bad: readonly ByteRange[]; readonly badBytes: number }
  | { readonly kind: 'unreadable' };

export type VerdictKind = Verdict['kind'];
export const verdictKinds: readonly VerdictKind[] = [
  'complete',
  'complete_with_tail',
  'damaged',
  'protected',
  'unreadable',
];

/** True for the two verdicts that mean: nothing of the disc's content is missing. */
export const isWhole = (verdict: Verdict): boolean =>
  verdict.kind === 'complete' || verdict.kind === 'complete_with_tail';

/** Track-at-once run-out is 2 sectors; 7 is the whole link between two packets. More is damage, wherever it lies. */
export const longestTailBytes = 7 * sectorBytes;
/** mkisofs pads by 150 sectors, cdrecord by 15. What lies further behind the volume is a partition or a session. */
const longestPaddingBytes = 165 * sectorBytes;

const sum = (ranges: readonly ByteRange[]): number => ranges.reduce((bytes, { length }) => bytes + length, 0);

/**
 * Judges a finished rescue by its map, never by ddrescue's exit status, which is 0 with bad sectors left.
 *
 * @param mediumBytes size of the medium
 * @param refusedByProtection whether the drive said so (sense 05/6F/03), not a guess from the pattern of errors
 */
export function judge(map: RescueMap, mediumBytes: number, disc: Extent, refusedByProtection: boolean): Verdict {
  const unread = rangesWithout(map, '+', mediumBytes);
  // nothing read: of an empty medium too
  if (sum(unread) >= mediumBytes) return { kind: 'unreadable' };
  // what a medium shorter than its volume lacks is missing, however well the rest reads
  const bad = rangesWithout(clipMap(map, mediumBytes), '+', Math.max(mediumBytes, writtenEnd(disc)));
  const badBytes = sum(bad);
  const [first, ...more] = bad;
  if (first === undefined) return { kind: 'complete' };
  if (refusedByProtection) return { kind: 'protected', bad, badBytes };
  if (more.length === 0 && isRunOut(first, mediumBytes, disc)) return { kind: 'complete_with_tail', tail: first };
  return { kind: 'damaged', bad, badBytes };
}

function isRunOut({ start, length }: ByteRange, mediumBytes: number, disc: Extent): boolean {
  const end = volumeEnd(disc);
  if (disc.media !== 'cd' || end === null) return false;
  const behindVolume = start >= end && start - end <= longestPaddingBytes;
  return behindVolume && start + length === mediumBytes && length <= longestTailBytes;
}
