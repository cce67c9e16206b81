import type { FaultCode } from './fault.js';

/** What a condition is about: a subsystem, or one device. */
export type ConditionSubject =
  | 'config'
  | 'catalog'
  | 'jobs'
  | 'storage'
  | 'library'
  | 'notifications'
  | 'tools'
  | 'reconciler'
  | 'fixity'
  | 'retention'
  | 'strays'
  | `drive/${string}`;

/** `Ready`: usable. `Reconciling`: being brought in line. `Stalled`: cannot go on without a person. */
export type ConditionType = 'Ready' | 'Reconciling' | 'Stalled';

export interface Condition {
  readonly subject: ConditionSubject;
  readonly type: ConditionType;
  readonly status: boolean;
  /** One CamelCase-free word for machines: a fault code or a state such as `ok`. */
  readonly reason: FaultCode | ConditionReason;
  /** A sentence for people: what it is and what to do. */
  readonly message: string;
  /** Milliseconds since 1970 when status or reason last changed. */
  readonly since: number;
}

export type ConditionReason =
  | 'ok'
  | 'starting'
  | 'suspended'
  | 'storage_warning'
  | 'storage_stop'
  | 'rebuild_needed'
  | 'target_failing'
  | 'eject_failed'
  | 'archives_corrupt'
  | 'approval_needed'
  | 'clock_leapt'
  | 'strays_found'
  | 'work_waiting'
  | 'waiting_for_disc';

/** What observe and plan work out anew on every pass, before `since` is known. */
export type ConditionDraft = Omit<Condition, 'since'>;

/** Keeps `since` where status and reason are as they were. Conditions no longer drafted are dropped. */
export function updateConditions(
  previous: readonly Condition[],
  drafts: readonly ConditionDraft[],
  now: number,
): Condition[] {
  return drafts.map((draft) => {
    const old = previous.find((one) => one.subject === draft.subject && one.type === draft.type);
    const same = old !== undefined && old.status === draft.status && old.reason === draft.reason;
    return { ...draft, since: same ? old.since : now };
  });
}

/** The drafts whose status or reason differs from before: each is worth an event. */
export function changedConditions(previous: readonly Condition[], next: readonly Condition[]): Condition[] {
  return next.filter((one) => {
    // each job and each edit is its own event already
    if (one.type === 'Reconciling') return false;
    const usual = one.type === 'Ready';
    const old = previous.find((other) => other.subject === one.subject && other.type === one.type);
    return old === undefined ? one.status !== usual : old.status !== one.status || old.reason !== one.reason;
  });
}
