import type { Archive } from '../core/archive.js';
import type { DutyCount, DutyLists, DutyPlace, Touched } from '../core/catalog-ports.js';
import type { Duty, Survey } from '../core/duty.js';
import type { ArchiveId } from '../core/ids.js';
import { decodeRecord } from './level-catalog-record.js';
import { surveyShape } from './level-catalog-shapes.js';
import type { CatalogStore } from './level-catalog-store.js';
import {
  archiveTable,
  dutyTable,
  idOfIndexKey,
  indexKey,
  type KeyRange,
  padded,
  prefixRange,
  recordKey,
  ruleKey,
} from './level-catalog-tables.js';

export const surveyKey = 'meta!survey';
export const touchedKey = (id: ArchiveId): string => `touched!${id}`;
export const undescribedKey = (id: ArchiveId): string => `undescribed!${id}`;

const idOf = (key: string): ArchiveId => idOfIndexKey(key) as ArchiveId;
const ofRule = (index: string, rule: number): KeyRange => prefixRange(`index!${index}!${ruleKey(rule)}`);
/** Everything of an index whose number is at most `value`. */
const upTo = (index: string, value: number): KeyRange => ({
  gt: prefixRange(`index!${index}`).gt,
  lt: `index!${index}!${padded(value)}\x01`,
});

const ranges = {
  hash: () => prefixRange('index!duty-hash'),
  corrupt: () => prefixRange('index!archive-corrupt'),
  trashed: () => prefixRange('index!archive-trashed'),
  verified: (until: number) => upTo('archive-verified', until),
} as const;

/** What is due, from the catalog's ordered indexes: each answer costs what it holds, not what the catalog holds. */
export class LevelDutyLists implements DutyLists {
  readonly #store: CatalogStore;

  constructor(store: CatalogStore) {
    this.#store = store;
  }

  async touched(limit: number): Promise<Touched[]> {
    const entries = await this.#store.entries(prefixRange('touched'), { limit });
    return entries.map(([key, mark]) => ({ id: key.slice('touched!'.length) as ArchiveId, mark }));
  }

  async undescribed(limit: number): Promise<ArchiveId[]> {
    const keys = await this.#store.keys(prefixRange('undescribed'), { limit });
    return keys.map((key) => key.slice('undescribed!'.length) as ArchiveId);
  }

  async survey(): Promise<Survey | null> {
    const json = await this.#store.get(surveyKey);
    return json === null ? null : decodeRecord(surveyKey, json, surveyShape);
  }

  archivesAfter(cursor: ArchiveId | null, limit: number): Promise<Archive[]> {
    const range = prefixRange('archive');
    const gt = cursor === null ? range.gt : recordKey(archiveTable, cursor);
    return this.#store.records(archiveTable, { gt, lt: range.lt }, { limit });
  }

  async toHash(limit: number): Promise<Duty[]> {
    return this.#store.recordsOf(dutyTable, await this.#store.keys(ranges.hash(), { limit }));
  }

  async changing(now: number, limit: number): Promise<ArchiveId[]> {
    return (await this.#store.keys(upTo('duty-change', now), { limit })).map(idOf);
  }

  async nextChange(): Promise<number | null> {
    const [first] = await this.#store.keys(prefixRange('index!duty-change'), { limit: 1 });
    return first === undefined ? null : Number(first.slice('index!duty-change!'.length).split('\0')[0]);
  }

  async free(rule: number, limit: number): Promise<Duty[]> {
    return this.#store.recordsOf(dutyTable, await this.#store.keys(ofRule('duty-free', rule), { limit }));
  }

  async nthNewest(rule: number, n: number): Promise<DutyPlace | null> {
    const keys = await this.#store.keys(ofRule('duty-kept', rule), { reverse: true, offset: n - 1, limit: 1 });
    const [key] = keys;
    if (key === undefined) return null;
    const prefix = ofRule('duty-kept', rule).gt.length;
    return { finishedAt: Number(key.slice(prefix).split('\0')[0]), id: idOf(key) };
  }

  async newestGood(rule: number): Promise<ArchiveId | null> {
    const [key] = await this.#store.keys(ofRule('duty-good', rule), { reverse: true, limit: 1 });
    return key === undefined ? null : idOf(key);
  }

  async oldestVerified(limit: number): Promise<Archive[]> {
    const keys = await this.#store.keys(prefixRange('index!archive-verified'), { limit });
    return this.#store.recordsOf(archiveTable, keys);
  }

  async newestVerified(): Promise<Archive | null> {
    const keys = await this.#store.keys(prefixRange('index!archive-verified'), { limit: 1, reverse: true });
    return (await this.#store.recordsOf(archiveTable, keys))[0] ?? null;
  }

  async corrupt(limit: number): Promise<Archive[]> {
    return this.#store.recordsOf(archiveTable, await this.#store.keys(ranges.corrupt(), { limit }));
  }

  async trashed(
    limit: number,
    after: { readonly purgeAt: number; readonly id: ArchiveId } | null = null,
  ): Promise<Archive[]> {
    const all = ranges.trashed();
    const gt = after === null ? all.gt : indexKey('archive-trashed', padded(after.purgeAt), after.id);
    return this.#store.recordsOf(archiveTable, await this.#store.keys({ gt, lt: all.lt }, { limit }));
  }

  async lastTrashed(): Promise<Archive | null> {
    const keys = await this.#store.keys(ranges.trashed(), { limit: 1, reverse: true });
    return (await this.#store.recordsOf(archiveTable, keys))[0] ?? null;
  }

  async count(list: DutyCount, atMost: number, until = 0): Promise<number> {
    const range = list === 'verified' ? ranges.verified(until) : ranges[list]();
    return (await this.#store.keys(range, { limit: atMost })).length;
  }
}
