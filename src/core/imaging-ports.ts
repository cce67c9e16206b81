/** What turns a disc into an archive: drives, ddrescue, hashing, and the files of the library. */
import type { Archive } from './archive.js';
import type { Algorithm, Checksums } from './checksum.js';
import type { Disc } from './disc.js';
import type { DriveSpec, Medium, ObservedDevice } from './drive.js';
import type { FaultRecord } from './fault.js';
import type { JobId } from './ids.js';
import type { Job } from './job.js';
import type { StopSignal } from './ports.js';
import type { RescueMap } from './rescue-map.js';
import type { StorageReading } from './storage.js';
import type { Verdict } from './verdict.js';

/** One kind of drive. Every method may be called at any time, also for drives that are gone. */
export interface DrivePort {
  readonly kind: DriveSpec['source']['kind'];
  /** The devices that fit the declaration, with their media. An absent drive is an empty list, no error. */
  observe(spec: DriveSpec): Promise<ObservedDevice[]>;
  /** Reads the structures and samples. Throws Fault: read_error, medium_absent, device_busy, source_changed, timeout. */
  identify(device: ObservedDevice, medium: Medium, stop: StopSignal): Promise<Disc>;
  /** Whether just this medium is still there: asked before and after every run of ddrescue, so that no two discs mix. */
  holds(device: ObservedDevice, medium: Medium): Promise<boolean>;
  /**
   * Whether the medium grew or was rewritten after it settled, so that what was read of it was not all: asked before an
   * image gets its name. A medium that is gone has not.
   */
  isRewritten(device: ObservedDevice, medium: Medium): Promise<boolean>;
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
  /**
   * All of ddrescue's phases, then `retryPasses` more over what is still bad. It ends early where nothing could be read
   * for `giveUpSeconds`; null: never.
   */
  | { readonly kind: 'rescue'; readonly retryPasses: number; readonly giveUpSeconds: number | null };

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
   * Throws Fault read_error (its disk has lost it), io_error, not_found, cancelled.
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
  /**
   * Makes image and map fit each other again after a pause, a crash or a power cut, and says what is left. Going on
   * from an archive copies and checks its image, for minutes: throws Fault cancelled where it is stopped meanwhile.
   */
  prepareResume(
    work: WorkFolder,
    mediumBytes: number,
    continues: Archive | null,
    stop: StopSignal,
  ): Promise<ResumePoint>;
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
  /**
   * A look at the image where the record says it is, in the library or in the trash, without reading it. `changed`: it
   * is not as long as it was made, or no file. Throws Fault io_error where the library itself is not there.
   */
  look(archive: Archive): Promise<'present' | 'changed' | 'missing'>;
  /** Deletes what lies in the trash of it, for good. Throws Fault state_conflict where it still lies in the library. */
  purge(archive: Archive): Promise<void>;
}
