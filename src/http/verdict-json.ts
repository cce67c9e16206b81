import type { ByteRange } from '../core/byte-range.js';
import type { Verdict } from '../core/verdict.js';
import type { ByteRangeJson } from './api.gen.js';

export interface VerdictJson {
  readonly bad_bytes: number | null;
  readonly bad_range_count: number | null;
  readonly bad_ranges: ByteRangeJson[] | null;
  readonly tail: ByteRangeJson | null;
}

/** How many ranges a list shows; a badly scratched disc has many thousands. */
export const rangesInLists = 100;

const rangeJson = ({ start, length }: ByteRange): ByteRangeJson => ({ start, length });

function unreadRanges(verdict: Verdict, mediumBytes: number | null): readonly ByteRange[] | null {
  switch (verdict.kind) {
    case 'complete':
    case 'complete_with_tail':
      return [];
    case 'damaged':
    case 'protected':
      return verdict.bad;
    case 'unreadable':
      return mediumBytes === null || mediumBytes === 0 ? null : [{ start: 0, length: mediumBytes }];
  }
}

/** What the disc lacks, in figures. `mediumBytes`: its size, or null. */
export function verdictJson(verdict: Verdict | null, mediumBytes: number | null, mostRanges: number): VerdictJson {
  const bad = verdict === null ? null : unreadRanges(verdict, mediumBytes);
  return {
    bad_bytes: bad === null ? null : bad.reduce((sum, range) => sum + range.length, 0),
    bad_range_count: bad === null ? null : bad.length,
    bad_ranges: bad === null ? null : bad.slice(0, mostRanges).map(rangeJson),
    tail: verdict?.kind === 'complete_with_tail' ? rangeJson(verdict.tail) : null,
  };
}
