/**
 * Keys of the catalog. Ids sort by time, numbers are padded, so "newest first" and "due by now" are plain walks.
 *
 *   meta!head                           counters and numbers of the last commit, in every batch
 *   meta!indexes                        versions of the indexes as they were filled
 *   commit!NUMBER                       one per commit, the latest kept: a gap is a lost batch
 *   ledger!NUMBER                       lines of the library's ledger, the latest kept
 *   meta!survey                         how far the survey of duties is
 *   touched!ID                          archives changed since their duty was worked out
 *   undescribed!ID                      archives whose manifest may say something else than the record
 *   job!ID  archive!ID  duty!ID  outbox!ID  insertion!["DEVICE","KEY"]  event!SEQ
 *   index!NAME!VALUE\0ID                empty values; NAME as in `indexes` below
 */
import { type Archive, careOf } from '../core/archive.js';
import type { JobFilter } from '../core/catalog-ports.js';
import type { Insertion } from '../core/drive.js';
import type { Duty } from '../core/duty.js';
import type { StoredEvent } from '../core/event.js';
import { lastVerified } from '../core/fixity.js';
import { isActive, isFinal, type Job } from '../core/job.js';
import type { OutboxEntry } from '../core/notification.js';
import { outboxShape, storedEventShape } from './level-catalog-event-shapes.js';
import type { Shape } from './level-catalog-shape.js';
import { archiveShape, dutyShape, insertionShape, jobShape } from './level-catalog-shapes.js';

/**
 * An ordered answer to one question. To add one (what is due for re-verification, say): name it here with version 1;
 * to change what it holds: raise the version. It is filled from the records at the next start.
 */
export interface Index<R> {
  readonly name: string;
  readonly version: number;
  values(record: R): readonly string[];
}

export interface Table<R> {
  readonly name: string;
  readonly shape: Shape<R>;
  id(record: R): string;
  readonly indexes: readonly Index<R>[];
  /** Names of the totals this record counts for. */
  totals(record: R): readonly string[];
}

/** Milliseconds and sequence numbers, so that their order as text is their order as numbers. */
export const padded = (value: number): string => String(Math.max(0, Math.trunc(value))).padStart(16, '0');

export const filterOf = (job: Job): Exclude<JobFilter, 'all'> =>
  isActive(job) ? 'running' : (job.state.kind as Exclude<JobFilter, 'all'>);

export const jobTotal = (filter: JobFilter): string => (filter === 'all' ? 'job' : `job/${filter}`);

export const jobTable: Table<Job> = {
  name: 'job',
  shape: jobShape,
  id: (job) => job.id,
  indexes: [
    { name: 'job-status', version: 1, values: (job) => [filterOf(job)] },
    { name: 'job-open', version: 1, values: (job) => (isFinal(job) ? [] : ['open']) },
    {
      // those that ended without an archive
      name: 'job-lost',
      version: 1,
      values: ({ state }) => (state.kind === 'failed' || state.kind === 'cancelled' ? [padded(state.finishedAt)] : []),
    },
  ],
  totals: (job) => [jobTotal('all'), jobTotal(filterOf(job))],
};

export const archiveTable: Table<Archive> = {
  name: 'archive',
  shape: archiveShape,
  id: (archive) => archive.id,
  indexes: [
    {
      // and where it is to come back to
      name: 'archive-path',
      version: 2,
      values: (archive) => [...new Set([archive.path, careOf(archive).trashed?.restoreTo ?? archive.path])],
    },
    {
      name: 'archive-structure',
      version: 1,
      values: (archive) => (archive.disc.fingerprint === null ? [] : [archive.disc.fingerprint.structure]),
    },
    {
      // those that can be: without checksums there is nothing to compare with
      name: 'archive-verified',
      version: 2,
      values: (archive) =>
        careOf(archive).trashed === null && Object.keys(archive.checksums).length > 0
          ? [padded(lastVerified(archive))]
          : [],
    },
    {
      name: 'archive-corrupt',
      version: 1,
      values: ({ verification, ...archive }) =>
        careOf(archive).trashed === null && verification !== null && verification.kind !== 'match' ? ['corrupt'] : [],
    },
    {
      name: 'archive-trashed',
      version: 1,
      values: (archive) => {
        const { trashed } = careOf(archive);
        return trashed === null ? [] : [padded(trashed.purgeAt)];
      },
    },
  ],
  totals: () => ['archive'],
};

/** The best is asked for first. */
const urgency = { high: '0', normal: '1', low: '2' } as const;
export const ruleKey = (rule: number): string => String(rule).padStart(4, '0');

/** What the file wants of archives; see core/duty.ts. Worked out anew from the records where it is lost. */
export const dutyTable: Table<Duty> = {
  name: 'duty',
  shape: dutyShape,
  id: (duty) => duty.id,
  indexes: [
    {
      name: 'duty-hash',
      version: 1,
      values: (duty) => (duty.missing.length === 0 ? [] : [urgency[duty.priority]]),
    },
    {
      // every archive a retention rule decides, oldest first
      name: 'duty-kept',
      version: 1,
      values: ({ retention }) =>
        retention === null ? [] : [`${ruleKey(retention.rule)}!${padded(retention.finishedAt)}`],
    },
    {
      // those of them that may go
      name: 'duty-free',
      version: 1,
      values: ({ retention }) =>
        retention === null || retention.isProtected
          ? []
          : [`${ruleKey(retention.rule)}!${padded(retention.finishedAt)}`],
    },
    {
      // those that miss nothing of their disc
      name: 'duty-good',
      version: 1,
      values: ({ retention }) =>
        retention?.isGood ? [`${ruleKey(retention.rule)}!${padded(retention.finishedAt)}`] : [],
    },
    {
      name: 'duty-change',
      version: 1,
      values: (duty) => (duty.changesAt === null ? [] : [padded(duty.changesAt)]),
    },
  ],
  totals: () => [],
};

export const insertionId = (insertion: Pick<Insertion, 'device' | 'key'>): string =>
  JSON.stringify([insertion.device, insertion.key]);

export const insertionTable: Table<Insertion> = {
  name: 'insertion',
  shape: insertionShape,
  id: insertionId,
  indexes: [],
  totals: () => [],
};

export const eventTable: Table<StoredEvent> = {
  name: 'event',
  shape: storedEventShape,
  id: (stored) => padded(stored.seq),
  indexes: [],
  totals: () => [],
};

export const outboxTable: Table<OutboxEntry> = {
  name: 'outbox',
  shape: outboxShape,
  id: (entry) => entry.id,
  indexes: [{ name: 'outbox-due', version: 1, values: (entry) => [padded(entry.dueAt)] }],
  totals: () => [],
};

/** The tables whose indexes are kept by the record, and can be filled anew from it. */
export const indexedTables: readonly Table<unknown>[] = [jobTable, archiveTable, dutyTable, outboxTable];

export const recordKey = <R>(table: Table<R>, id: string): string => `${table.name}!${id}`;
export const indexKey = (index: string, value: string, id: string): string => `index!${index}!${value}\0${id}`;

export interface KeyRange {
  readonly gt: string;
  readonly lt: string;
}

/** '"' is the character after '!', so this covers every key that begins with `prefix!` and no other. */
export const prefixRange = (prefix: string): KeyRange => ({ gt: `${prefix}!`, lt: `${prefix}"` });
export const valueRange = (index: string, value: string): KeyRange => ({
  gt: `index!${index}!${value}\0`,
  lt: `index!${index}!${value}\x01`,
});
export const idOfIndexKey = (key: string): string => key.slice(key.lastIndexOf('\0') + 1);
