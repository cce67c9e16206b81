import { decodeRecord, encodeRecord } from './level-catalog-record.js';
import { count, type Shape, someOf } from './level-catalog-shape.js';
import type { CatalogStore, Operation } from './level-catalog-store.js';
import { type Index, indexedTables, indexKey, prefixRange, type Table } from './level-catalog-tables.js';

export const indexesKey = 'meta!indexes';
const pieceSize = 1000;

const currentVersions = (): Record<string, number> =>
  Object.fromEntries(indexedTables.flatMap((table) => table.indexes.map((index) => [index.name, index.version])));

/** For a new database, whose records bring their index entries with them. */
export const indexVersions = (): string => encodeRecord(currentVersions());

/**
 * Fills the indexes that are new in this program, or were changed, from the records. Their versions are written
 * last, so a crash in between only repeats the work. Returns the names of those that were filled.
 */
export async function fillIndexes(store: CatalogStore): Promise<string[]> {
  const json = await store.get(indexesKey);
  const versionsShape: Shape<Readonly<Partial<Record<string, number>>>> = (value) =>
    someOf(Object.keys(value as object), count)(value);
  const found = json === null ? {} : decodeRecord(indexesKey, json, versionsShape);
  const filled: string[] = [];
  for (const table of indexedTables) {
    const stale = table.indexes.filter((index) => found[index.name] !== index.version);
    if (stale.length === 0) continue;
    await clear(store, stale);
    await fill(store, table, stale);
    filled.push(...stale.map((index) => index.name));
  }
  if (filled.length > 0) await store.write([{ type: 'put', key: indexesKey, value: indexVersions() }]);
  return filled;
}

async function clear(store: CatalogStore, indexes: readonly Index<unknown>[]): Promise<void> {
  for (const index of indexes) {
    for await (const piece of store.pieces(prefixRange(`index!${index.name}`), pieceSize)) {
      await store.write(piece.map(([key]) => ({ type: 'del', key })));
    }
  }
}

async function fill(store: CatalogStore, table: Table<unknown>, indexes: readonly Index<unknown>[]): Promise<void> {
  for await (const piece of store.pieces(prefixRange(table.name), pieceSize)) {
    const operations: Operation[] = [];
    for (const [key, json] of piece) {
      const record = decodeRecord(key, json, table.shape);
      for (const index of indexes) {
        for (const value of index.values(record)) {
          operations.push({ type: 'put', key: indexKey(index.name, value, table.id(record)), value: '' });
        }
      }
    }
    await store.write(operations);
  }
}
