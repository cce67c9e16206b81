/** Both ends inside, as HTTP counts. */
export interface SentRange {
  readonly first: number;
  readonly last: number;
}

/** `whole`: no range asked, or one that is not understood and thus ignored. */
export type RangeAnswer =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: SentRange }
  | { readonly kind: 'unsatisfiable' };

interface AskedRange {
  readonly first: number | null;
  readonly last: number | null;
}

const whole: RangeAnswer = { kind: 'whole' };

function parseOne(text: string): AskedRange | null {
  const match = /^([0-9]{0,15})-([0-9]{0,15})$/.exec(text.trim());
  if (match === null || (match[1] === '' && match[2] === '')) return null;
  const first = match[1] === '' ? null : Number(match[1]);
  const last = match[2] === '' ? null : Number(match[2]);
  return first !== null && last !== null && last < first ? null : { first, last };
}

/** Null where nothing of it lies in the file. */
function resolveRange({ first, last }: AskedRange, size: number): SentRange | null {
  if (first === null) {
    const length = Math.min(last ?? 0, size);
    return length === 0 ? null : { first: size - length, last: size - 1 };
  }
  return first >= size ? null : { first, last: Math.min(last ?? size - 1, size - 1) };
}

/** The one range that several form where they overlap or adjoin; null where a gap lies between. */
function joinRanges(ranges: readonly SentRange[]): SentRange | null {
  const [head, ...rest] = ranges.toSorted((a, b) => a.first - b.first);
  if (head === undefined) return null;
  let joined = head;
  for (const next of rest) {
    if (next.first > joined.last + 1) return null;
    joined = { first: joined.first, last: Math.max(joined.last, next.last) };
  }
  return joined;
}

/**
 * Resolves a Range header (RFC 9110, 14.1.2 and 14.2) against a file of `size` bytes. Several ranges are sent as one
 * where they form one; with gaps between them, or where nothing lies in the file, the answer is `unsatisfiable`.
 */
export function parseRange(header: string | undefined, size: number): RangeAnswer {
  const set = /^\s*bytes\s*=(.*)$/i.exec(header ?? '')?.[1];
  if (set === undefined) return whole;
  if (set.length > 1000) return { kind: 'unsatisfiable' };
  const asked = set.split(',').map(parseOne);
  if (asked.includes(null)) return whole;
  const inside = asked
    .filter((one) => one !== null)
    .map((one) => resolveRange(one, size))
    .filter((one) => one !== null);
  const range = joinRanges(inside);
  return range === null ? { kind: 'unsatisfiable' } : { kind: 'part', range };
}
