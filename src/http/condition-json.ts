import type { Condition } from '../core/condition.js';
import type { ConditionJson } from './api.gen.js';
import { isoTime } from './iso-time.js';

/** States that are meant so or pass by themselves: shown, but no cause for alarm. */
const harmless: readonly string[] = ['suspended', 'waiting_for_disc', 'starting'];

/** Whether a person should look at it. */
export function isProblem(condition: Condition): boolean {
  const good = condition.type === 'Ready' ? condition.status : condition.type !== 'Stalled' || !condition.status;
  return !good && !harmless.includes(condition.reason);
}

export function conditionJson(condition: Condition): ConditionJson {
  const { subject, type, status, reason, message } = condition;
  return { subject, type, status, reason, message, problem: isProblem(condition), since: isoTime(condition.since) };
}

/** Problems first, otherwise as given. */
export function conditionsJson(conditions: readonly Condition[]): ConditionJson[] {
  return conditions.map(conditionJson).sort((a, b) => Number(b.problem) - Number(a.problem));
}
