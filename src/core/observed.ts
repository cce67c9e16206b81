import type { Insertion, ObservedDevice } from './drive.js';
import type { FaultRecord } from './fault.js';
import type { JobId, MediumKey } from './ids.js';
import type { Job } from './job.js';
import type { StorageReading } from './storage.js';

/** The world as one pass found it. */
export interface Observed {
  readonly now: number;
  readonly devices: readonly ObservedDevice[];
  readonly insertions: readonly Insertion[];
  /** Every job that is not final, and those that an insertion names. */
  readonly jobs: readonly Job[];
  /** Jobs that a process of this daemon works on. */
  readonly running: ReadonlySet<JobId>;
  /** Media that are being identified or ejected right now. */
  readonly busy: ReadonlySet<MediumKey>;
  readonly storage: StorageReading | null;
  /** Bytes of storage that unfinished images take already; a job that is not named takes none. */
  readonly held?: ReadonlyMap<JobId, number>;
  /** Why nothing can be imaged at all: tools missing, library read-only, catalog damaged. */
  readonly faults: readonly ObservedFault[];
}

export interface ObservedFault {
  readonly subject: 'tools' | 'library' | 'catalog';
  readonly fault: FaultRecord;
}
