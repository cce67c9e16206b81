import type { Disc, DiscContent, MediaKind } from './disc.js';
import type { FaultRecord } from './fault.js';
import type { ArchiveId, DeviceId, JobId, MediumKey } from './ids.js';

/** A drive as the file declares it. */
export interface DriveSpec {
  readonly name: string;
  readonly source: DriveSource;
  readonly suspend: boolean;
}

export type DriveSource =
  /** `device`: absolute path or glob, e.g. `/dev/sr*`; symlinks such as /dev/disk/by-id/… are followed. */
  | { readonly kind: 'optical'; readonly device: string }
  /** `udevId`: the drive whose ID_SERIAL, ID_SERIAL_SHORT, ID_WWN or ID_PATH is this. */
  | { readonly kind: 'optical'; readonly udevId: string }
  /** `folder`: absolute path; each complete image file in it is a medium. */
  | { readonly kind: 'folder'; readonly folder: string };

/** A drive as it was found: one declared drive is none, one, or (by a glob) several devices. */
export interface ObservedDevice {
  readonly id: DeviceId;
  readonly drive: string;
  readonly kind: 'optical' | 'folder';
  /** /dev/sr0, or the folder. */
  readonly path: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  readonly state: DeviceState;
  /** What is in it, in the order to be taken. An optical drive holds at most one. */
  readonly media: readonly Medium[];
  /** Why the drive cannot be used at present, where it cannot. */
  readonly fault: FaultRecord | null;
}

/** `empty` covers an open tray where the drive does not tell the two apart. */
export type DeviceState = 'empty' | 'open' | 'loaded' | 'faulty';

export interface Medium {
  readonly key: MediumKey;
  /** What ddrescue reads: a device or a file. */
  readonly path: string;
  /** File name in a folder drive. Untrusted text. */
  readonly name: string | null;
  readonly media: MediaKind;
  readonly content: DiscContent;
  readonly sizeBytes: number | null;
  /** False while a file is still being copied or a drive still spins up. */
  readonly settled: boolean;
  /** Why this medium can never be imaged as it is (an empty file, say). */
  readonly fault: FaultRecord | null;
}

/**
 * What was decided about one insertion, persisted so that no disc is taken twice. It is forgotten only when the
 * drive has been seen without that disc: a tray that closes again on the same disc starts nothing.
 */
export interface Insertion {
  readonly device: DeviceId;
  readonly key: MediumKey;
  readonly seenAt: number;
  readonly name: string | null;
  readonly disc: Disc | null;
  readonly outcome: InsertionOutcome;
  readonly eject: EjectState;
  /** Of what made no job that tells it; absent also in records of before it was kept. */
  readonly decidedBy?: DecidedBy;
}

/** `rule`: null for the defaults. */
export interface DecidedBy {
  readonly rule: string | null;
  /** Of the configuration at the time. */
  readonly generation: number;
}

export type InsertionOutcome =
  | { readonly kind: 'job'; readonly jobId: JobId }
  /** The same disc is being imaged elsewhere; decided anew when that job has ended. */
  | { readonly kind: 'waiting'; readonly jobId: JobId }
  | { readonly kind: 'duplicate'; readonly archiveId: ArchiveId }
  | { readonly kind: 'ignored'; readonly rule: string }
  | { readonly kind: 'unsupported'; readonly fault: FaultRecord }
  /** Could not be identified; tried again at `retryAt` (ms since 1970), or never where null. */
  | {
      readonly kind: 'unidentified';
      readonly fault: FaultRecord;
      readonly attempt: number;
      readonly retryAt: number | null;
    };

export type EjectState =
  | { readonly kind: 'not_wanted' }
  /** Wanted once the outcome is settled, as the policy says. */
  | { readonly kind: 'pending'; readonly policy: EjectPolicy }
  | { readonly kind: 'done'; readonly at: number }
  | { readonly kind: 'failed'; readonly fault: FaultRecord };

/** `on_success`: after a complete image or a duplicate. `always`: after a failure or a damaged image as well. */
export type EjectPolicy = 'always' | 'on_success' | 'never';
export const ejectPolicies: readonly EjectPolicy[] = ['always', 'on_success', 'never'];
