import { maskLine, secretAbove } from '../core/mask-secrets.js';

/** What a terminal or a log may show of text that anyone may have written. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;
const widest = 120;

/** Replaces what could steer a terminal or hide itself; one character for one, so that columns still fit. */
export const printable = (text: string): string =>
  text.replace(unprintable, (character) => (character === '\t' ? ' ' : '·'.repeat(character.length)));

export function shorten(text: string, most: number): string {
  const plain = printable(text);
  return plain.length <= most ? plain : `${plain.slice(0, most - 1)}…`;
}

/** A value as it is quoted in a message: one line, in quotes, never long. */
export const quote = (value: unknown): string =>
  shorten(typeof value === 'string' ? JSON.stringify(value) : String(value), 60);

/** Line `line` of the text, at most 120 characters of it around the column. */
export function createExcerpt(text: string, line: number, column: number): string {
  let start = 0;
  for (let i = 1; i < line; i += 1) {
    const end = text.indexOf('\n', start);
    if (end === -1) return '';
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  const whole = text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '');
  const above = text.slice(Math.max(0, text.lastIndexOf('\n', start - 2) + 1, start - widest), Math.max(0, start - 1));
  if (secretAbove.test(above)) return '***';
  if (whole.length <= widest) return printable(maskLine(whole));
  const from = Math.max(0, column - widest / 2);
  // masking before cutting could cost much on a line of a megabyte; a wide cut still holds the key
  const near = maskLine(whole.slice(Math.max(0, from - 200), from + widest));
  const cut = near.slice(Math.min(200, from));
  return `${from > 0 ? '…' : ''}${printable(cut)}${from + widest < whole.length ? '…' : ''}`;
}
