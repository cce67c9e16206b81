/** The interfaces through which the star's groups reach the outside and each other. Wired in daemon.ts. */
import type { Archive, Verification } from './archive.js';
import type { Algorithm, Checksums } from './checksum.js';
import type { Condition } from './condition.js';
import type { GenerationChange } from './config-history.js';
import type { ConfigAttempt, ConfigOutcome } from './config-outcome.js';
import type { ConfigPlan, PlannedFile } from './config-plan.js';
import type { ConfigSnapshot } from './config-snapshot.js';
import type { AppliedConfig, Desired } from './desired.js';
import type { Disc } from './disc.js';
import type { DriveSpec, Insertion, Medium, ObservedDevice } from './drive.js';
import type { Duty, Survey } from './duty.js';
import type { EffectiveValue } from './effective-value.js';
import type { DomainEvent, StoredEvent } from './event.js';
import type { Explanation } from './explain.js';
import type { FaultRecord } from './fault.js';
import type { ArchiveId, DeviceId, JobId, MediumKey } from './ids.js';
import type { Job, JobProgress } from './job.js';
import type { NotificationTarget, OutboxEntry } from './notification.js';
import type { RescueMap } from './rescue-map.js';
import type { StorageReading } from './storage.js';
import type { Verdict } from './verdict.js';

/** Tells a running operation to end early; the standard AbortSignal fits. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds that never step back, for measuring spans. */
  monotonic(): number;
}

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Notices that a configuration has changed, however that was done. It reads, and leaves the judging to others. */
export interface ConfigWatcher {
  /**
   * Calls back with what it reads at first, and from then on with each snapshot that differs from the one before.
   * Whether that is worth trying is for the receiver, who compares with what was tried last.
   */
  watch(onChange: (snapshot: ConfigSnapshot) => void): void;
  /** Reads at once, for a reload by hand. What it returns counts as seen and is not called back. */
  readNow(): Promise<ConfigSnapshot>;
  close(): Promise<void>;
}

/** One kind of drive. Every method may be called at any time, also for drives that are gone. */
export interface DrivePort {
  readonly kind: DriveSpec['source']['kind'];
  /** The devices that fit the declaration, with their media. An absent drive is an empty list, no error. */
  observe(spec: DriveSpec): Promise<ObservedDevice[]>;
  /** Reads the structures and samples. Throws Fault: read_error, medium_absent, device_busy, source_changed, timeout. */
  identify(device: ObservedDevice, medium: Medium, stop: StopSignal): Promise<Disc>;
  /** Whether just this medium is still there: asked before and after every run of ddrescue, so that no two discs mix. */
  holds(device: ObservedDevice, medium: Medium): Promise<boolean>;
  /** Gives the medium back: opens the tray, or moves the file to `done`. Never closes a tray. */
  eject(device: ObservedDevice, medium: Medium): Promise<void>;
  /** Whether the drive itself said that copy protection refused this byte position; false where it cannot tell. */
  refusesByProtection(medium: Medium, position: number): Promise<boolean>;
  /** Calls back on every hint that something may have changed. Hints may be lost, early, or many. */
  watch(specs: readonly DriveSpec[], onHint: () => void): void;
  close(): Promise<void>;
}

export interface RescueRequest {
  /** Device or file to read. */
  readonly source: string;
  readonly image: string;
  readonly map: string;
  readonly mediumBytes: number;
  readonly sectorSize: number;
  /** Read past the kernel's cache: wanted for optical drives. */
  readonly direct: boolean;
  readonly mode: RescueMode;
}

export type RescueMode =
  /** One forward pass that ends at the first read error, so that the image's length is its rescued prefix. */
  | { readonly kind: 'sweep' }
  /** Everything that can be read, without trimming and scraping: tells an unreadable disc soon. */
  | { readonly kind: 'copy' }
  /** All of ddrescue's phases, then `retryPasses` more over what is still bad. */
  | { readonly kind: 'rescue'; readonly retryPasses: number };

export interface RescueProgress {
  readonly rescuedBytes: number;
  readonly badBytes: number;
  readonly readErrors: number;
}

