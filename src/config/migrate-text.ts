import { isMap, isScalar, isSeq, type Node, parseDocument, type YAMLMap } from 'yaml';
import { newerKey, olderVersion, version } from './older-form.js';

export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The same file in today's form, with every comment and blank where it was; null where it is no YAML. */
export function migrateText(text: string): string | null {
  const document = parseDocument(text, { uniqueKeys: false, logLevel: 'silent' });
  if (document.errors.length > 0 || !isMap(document.contents)) return null;
  const splices: Splice[] = [];
  visitMap(document.contents, null, splices);
  return applySplices(text, splices);
}

function visitMap(map: YAMLMap, section: string | null, splices: Splice[]): void {
  for (const { key, value } of map.items) {
    if (!isScalar(key) || typeof key.value !== 'string') continue;
    const renamed = newerKey(section, key.value);
    if (renamed !== null && !map.has(renamed)) {
      push(splices, key, renamed);
      if (renamed === 'read_attempts' && isScalar(value) && typeof value.value === 'number') {
        push(splices, value, String(value.value + 1));
      }
    } else if (section === null) {
      if (key.value === 'apiVersion' && isScalar(value) && value.value === olderVersion) push(splices, value, version);
      if (isMap(value)) visitMap(value, key.value, splices);
      if (isSeq(value)) for (const item of value.items) if (isMap(item)) visitMap(item, key.value, splices);
    }
  }
}

function push(splices: Splice[], { range }: Node, text: string): void {
  if (range != null) splices.push({ start: range[0], end: range[1], text });
}

/** What is put in where something else begins goes before it; of two at one place the one given first. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let changed = '';
  let at = 0;
  for (const { start, end, text: next } of [...splices].sort((a, b) => a.start - b.start || a.end - b.end)) {
    changed += text.slice(at, start) + next;
    at = end;
  }
  return changed + text.slice(at);
}
