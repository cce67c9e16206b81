import { commitKey, encodeHead, type Head, headKey, keptCommits, ledgerKey } from './level-catalog-head.js';
import { encodeRecord } from './level-catalog-record.js';
import type { CatalogStore, Operation } from './level-catalog-store.js';
import { indexKey, recordKey, type Table } from './level-catalog-tables.js';

const ledgerLinesKept = 100;

/** Gathers one atomic change: records with their indexes and totals, and the head that results. */
export class CatalogBatch {
  readonly #store: CatalogStore;
  readonly #operations: Operation[] = [];
  readonly #touched = new Map<string, unknown>();
  readonly #totals: Record<string, number>;
  head: Head;

  constructor(store: CatalogStore, head: Head) {
    this.#store = store;
    this.head = head;
    this.#totals = { ...head.totals };
  }

  /** Returns what the record was before, or null. */
  async put<R>(table: Table<R>, record: R): Promise<R | null> {
    return this.#change(table, table.id(record), record);
  }

  async remove<R>(table: Table<R>, id: string): Promise<R | null> {
    return this.#change(table, id, null);
  }

  async #change<R>(table: Table<R>, id: string, next: R | null): Promise<R | null> {
    const key = recordKey(table, id);
    const touched = this.#touched.get(key) as R | null | undefined;
    const previous = touched === undefined ? await this.#store.record(table, id) : touched;
    for (const index of table.indexes) {
      const before = previous === null ? [] : index.values(previous);
      const after = next === null ? [] : index.values(next);
      for (const value of before) if (!after.includes(value)) this.del(indexKey(index.name, value, id));
      for (const value of after) if (!before.includes(value)) this.raw(indexKey(index.name, value, id), '');
    }
    for (const name of previous === null ? [] : table.totals(previous)) this.#add(name, -1);
    for (const name of next === null ? [] : table.totals(next)) this.#add(name, 1);
    if (next !== null) this.raw(key, encodeRecord(next));
    else if (previous !== null) this.del(key);
    this.#touched.set(key, next);
    return previous;
  }

  #add(name: string, by: number): void {
    this.#totals[name] = (this.#totals[name] ?? 0) + by;
  }

  /** For records that have neither indexes nor a previous version. */
  append<R>(table: Table<R>, record: R): void {
    this.raw(recordKey(table, table.id(record)), encodeRecord(record));
  }

  ledgerLine(text: string): void {
    const ledger = this.head.ledger + 1;
    this.head = { ...this.head, ledger };
    this.raw(ledgerKey(ledger), text);
  }

  /** Forgets old lines up to `written`, which the library's ledger has; the last ones stay for comparing. */
  dropLedgerLines(written: number): void {
    const { firstLedger } = this.head;
    const end = Math.max(firstLedger, written - ledgerLinesKept + 1);
    for (let old = firstLedger; old < end; old += 1) this.del(ledgerKey(old));
    this.head = { ...this.head, firstLedger: end };
  }

  raw(key: string, value: string): void {
    this.#operations.push({ type: 'put', key, value });
  }

  del(key: string): void {
    this.#operations.push({ type: 'del', key });
  }

  /** Numbers the commit and gives everything that is to be written. */
  finish(): readonly Operation[] {
    const commit = this.head.commit + 1;
    const firstCommit = Math.max(this.head.firstCommit, commit - keptCommits + 1);
    for (let old = this.head.firstCommit; old < firstCommit; old += 1) this.del(commitKey(old));
    this.head = { ...this.head, commit, firstCommit, totals: this.#totals };
    this.raw(commitKey(commit), '');
    this.raw(headKey, encodeHead(this.head));
    return this.#operations;
  }
}