export type RescueEnd =
  /** ddrescue did all it was asked for; what it could not read is in the map. */
  | { readonly kind: 'finished'; readonly map: RescueMap }
  /** A sweep met a read error. */
  | { readonly kind: 'read_error'; readonly map: RescueMap }
  /** Stopped on request; the map on disk is current. */
  | { readonly kind: 'stopped'; readonly map: RescueMap };

export interface Rescuer {
  /** For example `1.27`. Throws Fault tool_missing with the command that installs it. */
  version(): Promise<string>;
  /** Throws Fault: tool_missing, tool_failed, no_space, library_unwritable, medium_absent, source_changed. */
  run(request: RescueRequest, onProgress: (progress: RescueProgress) => void, stop: StopSignal): Promise<RescueEnd>;
}

export interface Hasher {
  /**
   * Begins to hash a file that still grows; nothing past its present end is read, and nothing at all before the
   * caller has had the chance to say hold().
   */
  follow(path: string, algorithms: readonly Algorithm[]): HashSession;
  /**
   * Hashes a finished file as it is on storage: its cached pages are dropped first.
   * Throws Fault io_error, not_found, cancelled.
   */
  fromStorage(
    path: string,
    algorithms: readonly Algorithm[],
    onProgress: (doneBytes: number) => void,
    stop: StopSignal,
    pace?: ReadingPace,
  ): Promise<Checksums>;
}

/** Given for work in the background: one thread of the lowest priority. */
export interface ReadingPace {
  /** Null: as fast as the disk is. */
  readonly bytesPerSecond: number | null;
}

export interface HashSession {
  /** Holds the reading below `bytes`, where a hole begins that a retry may yet fill. */
  hold(bytes: number): void;
  /** Bytes hashed by the slowest algorithm. */
  doneBytes(): number;
  /** The file is whole now and `totalBytes` long: read the rest and give the digests. Throws Fault io_error. */
  finish(totalBytes: number): Promise<Checksums>;
  /** Gives everything back; safe at any time and more than once. */
  close(): Promise<void>;
}

/** Files of an unfinished image, on the library's own filesystem so that a rename finishes it. */
export interface WorkFolder {
  readonly folder: string;
  readonly image: string;
  readonly map: string;
}

/** Where a resumed rescue may go on from. */
export interface ResumePoint {
  readonly map: RescueMap;
  /** `live`: the map ddrescue left. `checkpoint`: the last one that was forced to disk before its data was lost. */
  readonly from: 'live' | 'checkpoint' | 'continued' | 'nothing';
}

export interface Library {
  /** Throws Fault library_unwritable where images could not be written: missing, read-only, not ours. */
  check(): Promise<void>;
  storage(): Promise<StorageReading>;
  /** Creates or finds the job's folder, and writes the job's identity into it so that a lost catalog can be rebuilt. */
  openWork(job: Job): Promise<WorkFolder>;
  /** Makes image and map fit each other again after a pause, a crash or a power cut, and says what is left. */
  prepareResume(work: WorkFolder, mediumBytes: number, continues: Archive | null): Promise<ResumePoint>;
  /** Forces image, then map, to disk, so that a power cut costs only what came later. */
  checkpoint(work: WorkFolder, mediumBytes: number): Promise<void>;
  /** Remembers the map as it is, before a run that may turn out to have read another disc. */
  mark(work: WorkFolder): Promise<void>;
  /** Goes back to the marked map: what was read since is not trusted. */
  revert(work: WorkFolder): Promise<void>;
  /** Cuts the unreadable run-out off, or fills up with zeros to the medium's size. Returns the image's bytes. */
  setLength(work: WorkFolder, verdict: Verdict, mediumBytes: number): Promise<number>;
  /** A free path below the library for this job, `.iso` included; damaged images get `.damaged.iso`. */
  choosePath(job: Job, verdict: Verdict, reserved: ReadonlySet<string>, now: number): Promise<string>;
  /** Brings image, checksum files, map and manifest to their final names; done again after a crash it changes nothing. */
  commit(work: WorkFolder, archive: Archive): Promise<void>;
  discardWork(jobId: JobId): Promise<void>;
  /** Bytes of storage that the job's unfinished image takes; 0 where there is none. */
  heldBytes(jobId: JobId): Promise<number>;
  /** Absolute path of an archive's image. */
  imagePath(archive: Archive): string;
  /** Every manifest below the library, read for a rebuild; unreadable ones are reported, not skipped in silence. */
  readManifests(): AsyncIterable<
    { readonly archive: Archive } | { readonly path: string; readonly fault: FaultRecord }
  >;
  /** Jobs whose unfinished images lie in the work folder. */
  readWork(): AsyncIterable<Job>;
}

