/** The station's memory: what a change of it may hold, and what can be asked. */
import type { Archive } from './archive.js';
import type { Insertion } from './drive.js';
import type { Duty, Survey } from './duty.js';
import type { DomainEvent, StoredEvent } from './event.js';
import type { Fault } from './fault.js';
import type { ArchiveId, DeviceId, JobId, MediumKey } from './ids.js';
import type { Job } from './job.js';
import type { OutboxEntry } from './notification.js';

/** One atomic, synced change of the catalog. Events get their numbers, and outbox entries, in the same batch. */
export interface CatalogChange {
  readonly jobs?: readonly Job[];
  readonly archives?: readonly Archive[];
  readonly insertions?: readonly Insertion[];
  readonly forget?: readonly { readonly device: DeviceId; readonly key: MediumKey }[];
  readonly outbox?: readonly OutboxEntry[];
  readonly delivered?: readonly string[];
  readonly events?: readonly DomainEvent[];
  /** Archives whose manifest does not say what the record says from now on, until they are `described`. */
  readonly undescribed?: readonly ArchiveId[];
  readonly described?: readonly ArchiveId[];
  /** Archives whose files are gone for good. */
  readonly purged?: readonly ArchiveId[];
  readonly duties?: readonly Duty[];
  /** Archives of which the file wants nothing any more. */
  readonly dutiless?: readonly ArchiveId[];
  /** Archives whose duty has been worked out since they changed. */
  readonly assessed?: readonly Touched[];
  readonly survey?: Survey;
  /** Events of before this time are dropped, some thousands at most in one change. */
  readonly dropEventsBefore?: number;
  readonly forgottenJobs?: readonly JobId[];
}

/** `mark` tells one change of an archive from the next, so that none is taken for seen. */
export interface Touched {
  readonly id: ArchiveId;
  readonly mark: string;
}

/** An archive's place among those a retention rule decides, oldest first. */
export interface DutyPlace {
  readonly finishedAt: number;
  readonly id: ArchiveId;
}

export type DutyCount = 'hash' | 'corrupt' | 'trashed' | 'verified';

/** Ordered lists of what is due. An answer costs what it holds, however large the catalog is. */
export interface DutyLists {
  /** Archives changed since their duty was worked out. */
  touched(limit: number): Promise<Touched[]>;
  /** Archives whose manifest may say something else than the record. */
  undescribed(limit: number): Promise<ArchiveId[]>;
  survey(): Promise<Survey | null>;
  /** Oldest first. */
  archivesAfter(cursor: ArchiveId | null, limit: number): Promise<Archive[]>;
  /** Those that lack checksums: by the priority of their rule, then oldest first. */
  toHash(limit: number): Promise<Duty[]>;
  /** Archives for which age alone has changed the retention rule by `now`. */
  changing(now: number, limit: number): Promise<ArchiveId[]>;
  nextChange(): Promise<number | null>;
  /** Those a retention rule decides and nothing protects, oldest first. */
  free(rule: number, limit: number): Promise<Duty[]>;
  /** The `n`-th newest of those a retention rule decides, counted from 1; null where there are fewer. */
  nthNewest(rule: number, n: number): Promise<DutyPlace | null>;
  /** The newest of those a retention rule decides that miss nothing of their disc. */
  newestGood(rule: number): Promise<ArchiveId | null>;
  /** Those verified longest ago first; what lies in the trash, or has no checksums, is left out. */
  oldestVerified(limit: number): Promise<Archive[]>;
  newestVerified(): Promise<Archive | null>;
  corrupt(limit: number): Promise<Archive[]>;
  /** By the time they are to be purged, then by id. */
  trashed(limit: number, after?: { readonly purgeAt: number; readonly id: ArchiveId } | null): Promise<Archive[]>;
  /** The one to be purged last. */
  lastTrashed(): Promise<Archive | null>;
  /** How many, counted up to `atMost`; `verified`: those last verified at `until` or before. */
  count(list: DutyCount, atMost: number, until?: number): Promise<number>;
}

export interface PageRequest {
  readonly limit: number;
  readonly offset: number;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}

export type JobFilter = 'all' | 'queued' | 'running' | 'paused' | 'interrupted' | 'completed' | 'failed' | 'cancelled';

export interface Catalog {
  /** Throws Fault no_space, io_error, catalog_damaged, library_unwritable (another station has come to it); nothing of the change is then in force. */
  commit(change: CatalogChange): Promise<readonly StoredEvent[]>;
  job(id: JobId): Promise<Job | null>;
  openJobs(): Promise<Job[]>;
  /** Newest first. */
  jobs(filter: JobFilter, page: PageRequest): Promise<Page<Job>>;
  /** Failed and cancelled at this time or before, oldest first. */
  lostJobs(before: number, limit: number): Promise<JobId[]>;
  archive(id: ArchiveId): Promise<Archive | null>;
  /** Oldest first; also those that are to get this path as they come back from the trash. */
  archivesByPath(path: string): Promise<Archive[]>;
  /** Oldest first; all with this fingerprint structure. */
  archivesByStructure(structure: string): Promise<Archive[]>;
  /** Newest first. */
  archives(page: PageRequest): Promise<Page<Archive>>;
  insertions(): Promise<Insertion[]>;
  /** Oldest first, those with seq > `after`. */
  events(after: number, limit: number): Promise<StoredEvent[]>;
  /** Newest first. */
  latestEvents(limit: number): Promise<StoredEvent[]>;
  outboxDue(now: number, limit: number): Promise<OutboxEntry[]>;
  /** When the next entry falls due, or null where the outbox is empty. */
  nextOutboxDue(): Promise<number | null>;
  readonly duties: DutyLists;
  /** Why the library's own list of archives lacks the latest changes; null while it has them all. */
  ledgerFault(): Fault | null;
  close(): Promise<void>;
}
