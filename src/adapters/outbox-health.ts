import type { ConditionDraft } from '../core/condition.js';
import type { FaultRecord } from '../core/fault.js';
import type { NotificationTarget } from '../core/notification.js';

export interface TargetHealth {
  readonly target: string;
  /** Null where the last delivery succeeded, or none was tried since the start. */
  readonly failing: {
    readonly fault: FaultRecord;
    /** Failures in a row. */
    readonly times: number;
    /** Milliseconds since 1970 of the first of them. */
    readonly since: number;
  } | null;
}

/** Remembers how each target fared since the start. */
export class TargetHealthBook {
  readonly #failing = new Map<string, NonNullable<TargetHealth['failing']>>();

  succeeded(target: string): void {
    this.#failing.delete(target);
  }

  /** True where the target was not failing before. */
  failed(target: string, fault: FaultRecord, now: number): boolean {
    const before = this.#failing.get(target);
    this.#failing.set(target, { fault, times: (before?.times ?? 0) + 1, since: before?.since ?? now });
    return before === undefined;
  }

  of(targets: readonly NotificationTarget[]): TargetHealth[] {
    return targets.map(({ name }) => ({ target: name, failing: this.#failing.get(name) ?? null }));
  }
}

/** The condition of subject `notifications`. */
export function notificationsCondition(health: readonly TargetHealth[]): ConditionDraft {
  const failing = health.flatMap(({ target, failing }) =>
    failing === null ? [] : [`${target}: ${failing.fault.message}`],
  );
  return {
    subject: 'notifications',
    type: 'Ready',
    status: failing.length === 0,
    reason: failing.length === 0 ? 'ok' : 'target_failing',
    message: failing.length === 0 ? 'Notifications are delivered.' : failing.join(' '),
  };
}
