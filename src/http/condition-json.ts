import type { Condition } from '../core/condition.js';
import type { ConditionJson } from './api.gen.js';
import { isoTime } from './iso-time.js';

/** States that are meant so or pass by themselves: shown, but no cause for alarm. */
const harmless: readonly string[] = ['ok', 'suspended', 'waiting_for_disc', 'starting'];

/** Whether a person should look at it: something is not usable, or is and warns. */
export function isProblem({ type, status, reason }: Condition): boolean {
  const stands = type === 'Ready' ? !status || reason !== 'ok' : type === 'Stalled' && status;
  return stands && !harmless.includes(reason);
}

export function conditionJson(condition: Condition): ConditionJson {
  const { subject, type, status, reason, message } = condition;
  return { subject, type, status, reason, message, problem: isProblem(condition), since: isoTime(condition.since) };
}

/** Problems first, otherwise as given. */
export function conditionsJson(conditions: readonly Condition[]): ConditionJson[] {
  const told = new Set(conditions.filter((one) => one.type === 'Ready' && isProblem(one)).map((one) => one.subject));
  return conditions
    .map((one) => {
      const json = conditionJson(one);
      // once a subject is enough: `Stalled` repeats what `Ready` says
      return one.type === 'Stalled' && told.has(one.subject) ? { ...json, problem: false } : json;
    })
    .sort((a, b) => Number(b.problem) - Number(a.problem));
}
