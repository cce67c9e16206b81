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
    /** Milliseconds since 1970 of the first of them; null where none was tried. */
    readonly since: number | null;
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

  /** What a target lacks keeps it from being told anything, tried or not. */
  #failingOf(target: NotificationTarget): TargetHealth['failing'] {
    const known = this.#failing.get(target.name) ?? null;
    if (known !== null || target.kind !== 'lacking') return known;
    return { fault: { code: 'delivery_failed', message: target.reason, retry: 'later' }, times: 0, since: null };
  }

  of(targets: readonly NotificationTarget[]): TargetHealth[] {
    return targets.map((target) => ({ target: target.name, failing: this.#failingOf(target) }));
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
