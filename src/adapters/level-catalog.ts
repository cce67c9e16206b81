import type { Archive } from '../core/archive.js';
import type { Catalog, CatalogChange, JobFilter, Page, PageRequest } from '../core/catalog-ports.js';
import type { Insertion } from '../core/drive.js';
import type { StoredEvent } from '../core/event.js';
import type { Fault } from '../core/fault.js';
import type { ArchiveId, JobId } from '../core/ids.js';
import type { Job } from '../core/job.js';
import type { OutboxEntry } from '../core/notification.js';
import type { Clock, Log } from '../core/ports.js';
import { CatalogBatch } from './level-catalog-batch.js';
import { LevelDutyLists, surveyKey, touchedKey, undescribedKey } from './level-catalog-due.js';
import { type Head, readHead } from './level-catalog-head.js';
import { LedgerDebt, type LibraryStanding, leaveLibrary } from './level-catalog-ledger.js';
import type { MarkerNote } from './level-catalog-marker.js';
import { encodeRecord } from './level-catalog-record.js';
import type { CatalogStore } from './level-catalog-store.js';
import {
  archiveTable,
  dutyTable,
  eventTable,
  idOfIndexKey,
  insertionId,
  insertionTable,
  jobTable,
  jobTotal,
  outboxTable,
  padded,
  prefixRange,
  recordKey,
  valueRange,
} from './level-catalog-tables.js';
import type { StateLock } from './state-lock.js';

export interface LevelCatalogOptions {
  /** Absolute folder of the catalog; the database is `catalog` in it. */
  readonly state: string;
  /** Absolute folder of finished images. */
  readonly library: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The outbox entries an event calls for; they are written with it. */
  readonly outboxFor: (stored: StoredEvent) => readonly OutboxEntry[];
  /** Told after each commit that had events, in order, before the commit returns. */
  readonly onCommitted?: (events: readonly StoredEvent[]) => void;
  /** Events kept before the oldest are dropped. */
  readonly keepEvents?: number;
}

/** What is open while the catalog is. */
interface Held {
  readonly store: CatalogStore;
  readonly marker: MarkerNote;
  readonly lock: StateLock;
}

const defaultKeepEvents = 50_000;
const eventsDroppedAtOnce = 1000;

