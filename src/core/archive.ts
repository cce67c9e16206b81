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
  /** What was added after the image was made; absent where nothing was. Read it with careOf. */
  readonly care?: ArchiveCare;
}

/** What people and the upkeep add to a finished archive. It is in the manifest too. */
export interface ArchiveCare {
  /** Never deleted by a retention rule. */
  readonly pinned: boolean;
  /** A person's name for it, shown instead of the volume label. */
  readonly label: string | null;
  readonly tags: readonly string[];
  readonly notes: string | null;
  /** The latest verifications, oldest first, that of the imaging left out. */
  readonly history: readonly Verification[];
  readonly trashed: Trashed | null;
}

/** Kept no longer: its files lie in the library's trash. Times are milliseconds since 1970. */
export interface Trashed {
  readonly at: number;
  readonly purgeAt: number;
  /** The retention rule that decided. */
  readonly rule: string;
  /** Set while it is brought back: the path it gets. */
  readonly restoreTo: string | null;
}

const noCare: ArchiveCare = { pinned: false, label: null, tags: [], notes: null, history: [], trashed: null };
export const careOf = (archive: Pick<Archive, 'care'>): ArchiveCare => archive.care ?? noCare;

export const withCare = (archive: Archive, change: Partial<ArchiveCare>): Archive => ({
  ...archive,
  care: { ...careOf(archive), ...change },
});

/** In the library, and no later reading found it otherwise than it was written. */
export const isIntact = (archive: Pick<Archive, 'care' | 'verification'>): boolean =>
  careOf(archive).trashed === null && (archive.verification === null || archive.verification.kind === 'match');

const keptVerifications = 20;

/** The archive after one more verification. */
export function withVerification(archive: Archive, verification: Verification): Archive {
  const history = [...careOf(archive).history, verification].slice(-keptVerifications);
  return { ...withCare(archive, { history }), verification };
}

/** How the image came to be. */
export interface Provenance {
  readonly device: string;
  /** The drive as declared; absent in archives of before it was written down. */
  readonly drive?: string;
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
  | { readonly kind: 'missing'; readonly at: number }
  /** The storage gave read errors for it. */
  | { readonly kind: 'unreadable'; readonly at: number };