/** The files of finished archives. All of it may be repeated after a crash, and nothing foreign is replaced or moved. */
export interface ArchiveFiles {
  /** Writes the manifest anew. Throws Fault not_found, state_conflict where another's is in its place. */
  describe(archive: Archive): Promise<void>;
  /** Adds checksum files, then writes the manifest. `archive` has the new checksums already. */
  addChecksums(archive: Archive, added: readonly Algorithm[]): Promise<void>;
  /** A path for what comes back from the trash: the old one, or one with a number. */
  freePath(archive: Archive, reserved: ReadonlySet<string>): Promise<string>;
  /** Moves image, manifest and checksum files into the trash; `archive` says when and why in its care. */
  trash(archive: Archive): Promise<void>;
  restore(archive: Archive, path: string): Promise<void>;
  /** Deletes what lies in the trash of it, for good. */
  purge(archive: Archive): Promise<void>;
}

/** One atomic, synced change of the catalog. Events get their numbers, and outbox entries, in the same batch. */
export interface CatalogChange {
  readonly jobs?: readonly Job[];
  readonly archives?: readonly Archive[];
  readonly insertions?: readonly Insertion[];
  readonly forget?: readonly { readonly device: DeviceId; readonly key: MediumKey }[];
  readonly outbox?: readonly OutboxEntry[];
  readonly delivered?: readonly string[];
  readonly events?: readonly DomainEvent[];
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
  /** Those verified longest ago first; what lies in the trash is left out. */
  oldestVerified(limit: number): Promise<Archive[]>;
  newestVerified(): Promise<Archive | null>;
  corrupt(limit: number): Promise<Archive[]>;
  /** By the time they are to be purged. */
  trashed(limit: number, after?: ArchiveId | null): Promise<Archive[]>;
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
  /** Throws Fault no_space, io_error, catalog_damaged; nothing of the change is then in force. */
  commit(change: CatalogChange): Promise<readonly StoredEvent[]>;
  job(id: JobId): Promise<Job | null>;
  openJobs(): Promise<Job[]>;
  /** Newest first. */
  jobs(filter: JobFilter, page: PageRequest): Promise<Page<Job>>;
  archive(id: ArchiveId): Promise<Archive | null>;
  archiveByPath(path: string): Promise<Archive | null>;
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
  close(): Promise<void>;
}

export interface PreviewList {
  readonly count: number;
  /** The first 1000 at most. */
  readonly first: readonly Archive[];
}

/** What looking after the archive would come to under some file: by name, as far as there is room. */
export interface UpkeepPreview {
  /** Images that would get new checksums. */
  readonly hash: PreviewList;
  /** Images whose next reading would be overdue. */
  readonly reverify: PreviewList;
  /** Images that would go to the trash. */
  readonly delete: PreviewList;
}

/** How the upkeep of the archive stands. A figure that is not known yet is null. */
export interface UpkeepStatus {
  readonly toHash: number | null;
  /** Null also where the file asks for no readings. */
  readonly toReverify: number | null;
  readonly toDelete: number | null;
  readonly corrupt: number | null;
  readonly trashed: number | null;
  readonly trashBytes: number | null;
  /** When an image was last read again, by whoever asked; milliseconds since 1970. */
  readonly lastReadingAt: number | null;
  /** What is being read now. */
  readonly reading: ArchiveId | null;
  readonly strays: { readonly count: number; readonly names: readonly string[] } | null;
  /** Deletions that wait for a person. */
  readonly waiting: { readonly generation: number; readonly count: number } | null;
}

/** What people may change of a finished archive; what is absent stays. */
export interface ArchiveNotes {
  readonly pinned?: boolean;
  readonly label?: string | null;
  readonly tags?: readonly string[];
  readonly notes?: string | null;
}

