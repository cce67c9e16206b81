import type { Condition } from './condition.js';
import type { ConfigProblem } from './config-problem.js';
import type { FaultRecord } from './fault.js';
import type { ArchiveId, DeviceId, JobId } from './ids.js';
import type { JobStateKind } from './job.js';
import type { Verdict } from './verdict.js';

/**
 * Everything that happens, as a closed union: log, live stream, metrics and notifications subscribe to it.
 * All of these are persisted; progress is not an event (see JobProgress).
 */
export type DomainEvent =
  | { readonly type: 'daemon_started'; readonly version: string }
  | { readonly type: 'daemon_stopped' }
  | { readonly type: 'config_applied'; readonly generation: number; readonly hash: string }
  | {
      readonly type: 'config_rejected';
      readonly hash: string;
      /** Each error in a line. */
      readonly problems: readonly string[];
      /** Warnings as well, as they are told everywhere; absent in records of before. */
      readonly details?: readonly ConfigProblem[];
    }
  | { readonly type: 'disc_inserted'; readonly device: DeviceId; readonly name: string | null }
  | { readonly type: 'disc_removed'; readonly device: DeviceId; readonly label: string | null }
  | {
      readonly type: 'disc_duplicate';
      readonly device: DeviceId;
      readonly label: string | null;
      readonly archiveId: ArchiveId;
    }
  | { readonly type: 'disc_ignored'; readonly device: DeviceId; readonly label: string | null; readonly rule: string }
  | { readonly type: 'disc_unsupported'; readonly device: DeviceId; readonly fault: FaultRecord }
  | { readonly type: 'disc_unidentified'; readonly device: DeviceId; readonly fault: FaultRecord }
  | { readonly type: 'disc_ejected'; readonly device: DeviceId }
  | { readonly type: 'eject_failed'; readonly device: DeviceId; readonly fault: FaultRecord }
  | { readonly type: 'job_created'; readonly jobId: JobId; readonly name: string; readonly device: DeviceId }
  | {
      readonly type: 'job_changed';
      readonly jobId: JobId;
      readonly name: string;
      readonly from: JobStateKind;
      readonly to: JobStateKind;
      readonly reason: string | null;
    }
  | {
      readonly type: 'job_completed';
      readonly jobId: JobId;
      readonly name: string;
      readonly archiveId: ArchiveId;
      readonly path: string;
      readonly verdict: Verdict;
      readonly seconds: number;
      readonly sizeBytes: number;
    }
  | { readonly type: 'job_failed'; readonly jobId: JobId; readonly name: string; readonly fault: FaultRecord }
  | { readonly type: 'archive_verified'; readonly archiveId: ArchiveId; readonly path: string }
  | {
      readonly type: 'archive_corrupt';
      readonly archiveId: ArchiveId;
      readonly path: string;
      readonly reason: 'mismatch' | 'missing' | 'unreadable';
    }
  | {
      readonly type: 'archive_checksummed';
      readonly archiveId: ArchiveId;
      readonly path: string;
      readonly algorithms: readonly string[];
    }
  | { readonly type: 'archive_trashed'; readonly archiveId: ArchiveId; readonly path: string; readonly rule: string }
  | { readonly type: 'archive_restored'; readonly archiveId: ArchiveId; readonly path: string }
  | { readonly type: 'archive_purged'; readonly archiveId: ArchiveId; readonly path: string }
  /** Files in the library that no archive accounts for; `names` are the first of them. */
  | { readonly type: 'strays_found'; readonly count: number; readonly names: readonly string[] }
  | { readonly type: 'approval_needed'; readonly generation: number; readonly archives: number }
  | { readonly type: 'approval_given'; readonly generation: number; readonly archives: number }
  | { readonly type: 'storage_warning'; readonly usedPercent: number; readonly limitPercent: number }
  | { readonly type: 'storage_stop'; readonly usedPercent: number; readonly limitPercent: number }
  | { readonly type: 'storage_ok'; readonly usedPercent: number }
  | { readonly type: 'condition_changed'; readonly condition: Condition }
  | { readonly type: 'catalog_rebuilt'; readonly archives: number }
  | {
      readonly type: 'notification_failed';
      readonly target: string;
      readonly fault: FaultRecord;
      readonly gaveUp: boolean;
    };

export type EventType = DomainEvent['type'];

/** An event in the order it happened: `seq` counts up from 1 and never repeats, over restarts too. */
export interface StoredEvent {
  readonly seq: number;
  readonly at: number;
  readonly event: DomainEvent;
}

export type Severity = 'debug' | 'info' | 'warning' | 'error';

/** How loudly the log says it. */
export function severityOf(event: DomainEvent): Severity {
  switch (event.type) {
    case 'config_rejected':
    case 'job_failed':
    case 'archive_corrupt':
    case 'storage_stop':
      return 'error';
    case 'disc_unsupported':
    case 'disc_unidentified':
    case 'eject_failed':
    case 'storage_warning':
    case 'strays_found':
    case 'approval_needed':
    case 'notification_failed':
      return 'warning';
    case 'job_completed':
      return event.verdict.kind === 'complete' || event.verdict.kind === 'complete_with_tail' ? 'info' : 'warning';
    case 'condition_changed':
      return event.condition.status === (event.condition.type !== 'Stalled') ? 'info' : 'warning';
    default:
      return 'info';
  }
}
