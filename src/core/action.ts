import type { Insertion, Medium, ObservedDevice } from './drive.js';
import type { FaultRecord } from './fault.js';
import type { MediumKey } from './ids.js';
import type { Job, PauseReason } from './job.js';

/** What one pass found to do. Each is safe to repeat, and carries what it was decided on. */
export type Action =
  /**
   * Find out which disc it is, then decide what becomes of it. `previous`: what was decided of the disc before.
   * `away`: insertions in drives that do not show their disc now, so that a job need not wait for one of them.
   */
  | {
      readonly kind: 'identify';
      readonly device: ObservedDevice;
      readonly medium: Medium;
      readonly previous: Insertion | null;
      readonly away: ReadonlySet<MediumKey>;
    }
  /** Write down that a medium cannot be imaged, without reading it. */
  | {
      readonly kind: 'refuse';
      readonly device: ObservedDevice;
      readonly medium: Medium;
      readonly previous: Insertion | null;
      readonly fault: FaultRecord;
    }
  | { readonly kind: 'forget'; readonly insertion: Insertion }
  | { readonly kind: 'start'; readonly job: Job; readonly device: ObservedDevice; readonly medium: Medium }
  /** The record says it runs, yet nothing works on it: the daemon died. */
  | { readonly kind: 'interrupt'; readonly job: Job; readonly fault: FaultRecord }
  /** Everything is read and checked; only the names are missing. */
  | { readonly kind: 'finish'; readonly job: Job }
  /** Its disc is no longer the one in the drive: end the process that reads it. */
  | { readonly kind: 'stop'; readonly job: Job; readonly fault: FaultRecord }
  | { readonly kind: 'pause'; readonly job: Job; readonly reason: PauseReason }
  | { readonly kind: 'resume'; readonly job: Job }
  | { readonly kind: 'eject'; readonly device: ObservedDevice; readonly medium: Medium; readonly insertion: Insertion };
