import { Fault } from '../core/fault.js';
import { decodeRecord, encodeRecord, rebuildAdvice } from './level-catalog-record.js';
import { count, object, type Shape, text } from './level-catalog-shape.js';
import type { CatalogStore } from './level-catalog-store.js';
import { padded, prefixRange } from './level-catalog-tables.js';

/** What every commit writes anew: where the catalog stands. */
export interface Head {
  readonly catalogId: string;
  /** Number of the last commit. */
  readonly commit: number;
  /** The oldest commit whose number is kept. */
  readonly firstCommit: number;
  /** The last event's number, and the oldest that is kept. */
  readonly seq: number;
  readonly firstSeq: number;
  /** Number of lines this catalog has for the library's ledger, and the oldest that is kept. */
  readonly ledger: number;
  readonly firstLedger: number;
  readonly totals: Readonly<Record<string, number>>;
}

export const headKey = 'meta!head';
export const commitKey = (number: number): string => `commit!${padded(number)}`;
export const ledgerKey = (number: number): string => `ledger!${padded(number)}`;

/**
 * LevelDB skips what it finds damaged in its log and opens all the same. A commit is one record there, so a lost
 * one shows as a gap between the numbers that are left. Kept are more than can be in a log: there are at most two
 * of 2 MiB, and the smallest commit takes some 300 bytes of them.
 */
export const keptCommits = 20_000;

const totalsShape: Shape<Readonly<Record<string, number>>> = (value) => {
  const totals = object<object>({})(value) as Record<string, unknown>;
  for (const one of Object.values(totals)) count(one);
  return totals as Record<string, number>;
};

const headShape = object<Head>({
  catalogId: text,
  commit: count,
  firstCommit: count,
  seq: count,
  firstSeq: count,
  ledger: count,
  firstLedger: count,
  totals: totalsShape,
});

export function createHead(catalogId: string, seq: number): Head {
  return { catalogId, commit: 0, firstCommit: 1, seq, firstSeq: seq + 1, ledger: 0, firstLedger: 1, totals: {} };
}

export const encodeHead = (head: Head): string => encodeRecord(head);

/** Throws Fault catalog_damaged. */
export async function readHead(store: CatalogStore): Promise<Head> {
  const json = await store.get(headKey);
  if (json === null) {
    throw new Fault('catalog_damaged', `The catalog in ${store.folder} is empty or was cut short; ${rebuildAdvice}.`);
  }
  return decodeRecord(headKey, json, headShape);
}

/** Throws Fault catalog_damaged where a commit is missing between those that are kept. */
export async function checkCommits(store: CatalogStore, head: Head): Promise<void> {
  const kept = await store.keys(prefixRange('commit'));
  const expected = head.commit - head.firstCommit + 1;
  if (kept.length === expected && (expected === 0 || kept[0] === commitKey(head.firstCommit))) return;
  throw new Fault(
    'catalog_damaged',
    `The catalog in ${store.folder} has lost changes: ${kept.length} of its last ${expected} commits are left; ${rebuildAdvice}.`,
  );
}