export interface Notifier {
  readonly kind: NotificationTarget['kind'];
  /** Throws Fault delivery_failed (retry later or never). */
  deliver(target: NotificationTarget, entry: OutboxEntry): Promise<void>;
}

export interface SystemReading {
  /** Per cent of all cores over the last few seconds. */
  readonly cpuPercent: number | null;
  readonly memoryUsedBytes: number | null;
  readonly memoryTotalBytes: number | null;
  readonly loadAverage: readonly [number, number, number] | null;
}

export interface SystemProbe {
  read(): Promise<SystemReading>;
}

/** What the HTTP side and the metrics may see and ask. The only way from there to a drive or a job. */
export interface StationView {
  readonly version: string;
  readonly startedAt: number;
  config(): AppliedConfig;
  configAttempt(): ConfigAttempt;
  /** Problems of the file as last attempted; empty where it is in force. */
  configProblems(): readonly string[];
  devices(): readonly ObservedDevice[];
  insertions(): readonly Insertion[];
  progress(jobId: JobId): JobProgress | null;
  conditions(): readonly Condition[];
  storage(): StorageReading | null;
  system(): Promise<SystemReading>;
  /** The catalog to read from, or null while it is damaged. */
  catalog(): Catalog | null;
  imagePath(archive: Archive): string;
  /** Whether the first pass has ended and nothing essential is broken. */
  ready(): boolean;
  /** Milliseconds the last pass took: looking at the world, deciding, acting; null before the first. */
  lastPassMs(): number | null;
  upkeep(): UpkeepStatus;
}

/** What people ask about finished archives. */
export interface UpkeepCommands {
  /** Re-reads an archive from storage and compares. Throws Fault not_found, io_error, state_conflict. */
  verify(id: ArchiveId): Promise<Verification>;
  /** Writes down what people say of an archive. Throws Fault not_found, library_unwritable. */
  annotate(id: ArchiveId, notes: ArchiveNotes): Promise<Archive>;
  /** Takes an archive out of the trash and pins it. Throws Fault not_found, state_conflict, no_space. */
  restore(id: ArchiveId): Promise<Archive>;
  /** Lets the deletions of this generation of the configuration go ahead. Throws Fault state_conflict. */
  approve(generation: number): Promise<{ readonly archives: number }>;
  /** What the upkeep would do under this file. Throws Fault catalog_damaged. */
  previewUpkeep(desired: Desired): Promise<UpkeepPreview>;
}

export interface StationCommands extends JobCommands, UpkeepCommands {}

export interface JobCommands {
  /** Throws Fault not_found or state_conflict. */
  pause(id: JobId): Promise<Job>;
  resume(id: JobId): Promise<Job>;
  cancel(id: JobId): Promise<Job>;
  /** Builds the catalog anew from the manifests; the old one is kept aside. Returns the number of archives. */
  rebuildCatalog(): Promise<number>;
}

/** What can be asked about the file, and of the passes that bring the station in line with it. */
export interface ConfigCommands {
  /** Reads the file now; settles when the outcome is known and, where it was applied, a pass has ended under it. */
  reload(): Promise<ConfigOutcome>;
  /** A hint that something may have changed: one more pass, soon. */
  wake(): void;
  /** Every value in force with its origin; no secret among them. */
  effective(): readonly EffectiveValue[];
  /** The last generations, newest first. */
  history(): Promise<readonly GenerationChange[]>;
  /** What a file would do; null for the one on disk. Throws Fault bad_request. */
  plan(files: readonly PlannedFile[] | null): Promise<ConfigPlan>;
  /** What setting these values, by key, would do to the file on disk. Nothing is written. Throws Fault bad_request. */
  propose(values: Readonly<Record<string, unknown>>): Promise<ConfigPlan>;
  /** Which rule decides for a device's disc, a job, an archive or a label. Throws Fault not_found. */
  explain(subject: string): Promise<readonly Explanation[]>;
}

/** Delivers events as they are committed, and progress as it is measured. */
export interface EventSource {
  onEvent(listener: (stored: StoredEvent) => void): () => void;
  onProgress(listener: (progress: JobProgress) => void): () => void;
}
