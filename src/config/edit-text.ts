import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { Fault } from '../core/fault.js';
import { blockLines, endOf, flow, isBlock, lineAfterEntry, spliceValue } from './edit-value.js';
import { applySplices } from './migrate-text.js';

type Step = string | number;

const refuse = (message: string): Fault => new Fault('bad_request', message);

/** `drives[0].suspend`, or by name: `rules[family films].path`. Throws Fault bad_request. */
export function parseKey(key: string): Step[] {
  const steps: Step[] = [];
  const pattern = /(?:^|\.)([A-Za-z_][A-Za-z0-9_]*)|\[([^[\]]+)\]/y;
  while (pattern.lastIndex < key.length) {
    const match = pattern.exec(key);
    if (match === null)
      throw refuse(`${JSON.stringify(key.slice(0, 100))} is no key; write one such as drives[0].suspend.`);
    const [, word, index] = match;
    steps.push(word ?? (/^\d+$/.test(index ?? '') ? Number(index) : `[${index}`));
    if (pattern.lastIndex === key.length) break;
  }
  if (steps.length === 0 || steps.length > 16) throw refuse('Which key? Name one such as defaults.eject.');
  return steps;
}

/** The steps with entries that were named (`[upper]`) found by their name; null where there is none of it. */
function locate(document: Document, steps: readonly Step[]): Step[] | null {
  const found: Step[] = [];
  for (const step of steps) {
    if (typeof step === 'number' || !step.startsWith('[')) {
      found.push(step);
      continue;
    }
    const list = document.getIn(found);
    const index = isSeq(list) ? list.items.findIndex((item) => isMap(item) && item.get('name') === step.slice(1)) : -1;
    if (index === -1) return null;
    found.push(index);
  }
  return found;
}

/** How much of the way to the key a text has: 0 for nothing, `steps.length` for the value itself. */
export function depthOf(text: string, key: string): number {
  const document = parseDocument(text, { logLevel: 'silent' });
  const steps = locate(document, parseKey(key));
  if (steps === null) return 0;
  let depth = 0;
  while (depth < steps.length && document.hasIn(steps.slice(0, depth + 1))) depth += 1;
  return depth;
}

/**
 * Sets one value in a file as a person would: a value that is there is replaced in its place, a new one gets a line of
 * its own at the end of its section; nothing else moves. Throws Fault bad_request where the key does not allow it.
 */
export function editText(text: string, key: string, value: unknown): string {
  const isOfWindows = text.includes('\r\n') && !/(?<!\r)\n/.test(text);
  if (!isOfWindows) return editLines(text, key, value);
  return editLines(text.replaceAll('\r\n', '\n'), key, value).replaceAll('\n', '\r\n');
}

function editLines(text: string, key: string, value: unknown): string {
  const document = parseDocument(text, { logLevel: 'silent' });
  if (document.errors.length > 0) throw new Fault('config_invalid', 'The file has mistakes; mend them first.');
  const steps = locate(document, parseKey(key));
  if (steps === null) throw refuse(`There is no such entry: ${key}.`);
  let depth = 0;
  while (depth + 1 < steps.length && isCollection(document.getIn(steps.slice(0, depth + 1)))) depth += 1;
  const [section, step] = [depth === 0 ? document.contents : document.getIn(steps.slice(0, depth), true), steps[depth]];
  if (step === undefined || !isCollection(section) || isSeq(section) !== (typeof step === 'number')) {
    throw refuse(`${key} cannot be set here: what is above it is no ${typeof step === 'number' ? 'list' : 'section'}.`);
  }
  const below = steps.slice(depth + 1);
  if (below.some((one) => typeof one === 'number')) throw refuse(`There is no list for ${key} yet; set it as a whole.`);
  const nested = below.reduceRight<unknown>((inner, one) => ({ [one]: inner }), value);
  const old = section.get(step, true);
  if (old === undefined) return insert(text, section, step, nested);
  if (below.length > 0 && !(isScalar(old) && old.value === null))
    throw refuse(`${key} cannot be set: above it stands a value.`);
  if (!isNode(old) || old.range == null) throw refuse(`${key} cannot be edited; do it by hand.`);
  return applySplices(text, spliceValue(document, text, old, nested));
}

function insert(text: string, section: YAMLMap | YAMLSeq, step: Step, value: unknown): string {
  const items: readonly unknown[] = section.items;
  if (typeof step === 'number' && step !== items.length) {
    throw refuse(`There is no entry ${step}; the list has ${items.length}.`);
  }
  const end = endOf(section);
  if (section.flow === true) {
    const entry = typeof step === 'number' ? flow(value) : `${flow(step)}: ${flow(value)}`;
    return applySplices(text, [{ start: end - 1, end: end - 1, text: items.length === 0 ? entry : `, ${entry}` }]);
  }
  // the lines of a block begin where its first one does
  const first = section.range?.[0] ?? 0;
  const column = first - (text.lastIndexOf('\n', first - 1) + 1);
  const style = typeof step === 'number' && items.some(isBlock) ? 'block' : 'flow';
  const lines = blockLines(typeof step === 'number' ? [value] : { [step]: value }, column, style);
  const next = lineAfterEntry(text, end, column);
  if (next === null) return `${text}\n${lines}`;
  return applySplices(text, [{ start: next, end: next, text: lines }]);
}
