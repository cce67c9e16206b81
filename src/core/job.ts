/**
 * A job images one disc. Its states, and what each event makes of them:
 *
 *   state        start    image_read  hashed     archive    pause   resume  interrupt    cancel     fail    complete
 *   queued       imaging  -           -          -          paused  -       -            cancelled  failed  -
 *   imaging      -        hashing     -          -          paused  -       interrupted  cancelled  failed  -
 *   hashing      -        -           verifying  archiving  paused  -       interrupted  cancelled  failed  -
 *   verifying    -        -           -          archiving  paused  -       interrupted  cancelled  failed  -
 *   archiving    -        -           -          archiving  -       -       archiving    -          failed  completed
 *   paused       -        -           -          -          paused* queued  -            cancelled  failed  -
 *   interrupted  imaging  -           -          -          paused  queued  interrupted  cancelled  failed  -
 *   completed, failed, cancelled: final
 *
 * A resumed or interrupted job goes back through `imaging`: the runner looks at the map in the work folder and finds
 * by itself how much is left to do. `archiving` holds everything that is needed to finish without the disc, so it is
 * repeated, never left. paused*: a person's pause replaces the station's own, never the reverse. `complete` also ends
 * `hashing`, where a continued rescue gained nothing over the archive it came from.
 */
import type { Archive } from './archive.js';
import type { Checksums } from './checksum.js';
import type { Disc } from './disc.js';
import type { FaultRecord } from './fault.js';
import type { ArchiveId, DeviceId, JobId, MediumKey } from './ids.js';
import type { ImagingSettings } from './rule.js';
import type { Verdict } from './verdict.js';

export interface Job {
  readonly id: JobId;
  /** What people call it: the disc's label, or the file's name. Untrusted text. */
  readonly name: string;
  readonly device: DeviceId;
  readonly medium: MediumKey;
  readonly sourceName: string | null;
  readonly disc: Disc;
  readonly settings: ImagingSettings;
  readonly rule: string | null;
  readonly configGeneration: number;
  readonly configHash: string;
  /** The damaged archive whose map and image this job starts from. */
  readonly continues: ArchiveId | null;
  /** Milliseconds since 1970, as are all times here. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When it first left the queue. */
  readonly startedAt: number | null;
  /** Bytes rescued when the job was last written down; live figures are in JobProgress. */
  readonly rescuedBytes: number;
  /** Interruptions in a row in which nothing more was rescued; sets the back-off. */
  readonly setbacks: number;
  readonly state: JobState;
}

/**
 * Whether what was read outlives a job that failed of this: a bug, or the library's disk. A damaged disc may give it only
 * once, so a person decides.
 */
export const keepsWork = ({ code }: FaultRecord): boolean =>
  code === 'internal' || code === 'verify_mismatch' || code === 'io_error';

export type PauseReason = 'user' | 'storage';

/** Why a job stands still and when it may be tried again. */
export interface Setback {
  readonly fault: FaultRecord;
  readonly retryAt: number;
}

export type JobState =
  | { readonly kind: 'queued' }
  | { readonly kind: 'imaging' }
  | { readonly kind: 'hashing'; readonly verdict: Verdict }
  | { readonly kind: 'verifying'; readonly verdict: Verdict; readonly checksums: Checksums }
  | {
      readonly kind: 'archiving';
      /** The archive as it will be; its path is reserved by being written down here. */
      readonly archive: Archive;
      readonly setback: Setback | null;
    }
  | { readonly kind: 'paused'; readonly reason: PauseReason }
  | { readonly kind: 'interrupted'; readonly setback: Setback }
  | {
      readonly kind: 'completed';
      readonly verdict: Verdict;
      readonly archiveId: ArchiveId;
      readonly finishedAt: number;
    }
  | { readonly kind: 'failed'; readonly fault: FaultRecord; readonly finishedAt: number }
  | { readonly kind: 'cancelled'; readonly finishedAt: number };

export type JobStateKind = JobState['kind'];

