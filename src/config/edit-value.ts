import { type Document, isCollection, isMap, isNode, isPair, isScalar, isSeq, type Node, stringify } from 'yaml';
import type { Splice } from './migrate-text.js';

/** On one line, whatever it is. */
export const flow = (value: unknown): string =>
  stringify(value, {
    collectionStyle: 'flow',
    lineWidth: 0,
    flowCollectionPadding: false,
    defaultStringType: typeof value === 'string' && /[\n%]/.test(value) ? 'QUOTE_DOUBLE' : 'PLAIN',
  }).replace(/\n$/, '');

/** Where the last character of a node's own stands, without the comments below it. */
export function endOf(node: Node): number {
  const last = isCollection(node) && node.flow !== true ? node.items.at(-1) : undefined;
  const inner = isPair(last) ? (last.value ?? last.key) : last;
  return isNode(inner) ? endOf(inner) : (node.range?.[1] ?? 0);
}

/** A list or a map of lines, not of brackets. */
export const isBlock = (node: unknown): boolean => isCollection(node) && node.flow !== true;

/** The start of the line after the one that `at` ends in; null where the text ends before. */
export function nextLine(text: string, at: number): number | null {
  if (text[at - 1] === '\n') return at;
  const end = text.indexOf('\n', at);
  return end === -1 ? null : end + 1;
}

/**
 * The start of the line after an entry that ends in `at`, and after the comments below it that stand further right than
 * `column`, where entries of its kind begin: those are the entry's own. Null where the text ends before.
 */
export function lineAfterEntry(text: string, at: number, column: number): number | null {
  let after = nextLine(text, at);
  for (let line = after; line !== null && line < text.length; line = nextLine(text, line + 1)) {
    const [, indent = '', sign = ''] = /^([ \t]*)(#?)/.exec(text.slice(line, endOfLine(text, line))) ?? [];
    const isBlank = line + indent.length === endOfLine(text, line);
    if (!isBlank && (sign === '' || indent.length < column)) break;
    if (!isBlank && indent.length > column) after = nextLine(text, endOfLine(text, line));
  }
  return after;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

/** Lines for one more entry of a block, each ended. `column`: where the lines of the block begin. */
export function blockLines(entry: readonly unknown[] | object, column: number, style: 'flow' | 'block'): string {
  const text =
    style === 'block'
      ? stringify(entry, { lineWidth: 0 }).replace(/\n$/, '')
      : Array.isArray(entry)
        ? entry.map((one) => `- ${flow(one)}`).join('\n')
        : Object.entries(entry)
            .map(([key, value]) => `${flow(key)}: ${flow(value)}`)
            .join('\n');
  return `${text.replace(/^(?=.)/gm, ' '.repeat(column))}\n`;
}

/**
 * What has to change in the text for `old` to become `value`: of a list or map that stands in lines only the lines that
 * differ, so that comments and form of the others stay; anything else is replaced as a whole, by one line.
 */
export function spliceValue(document: Document, text: string, old: Node, value: unknown): Splice[] {
  if (JSON.stringify(old.toJS(document)) === JSON.stringify(value)) return [];
  const lines =
    isSeq(old) && isBlock(old) && Array.isArray(value) && value.length > 0
      ? spliceList(document, text, old.items, value)
      : isMap(old) && isBlock(old) && isPlainMap(value)
        ? spliceMap(document, text, old.items, value)
        : null;
  return lines ?? spliceWhole(text, old, value);
}

const isPlainMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0;

function spliceWhole(text: string, old: Node, value: unknown): Splice[] {
  const [given = 0] = old.range ?? [];
  const end = endOf(old);
  // what stood in lines below its key goes beside it
  const gap = isBlock(old) ? (/(?<=:)[ \t]*\r?\n[ \t]*$/.exec(text.slice(0, given))?.[0].length ?? 0) : 0;
  const start = given - gap;
  return [{ start, end, text: gap > 0 || end === start ? ` ${flow(value)}` : flow(value) }];
}

/** One entry of a block: the node that tells its place, the lines it takes, and what stands before it on the first. */
interface Line {
  readonly start: number;
  /** Null for the last line of a text that has no line end there. */
  readonly end: number | null;
  readonly lead: string;
}

function lineOf(text: string, first: Node, last: Node): Line {
  const at = first.range?.[0] ?? 0;
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const lead = text.slice(start, at);
  // of a list's entry the dash tells its place
  const column = /^[ \t]*-/.test(lead) ? lead.indexOf('-') : lead.length;
  return { start, end: lineAfterEntry(text, endOf(last), column), lead };
}

const remove = (text: string, { start, end }: Line): Splice => ({ start, end: end ?? text.length, text: '' });

function addAfter(text: string, { end }: Line, lines: string): Splice {
  return end === null ? { start: text.length, end: text.length, text: `\n${lines}` } : { start: end, end, text: lines };
}

/** Entries that are the same at both ends stay; in between each becomes the next. Null where lines do not tell them. */
function spliceList(
  document: Document,
  text: string,
  given: readonly unknown[],
  value: readonly unknown[],
): Splice[] | null {
  const items = given.filter(isNode);
  const lines = items.map((item) => lineOf(text, item, item));
  const [first] = lines;
  if (first === undefined || items.length < given.length || lines.some(({ lead }) => !/^[ \t]*-[ \t]+$/.test(lead))) {
    return null;
  }
  const [before, after] = [
    items.map((item) => JSON.stringify(item.toJS(document))),
    value.map((one) => JSON.stringify(one)),
  ];
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const common = most - tail;
  const splices: Splice[] = [];
  for (let index = head; index < common; index += 1) {
    const item = items[index];
    if (item !== undefined) splices.push(...spliceValue(document, text, item, value[index]));
  }
  for (const line of lines.slice(common, lines.length - tail)) splices.push(remove(text, line));
  const more = value.slice(common, value.length - tail);
  if (more.length > 0) {
    const added = blockLines(
      more,
      (/^[ \t]*/.exec(first.lead)?.[0] ?? '').length,
      items.some(isBlock) ? 'block' : 'flow',
    );
    const line = lines[common - 1];
    splices.push(
      line === undefined ? { start: first.start, end: first.start, text: added } : addAfter(text, line, added),
    );
  }
  return splices;
}

function spliceMap(
  document: Document,
  text: string,
  pairs: readonly { readonly key: unknown; readonly value: unknown }[],
  value: Readonly<Record<string, unknown>>,
): Splice[] | null {
  const splices: Splice[] = [];
  const known = new Set<string>();
  let last: Line | null = null;
  let column = 0;
  for (const [index, pair] of pairs.entries()) {
    const { key } = pair;
    if (!isScalar(key) || (pair.value !== null && !isNode(pair.value))) return null;
    const name = String(key.value);
    const node = pair.value;
    last = lineOf(text, key, node ?? key);
    if (index === 0) column = last.lead.length;
    if (name in value) {
      if (node === null) return null;
      splices.push(...spliceValue(document, text, node, value[name]));
    } else if (last.lead.trim() === '') splices.push(remove(text, last));
    // the first line of a list's entry holds its dash
    else return null;
    known.add(name);
  }
  const more = Object.entries(value).filter(([name]) => !known.has(name));
  if (last !== null && more.length > 0) {
    splices.push(addAfter(text, last, blockLines(Object.fromEntries(more), column, 'flow')));
  }
  return splices;
}
