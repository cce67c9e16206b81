// Controls (C0, C1), format and bidirectional marks, line and paragraph separators, lone surrogates, unassigned and
// private code points: whatever could break a line, move a cursor, or make a text read differently from what it is.
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Untrusted text as one line for people: log, mail, terminal. Longer than `most` characters, it is cut with `…`. */
export function printable(text: string, most = 1000): string {
  const plain = text.replace(unprintable, '\uFFFD');
  return plain.length <= most ? plain : `${Array.from(plain).slice(0, most).join('')}…`;
}
