/**
 * Globs for volume labels: `*` any text, `?` one character, `[abc]` and `[a-z]` one of these, `[!a]` none of these.
 * Matching takes at most pattern times label steps, whatever either holds: labels come from strangers' discs,
 * and a regular expression made of a pattern with many stars can take for ever.
 */
export type Token =
  | { readonly kind: 'any' }
  | { readonly kind: 'one' }
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'set'; readonly text: string; readonly test: (character: string) => boolean };

const fold = (text: string): string => text.normalize('NFC').toLowerCase();

function parseSet(body: string): Token {
  const negated = body.startsWith('!') || body.startsWith('^');
  const ranges: [number, number][] = [];
  const characters = [...(negated ? body.slice(1) : body)];
  for (let i = 0; i < characters.length; i += 1) {
    const from = characters[i]?.codePointAt(0) ?? 0;
    const isRange = characters[i + 1] === '-' && i + 2 < characters.length;
    ranges.push([from, isRange ? (characters[i + 2]?.codePointAt(0) ?? 0) : from]);
    if (isRange) i += 2;
  }
  const test = (character: string): boolean => {
    const code = character.codePointAt(0) ?? 0;
    return ranges.some(([from, to]) => from <= code && code <= to) !== negated;
  };
  return { kind: 'set', text: body, test };
}

function parseGlob(glob: string): Token[] {
  const characters = [...fold(glob)];
  const tokens: Token[] = [];
  for (let i = 0; i < characters.length; i += 1) {
    const character = characters[i] ?? '';
    const end = character === '[' ? characters.indexOf(']', i + 2) : -1;
    if (end !== -1) {
      tokens.push(parseSet(characters.slice(i + 1, end).join('')));
      i = end;
    } else if (character === '*') {
      if (tokens.at(-1)?.kind !== 'any') tokens.push({ kind: 'any' });
    } else {
      tokens.push(character === '?' ? { kind: 'one' } : { kind: 'literal', text: character });
    }
  }
  return tokens;
}

/** Whether everything that `inner` stands for also fits `outer`; neither is a star. */
function covers(outer: Token, inner: Token): boolean {
  if (inner.kind === 'any') return false;
  if (outer.kind === 'one') return true;
  if (outer.kind === 'set') {
    return inner.kind === 'literal' ? outer.test(inner.text) : inner.kind === 'set' && inner.text === outer.text;
  }
  return outer.kind === 'literal' && inner.kind === 'literal' && outer.text === inner.text;
}

/** The usual two pointers: on a mismatch, the last star takes one more. */
function matches(outer: readonly Token[], inner: readonly Token[]): boolean {
  let o = 0;
  let star = -1;
  let taken = 0;
  for (let i = 0; i < inner.length; ) {
    const token = outer[o];
    if (token?.kind === 'any') {
      star = o;
      taken = i;
      o += 1;
    } else if (token !== undefined && covers(token, inner[i] as Token)) {
      o += 1;
      i += 1;
    } else if (star !== -1) {
      o = star + 1;
      taken += 1;
      i = taken;
    } else {
      return false;
    }
  }
  return outer.slice(o).every((token) => token.kind === 'any');
}

export function createGlob(glob: string): (label: string) => boolean {
  const tokens = parseGlob(glob);
  return (label) =>
    matches(
      tokens,
      [...fold(label)].map((text) => ({ kind: 'literal', text })),
    );
}

/** A pattern read once, to be held against others. */
export interface Pattern {
  readonly tokens: readonly Token[];
}

export const parsePattern = (glob: string): Pattern => ({ tokens: parseGlob(glob) });

/** Whether every label that fits `inner` fits `outer` too. May miss a case, never claims a wrong one. */
export const patternCovers = (outer: Pattern, inner: Pattern): boolean => matches(outer.tokens, inner.tokens);

export const globCovers = (outer: string, inner: string): boolean =>
  patternCovers(parsePattern(outer), parsePattern(inner));
