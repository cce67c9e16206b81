/**
 * A job images one disc. Its states, and what each event makes of them:
 *
 *   state        start     image_read  verified/…  pause   resume  interrupt    cancel     fail    complete
 *   queued       imaging   -           -           paused  -       -            cancelled  failed  -
 *   imaging      -         hashing     -           paused  -       interrupted  cancelled  failed  -
 *   hashing      -         -           verifying,  paused  -       interrupted  cancelled  failed  -
 *                                      archiving
 *   verifying    -         -           archiving   paused  -       interrupted  cancelled  failed  -
 *   archiving    -         -           -           -       -       interrupted  -          failed  completed
 *   paused       -         -           -           paused* queued  -            cancelled  failed  -
 *   interrupted  imaging   -           -           paused  queued  interrupted  cancelled  failed  -
 *   completed, failed, cancelled: final
 *
 * A resumed or interrupted job goes back through `imaging`: the runner looks at the map in the work folder and
 * finds by itself how much is left to do. paused*: a person's pause replaces the station's own, never the reverse.
 */
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
  readonly state: JobState;
}

export type PauseReason = 'user' | 'storage';

export type JobState =
  | { readonly kind: 'queued' }
  | { readonly kind: 'imaging' }
  | { readonly kind: 'hashing'; readonly verdict: Verdict }
  | { readonly kind: 'verifying'; readonly verdict: Verdict; readonly checksums: Checksums }
  | {
      readonly kind: 'archiving';
      readonly verdict: Verdict;
      readonly checksums: Checksums;
      readonly archiveId: ArchiveId;
      /** Below the library; reserved before anything is moved there, so that a repeat finds the same name. */
      readonly path: string;
    }
  | { readonly kind: 'paused'; readonly reason: PauseReason }
  | {
      readonly kind: 'interrupted';
      readonly fault: FaultRecord;
      /** How often in a row without progress; sets the back-off. */
      readonly attempt: number;
      readonly retryAt: number;
      /** The name reserved by an archiving that did not end. */
      readonly archiving: { readonly archiveId: ArchiveId; readonly path: string } | null;
    }
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
  | { readonly kind: 'archive'; readonly checksums: Checksums; readonly archiveId: ArchiveId; readonly path: string }
  | { readonly kind: 'complete' }
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
    case 'archive': {
      if (state.kind !== 'hashing' && state.kind !== 'verifying') return null;
      const { checksums, archiveId, path } = event;
      return { kind: 'archiving', verdict: state.verdict, checksums, archiveId, path };
    }
    case 'complete':
      return state.kind === 'archiving'
        ? { kind: 'completed', verdict: state.verdict, archiveId: state.archiveId, finishedAt: now }
        : null;
    case 'pause':
      if (state.kind === 'paused') return event.reason === 'user' ? { kind: 'paused', reason: 'user' } : null;
      return ['queued', 'imaging', 'hashing', 'verifying', 'interrupted'].includes(state.kind)
        ? { kind: 'paused', reason: event.reason }
        : null;
    case 'resume':
      return state.kind === 'paused' || state.kind === 'interrupted' ? { kind: 'queued' } : null;
    case 'interrupt': {
      const active = activeStates.includes(state.kind);
      if (!active && state.kind !== 'interrupted') return null;
      const archiving =
        state.kind === 'archiving'
          ? { archiveId: state.archiveId, path: state.path }
          : state.kind === 'interrupted'
            ? state.archiving
            : null;
      const attempt = state.kind === 'interrupted' ? state.attempt + 1 : 1;
      return { kind: 'interrupted', fault: event.fault, attempt, retryAt: event.retryAt, archiving };
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
  return { ...job, ...moved, startedAt, rescuedBytes: rescued, state, updatedAt: now };
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
