import type { Checksums } from './checksum.js';
import type { Disc } from './disc.js';
import type { ArchiveId, JobId } from './ids.js';
import type { Verdict } from './verdict.js';

/** One finished image in the library and what is known of it. The image itself never changes once it is named. */
export interface Archive {
  readonly id: ArchiveId;
  readonly jobId: JobId;
  /** Path below the library with forward slashes, e.g. `dvd/HOLIDAY.iso`. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly checksums: Checksums;
  readonly verdict: Verdict;
  readonly disc: Disc;
  readonly provenance: Provenance;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly verification: Verification | null;
  /** The better image of the same disc that a later rescue made. */
  readonly supersededBy: ArchiveId | null;
}

/** How the image came to be. */
export interface Provenance {
  readonly device: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  readonly ddrescueVersion: string;
  readonly rule: string | null;
  readonly configGeneration: number;
  readonly configHash: string;
  /** File name the image had in a folder drive. */
  readonly sourceName: string | null;
  /** The damaged archive whose rescue this one continued. */
  readonly continues: ArchiveId | null;
}

export type Verification =
  | { readonly kind: 'match'; readonly at: number }
  | { readonly kind: 'mismatch'; readonly at: number; readonly algorithms: readonly string[] }
  | { readonly kind: 'missing'; readonly at: number };
