import type { ByteRange } from './byte-range.js';
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

/** Track-at-once run-out is 2 sectors; some drives refuse a few more. More than this is damage, wherever it lies. */
const longestTailBytes = 150 * 2048;

const sum = (ranges: readonly ByteRange[]): number => ranges.reduce((bytes, { length }) => bytes + length, 0);

/**
 * Judges a finished rescue by its map, never by ddrescue's exit status, which is 0 with bad sectors left.
 *
 * @param mediumBytes size of the medium
 * @param volumeEnd end of the filesystem in bytes, or null where none says
 * @param refusedByProtection whether the drive said so (sense 05/6F/03), not a guess from the pattern of errors
 * @param isoEnd end of the ISO 9660 volume in bytes: what a shorter medium lacks of it is missing, however well the rest
 *   reads. Of UDF nothing follows, as its partition may span what was never written.
 */
export function judge(
  map: RescueMap,
  mediumBytes: number,
  volumeEnd: number | null,
  refusedByProtection: boolean,
  isoEnd: number | null = null,
): Verdict {
  const unread = rangesWithout(map, '+', mediumBytes);
  // nothing read: of an empty medium too
  if (sum(unread) >= mediumBytes) return { kind: 'unreadable' };
  const bad = rangesWithout(clipMap(map, mediumBytes), '+', Math.max(mediumBytes, isoEnd ?? 0));
  const badBytes = sum(bad);
  if (bad.length === 0) return { kind: 'complete' };
  if (refusedByProtection) return { kind: 'protected', bad, badBytes };
  const only = bad.length === 1 ? bad[0] : undefined;
  const reachesEnd = only !== undefined && only.start + only.length === mediumBytes;
  if (
    only !== undefined &&
    reachesEnd &&
    volumeEnd !== null &&
    only.start >= volumeEnd &&
    only.length <= longestTailBytes
  ) {
    return { kind: 'complete_with_tail', tail: only };
  }
  return { kind: 'damaged', bad, badBytes };
}
