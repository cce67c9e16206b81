/** What people may see of the station and ask of it: HTTP and the metrics come this way. */
import type { Archive, Verification } from './archive.js';
import type { Catalog } from './catalog-ports.js';
import type { Condition } from './condition.js';
import type { GenerationChange } from './config-history.js';
import type { ConfigAttempt, ConfigOutcome } from './config-outcome.js';
import type { ConfigPlan, PlannedFile } from './config-plan.js';
import type { AppliedConfig, Desired } from './desired.js';
import type { Insertion, ObservedDevice } from './drive.js';
import type { EffectiveValue } from './effective-value.js';
import type { Explanation } from './explain.js';
import type { ArchiveId, JobId } from './ids.js';
import type { Job, JobProgress } from './job.js';
import type { SystemReading } from './ports.js';
import type { StorageReading } from './storage.js';

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

/** What a rebuild of the catalog made of the library. */
export interface RebuildOutcome {
  readonly archives: number;
  /** Manifests and folders that could not be taken in. */
  readonly leftOut: number;
  /** A sentence for each thing that is not as it should be, those left out among them. */
  readonly problems: readonly string[];
}

export interface JobCommands {
  /** Throws Fault not_found or state_conflict. */
  pause(id: JobId): Promise<Job>;
  resume(id: JobId): Promise<Job>;
  cancel(id: JobId): Promise<Job>;
  /** Builds the catalog anew from the manifests; the old one is kept aside. */
  rebuildCatalog(): Promise<RebuildOutcome>;
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