/** The catalog on LevelDB. Made by openCatalog, which checks the database first. */
export class LevelCatalog implements Catalog {
  readonly duties: LevelDutyLists;
  readonly #store: CatalogStore;
  readonly #marker: MarkerNote;
  readonly #lock: StateLock;
  readonly #options: LevelCatalogOptions;
  #head: Head;
  readonly #ledger: LedgerDebt;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(held: Held, head: Head, standing: LibraryStanding, options: LevelCatalogOptions) {
    const { store, marker, lock } = held;
    this.#store = store;
    this.duties = new LevelDutyLists(store);
    this.#marker = marker;
    this.#lock = lock;
    this.#head = head;
    this.#ledger = new LedgerDebt(store, options, standing);
    this.#options = options;
  }

  commit(change: CatalogChange): Promise<readonly StoredEvent[]> {
    const done = this.#queue.then(() => this.#commit(change));
    this.#queue = done.catch(() => undefined); // The caller has the error; the next commit starts afresh.
    return done;
  }

  async #commit(change: CatalogChange): Promise<readonly StoredEvent[]> {
    if (this.#store.failed) {
      await this.#store.reopen();
      // A write whose forcing to disk failed may be there after all.
      this.#head = await readHead(this.#store);
    }
    await this.#ledger.claim();
    const batch = new CatalogBatch(this.#store, this.#head);
    const events = await this.#fill(batch, change);
    await this.#store.write(batch.finish());
    this.#head = batch.head;
    await this.#afterCommit(events);
    return events;
  }

  async #fill(batch: CatalogBatch, change: CatalogChange): Promise<StoredEvent[]> {
    for (const job of change.jobs ?? []) await batch.put(jobTable, job);
    for (const archive of change.archives ?? []) {
      const before = await batch.put(archiveTable, archive);
      const line = `${archive.id} ${JSON.stringify(archive.path)}`;
      if (before === null) batch.ledgerLine(`added ${line}`);
      batch.raw(touchedKey(archive.id), String(batch.head.commit + 1));
      if (archive.supersededBy !== null && (before?.supersededBy ?? null) === null) {
        batch.ledgerLine(`superseded ${line}`);
      }
    }
    for (const id of change.undescribed ?? []) batch.raw(undescribedKey(id), '');
    for (const id of change.described ?? []) batch.del(undescribedKey(id));
    await this.#fillDuties(batch, change);
    for (const insertion of change.insertions ?? []) await batch.put(insertionTable, insertion);
    for (const gone of change.forget ?? []) await batch.remove(insertionTable, insertionId(gone));
    for (const entry of change.outbox ?? []) await batch.put(outboxTable, entry);
    for (const id of change.delivered ?? []) await batch.remove(outboxTable, id);
    const at = this.#options.clock.now();
    const events = (change.events ?? []).map((event, index) => ({ seq: batch.head.seq + 1 + index, at, event }));
    for (const stored of events) {
      batch.append(eventTable, stored);
      for (const entry of this.#options.outboxFor(stored)) await batch.put(outboxTable, entry);
    }
    batch.head = { ...batch.head, seq: batch.head.seq + events.length };
    this.#dropOldest(batch);
    return events;
  }

  async #fillDuties(batch: CatalogBatch, change: CatalogChange): Promise<void> {
    for (const { id, mark } of change.assessed ?? []) {
      if ((await this.#store.get(touchedKey(id))) === mark) batch.del(touchedKey(id));
    }
    for (const duty of change.duties ?? []) await batch.put(dutyTable, duty);
    for (const id of change.dutiless ?? []) await batch.remove(dutyTable, id);
    for (const id of change.purged ?? []) {
      const gone = await batch.remove(archiveTable, id);
      await batch.remove(dutyTable, id);
      batch.del(touchedKey(id));
      batch.del(undescribedKey(id));
      if (gone !== null) batch.ledgerLine(`removed ${id} ${JSON.stringify(gone.path)}`);
    }
    for (const id of change.forgottenJobs ?? []) await batch.remove(jobTable, id);
    if (change.survey !== undefined) batch.raw(surveyKey, encodeRecord(change.survey));
    if (change.dropEventsBefore !== undefined) await this.#dropAged(batch, change.dropEventsBefore);
  }

  /** Events are numbered in the order they came, so that a look at the oldest tells whether there are any. */
  async #dropAged(batch: CatalogBatch, before: number): Promise<void> {
    const range = { gt: recordKey(eventTable, padded(batch.head.firstSeq - 1)), lt: prefixRange('event').lt };
    const oldest = await this.#store.records(eventTable, range, { limit: eventsDroppedAtOnce });
    // A date of the future is of a clock that was wrong: such a one is as old as those after it.
    const future = this.#options.clock.now();
    const end = oldest.findIndex(({ at }) => at >= before && at <= future);
    const last = oldest.slice(0, end === -1 ? oldest.length : end).findLast(({ at }) => at < before);
    // The latest stays whatever its age: numbers go on from it.
    const { firstSeq, seq } = batch.head;
    for (let old = firstSeq; last !== undefined && old <= Math.min(last.seq, seq - 1); old += 1) {
      batch.del(recordKey(eventTable, padded(old)));
      batch.head = { ...batch.head, firstSeq: old + 1 };
    }
  }

  #dropOldest(batch: CatalogBatch): void {
    const keep = this.#options.keepEvents ?? defaultKeepEvents;
    const { seq, firstSeq } = batch.head;
    // In pieces, so that not every commit deletes, and none deletes for long.
    if (seq - firstSeq + 1 >= keep + eventsDroppedAtOnce) {
      const end = firstSeq + eventsDroppedAtOnce;
      for (let old = firstSeq; old < end; old += 1) batch.del(recordKey(eventTable, padded(old)));
      batch.head = { ...batch.head, firstSeq: end };
    }
    batch.dropLedgerLines(this.#ledger.written);
  }

  /** The commit is in force by now: what goes wrong here is reported, and made up for later. */
  async #afterCommit(events: readonly StoredEvent[]): Promise<void> {
    const { catalogId, commit, seq } = this.#head;
    const { log, onCommitted } = this.#options;
    try {
      await this.#marker.note({ catalogId, commit, seq });
    } catch (error) {
      log.error({ err: error }, 'The number of the last commit could not be noted; the next commit does it again.');
    }
    await this.#ledger.pay(this.#head);
    if (events.length === 0 || onCommitted === undefined) return;
    try {
      onCommitted(events);
    } catch (error) {
      log.error({ err: error }, 'A listener failed on committed events.');
    }
  }

  ledgerFault(): Fault | null {
    return this.#ledger.fault();
  }

  job(id: JobId): Promise<Job | null> {
    return this.#store.record(jobTable, id);
  }

  async openJobs(): Promise<Job[]> {
    return this.#store.recordsOf(jobTable, await this.#store.keys(valueRange('job-open', 'open')));
  }

  async jobs(filter: JobFilter, page: PageRequest): Promise<Page<Job>> {
    const total = this.#head.totals[jobTotal(filter)] ?? 0;
    const scan = { ...page, reverse: true };
    if (filter === 'all') return { items: await this.#store.records(jobTable, prefixRange('job'), scan), total };
    const keys = await this.#store.keys(valueRange('job-status', filter), scan);
    return { items: await this.#store.recordsOf(jobTable, keys), total };
  }

  async lostJobs(before: number, limit: number): Promise<JobId[]> {
    const range = { gt: prefixRange('index!job-lost').gt, lt: `index!job-lost!${padded(before)}\x01` };
    return (await this.#store.keys(range, { limit })).map((key) => idOfIndexKey(key) as JobId);
  }

  archive(id: ArchiveId): Promise<Archive | null> {
    return this.#store.record(archiveTable, id);
  }

  async archivesByPath(path: string): Promise<Archive[]> {
    return this.#store.recordsOf(archiveTable, await this.#store.keys(valueRange('archive-path', path)));
  }

  async archivesByStructure(structure: string): Promise<Archive[]> {
    const keys = await this.#store.keys(valueRange('archive-structure', structure));
    return this.#store.recordsOf(archiveTable, keys);
  }

  async archives(page: PageRequest): Promise<Page<Archive>> {
    const total = this.#head.totals.archive ?? 0;
    return {
      items: await this.#store.records(archiveTable, prefixRange('archive'), { ...page, reverse: true }),
      total,
    };
  }

  insertions(): Promise<Insertion[]> {
    return this.#store.records(insertionTable, prefixRange('insertion'));
  }

  events(after: number, limit: number): Promise<StoredEvent[]> {
    const range = { gt: recordKey(eventTable, padded(after)), lt: prefixRange('event').lt };
    return this.#store.records(eventTable, range, { limit });
  }

  latestEvents(limit: number): Promise<StoredEvent[]> {
    return this.#store.records(eventTable, prefixRange('event'), { limit, reverse: true });
  }

  async outboxDue(now: number, limit: number): Promise<OutboxEntry[]> {
    const range = { gt: prefixRange('index!outbox-due').gt, lt: `index!outbox-due!${padded(now)}\x01` };
    const keys = await this.#store.keys(range, { limit });
    return this.#store.recordsOf(outboxTable, keys);
  }

  async nextOutboxDue(): Promise<number | null> {
    const [first] = await this.#store.keys(prefixRange('index!outbox-due'), { limit: 1 });
    if (first === undefined) return null;
    return (await this.#store.record(outboxTable, idOfIndexKey(first)))?.dueAt ?? null;
  }

  async close(): Promise<void> {
    await this.#queue;
    await leaveLibrary(this.#options);
    await this.#store.close();
    await this.#marker.close();
    await this.#lock.release();
  }
}
