import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Level } from 'level';
import { Fault } from '../core/fault.js';
import { catalogFault, openingFault } from './level-catalog-fault.js';
import { decodeRecord, rebuildAdvice } from './level-catalog-record.js';
import type { KeyRange } from './level-catalog-tables.js';
import { idOfIndexKey, recordKey, type Table } from './level-catalog-tables.js';

export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'del'; readonly key: string };

export interface Scan {
  readonly reverse?: boolean;
  readonly limit?: number;
  readonly offset?: number;
}

/** More would keep the event loop from others. */
const decodedAtOnce = 250;

type Database = Level<string, string>;

/** LevelDB itself: text keys and values, synced batches, and opening again after a failed write. */
export class CatalogStore {
  readonly folder: string;
  #opened: Database | null = null;
  /** A write has failed. LevelDB's log may now end in a torn record, so nothing more may be appended to it. */
  #failed = false;

  constructor(folder: string) {
    this.folder = folder;
  }

  get #db(): Database {
    if (this.#opened === null) throw new Error(`the catalog in ${this.folder} is used before it is open`);
    return this.#opened;
  }

  /** Throws Fault catalog_damaged, catalog_locked, permission_denied, no_space, io_error. */
  async open(options: { create: boolean }): Promise<void> {
    // It begins to open by being made. The log is replayed at every start: 2 MiB bound that, and the number of
    // commits in it (see level-catalog-head.ts).
    const db = new Level<string, string>(this.folder, {
      createIfMissing: options.create,
      writeBufferSize: 2 * 1024 * 1024,
    });
    this.#opened = db;
    try {
      await db.open();
    } catch (error) {
      throw await openingFault(error, this.folder);
    }
  }

  async close(): Promise<void> {
    await this.#opened?.close();
  }

  get failed(): boolean {
    return this.#failed;
  }

  /**
   * Opens the database anew after a failed write. While the disk is still full it stays open as it is, so that
   * reading goes on: LevelDB cannot open without writing.
   */
  async reopen(): Promise<void> {
    await this.#probeSpace();
    await this.#db.close();
    await this.open({ create: false });
    this.#failed = false;
  }

  async #probeSpace(): Promise<void> {
    const probe = join(this.folder, '..', 'catalog.probe');
    try {
      const names = (await readdir(this.folder)).filter((name) => name.endsWith('.log'));
      const sizes = await Promise.all(names.map(async (name) => (await stat(join(this.folder, name))).size));
      // Opening writes the log's content into a table.
      const needed = sizes.reduce((sum, size) => sum + size, 64 * 1024);
      const file = await open(probe, 'w');
      try {
        await file.writeFile(Buffer.alloc(needed));
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (error) {
      const full = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
      const message = full
        ? `The catalog in ${this.folder} cannot grow, its filesystem is full: free some space.`
        : `The catalog in ${this.folder} cannot be written (${(error as Error).message}); check its disk.`;
      throw new Fault(full ? 'no_space' : 'io_error', message, { retry: 'later', cause: error });
    } finally {
      await rm(probe, { force: true });
    }
  }

  /** All of it or nothing, on disk when this returns. */
  async write(operations: readonly Operation[]): Promise<void> {
    try {
      await this.#db.batch([...operations], { sync: true });
    } catch (error) {
      this.#failed = true;
      throw catalogFault(error, this.folder);
    }
  }

  async get(key: string): Promise<string | null> {
    try {
      const value: string | undefined = await this.#db.get(key);
      return value ?? null;
    } catch (error) {
      throw catalogFault(error, this.folder);
    }
  }

  async record<R>(table: Table<R>, id: string): Promise<R | null> {
    const key = recordKey(table, id);
    const json = await this.get(key);
    return json === null ? null : decodeRecord(key, json, table.shape);
  }

  /** The records an index names; one that is missing is damage. */
  async recordsOf<R>(table: Table<R>, indexKeys: readonly string[]): Promise<R[]> {
    const records: R[] = [];
    for (let at = 0; at < indexKeys.length; at += decodedAtOnce) {
      if (at > 0) await nextTurn();
      records.push(...(await this.#someRecordsOf(table, indexKeys.slice(at, at + decodedAtOnce))));
    }
    return records;
  }

  async #someRecordsOf<R>(table: Table<R>, indexKeys: readonly string[]): Promise<R[]> {
    const keys = indexKeys.map((key) => recordKey(table, idOfIndexKey(key)));
    let found: (string | undefined)[];
    try {
      found = await this.#db.getMany(keys);
    } catch (error) {
      throw catalogFault(error, this.folder);
    }
    return keys.map((key, i) => {
      const json = found[i];
      if (json === undefined) {
        const name = JSON.stringify(key);
        throw new Fault('catalog_damaged', `The catalog's record ${name} is missing; ${rebuildAdvice}.`);
      }
      return decodeRecord(key, json, table.shape);
    });
  }

  async records<R>(table: Table<R>, range: KeyRange, scan: Scan = {}): Promise<R[]> {
    return (await this.entries(range, scan)).map(([key, json]) => decodeRecord(key, json, table.shape));
  }

  async keys(range: KeyRange, scan: Scan = {}): Promise<string[]> {
    const { reverse = false, limit = -1, offset = 0 } = scan;
    if (limit === 0) return [];
    try {
      const within = await this.#after(range, reverse, offset);
      return within === null ? [] : await this.#db.keys({ ...within, reverse, limit }).all();
    } catch (error) {
      throw catalogFault(error, this.folder);
    }
  }

  async entries(range: KeyRange, scan: Scan = {}): Promise<[string, string][]> {
    const { reverse = false, limit = -1, offset = 0 } = scan;
    if (limit === 0) return [];
    try {
      const within = await this.#after(range, reverse, offset);
      return within === null ? [] : await this.#db.iterator({ ...within, reverse, limit }).all();
    } catch (error) {
      throw catalogFault(error, this.folder);
    }
  }

  /** The range without its first `offset` keys, walked by keys alone; null where nothing is left. */
  async #after(range: KeyRange, reverse: boolean, offset: number): Promise<KeyRange | null> {
    if (offset === 0) return range;
    const walk = this.#db.keys({ ...range, reverse, limit: offset });
    let last: string | undefined;
    try {
      for (let seen = 0; seen < offset; ) {
        const some = await walk.nextv(1000);
        if (some.length === 0) return null;
        seen += some.length;
        last = some.at(-1);
      }
    } finally {
      await walk.close();
    }
    if (last === undefined) return null;
    return reverse ? { gt: range.gt, lt: last } : { gt: last, lt: range.lt };
  }

  /** Every entry of the range in pieces, for work over all of it. */
  async *pieces(range: KeyRange, size: number): AsyncGenerator<[string, string][]> {
    const walk = this.#db.iterator(range);
    try {
      for (;;) {
        const some = await walk.nextv(size);
        if (some.length === 0) return;
        yield some;
      }
    } catch (error) {
      throw catalogFault(error, this.folder);
    } finally {
      await walk.close();
    }
  }
}