export type JobEvent =
  | { readonly kind: 'start'; readonly device: DeviceId; readonly medium: MediumKey }
  | { readonly kind: 'image_read'; readonly verdict: Verdict; readonly rescuedBytes: number }
  | { readonly kind: 'hashed'; readonly checksums: Checksums }
  | { readonly kind: 'archive'; readonly archive: Archive }
  | { readonly kind: 'complete'; readonly archiveId: ArchiveId }
  | { readonly kind: 'pause'; readonly reason: PauseReason; readonly rescuedBytes: number | null }
  | { readonly kind: 'resume' }
  | {
      readonly kind: 'interrupt';
      readonly fault: FaultRecord;
      readonly retryAt: number;
      readonly rescuedBytes: number | null;
    }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'fail'; readonly fault: FaultRecord };

export type JobEventKind = JobEvent['kind'];

/** States in which a process works on the job. */
export const activeStates: readonly JobStateKind[] = ['imaging', 'hashing', 'verifying', 'archiving'];
export const finalStates: readonly JobStateKind[] = ['completed', 'failed', 'cancelled'];
export const isActive = (job: Job): boolean => activeStates.includes(job.state.kind);
export const isFinal = (job: Job): boolean => finalStates.includes(job.state.kind);

/** The state after `event`, or null where the event makes no sense in this state. */
function nextState(state: JobState, event: JobEvent, now: number): JobState | null {
  switch (event.kind) {
    case 'start':
      return state.kind === 'queued' || state.kind === 'interrupted' ? { kind: 'imaging' } : null;
    case 'image_read':
      return state.kind === 'imaging' ? { kind: 'hashing', verdict: event.verdict } : null;
    case 'hashed':
      return state.kind === 'hashing'
        ? { kind: 'verifying', verdict: state.verdict, checksums: event.checksums }
        : null;
    case 'archive':
      return ['hashing', 'verifying', 'archiving'].includes(state.kind)
        ? { kind: 'archiving', archive: event.archive, setback: null }
        : null;
    case 'complete': {
      if (state.kind !== 'archiving' && state.kind !== 'hashing') return null;
      const verdict = state.kind === 'archiving' ? state.archive.verdict : state.verdict;
      return { kind: 'completed', verdict, archiveId: event.archiveId, finishedAt: now };
    }
    case 'pause':
      if (state.kind === 'paused') return event.reason === 'user' ? { kind: 'paused', reason: 'user' } : null;
      return ['queued', 'imaging', 'hashing', 'verifying', 'interrupted'].includes(state.kind)
        ? { kind: 'paused', reason: event.reason }
        : null;
    case 'resume':
      return state.kind === 'paused' || state.kind === 'interrupted' ? { kind: 'queued' } : null;
    case 'interrupt': {
      if (!activeStates.includes(state.kind) && state.kind !== 'interrupted') return null;
      const setback = { fault: event.fault, retryAt: event.retryAt };
      return state.kind === 'archiving' ? { ...state, setback } : { kind: 'interrupted', setback };
    }
    case 'cancel':
      return finalStates.includes(state.kind) || state.kind === 'archiving'
        ? null
        : { kind: 'cancelled', finishedAt: now };
    case 'fail':
      return finalStates.includes(state.kind) ? null : { kind: 'failed', fault: event.fault, finishedAt: now };
  }
}

/** Applies one event. Returns null where it makes no sense in the job's state; the job is then as it was. */
export function step(job: Job, event: JobEvent, now: number): Job | null {
  const state = nextState(job.state, event, now);
  if (state === null) return null;
  const moved = event.kind === 'start' ? { device: event.device, medium: event.medium } : {};
  const startedAt = event.kind === 'start' ? (job.startedAt ?? now) : job.startedAt;
  const rescued = 'rescuedBytes' in event && event.rescuedBytes !== null ? event.rescuedBytes : job.rescuedBytes;
  const setbacks = event.kind !== 'interrupt' ? job.setbacks : rescued > job.rescuedBytes ? 1 : job.setbacks + 1;
  return { ...job, ...moved, startedAt, rescuedBytes: rescued, setbacks, state, updatedAt: now };
}

/** Live figures of an active job; never persisted. Unknown is null. */
export interface JobProgress {
  readonly jobId: JobId;
  readonly phase: 'imaging' | 'hashing' | 'verifying' | 'archiving';
  /** Bytes of the phase done and to do. */
  readonly doneBytes: number;
  readonly totalBytes: number | null;
  readonly badBytes: number;
  readonly readErrors: number;
  /** Bytes a second over the last seconds. */
  readonly speedBps: number | null;
  readonly etaSeconds: number | null;
}
