import type { GenerationChange } from '../core/config-history.js';
import type { ConfigOutcome } from '../core/config-outcome.js';
import type { ConfigPlan } from '../core/config-plan.js';
import type { ConfigProblem } from '../core/config-problem.js';
import type { AppliedConfig } from '../core/desired.js';
import type { EffectiveValue, PlainValue } from '../core/effective-value.js';
import type { Explanation } from '../core/explain.js';
import type {
  ConfigEffectiveJson,
  ConfigHistoryJson,
  ConfigOutcomeJson,
  ConfigPlanJson,
  ConfigProblemJson,
  ExplanationsJson,
} from './api.gen.js';
import { isoTime } from './iso-time.js';

/** A problem goes out as it is: its keys are those of the wire. */
export const problemJson = (problem: ConfigProblem): ConfigProblemJson => ({ ...problem });

export function outcomeJson({ kind, generation, hash, problems }: ConfigOutcome): ConfigOutcomeJson {
  return { outcome: kind, generation, hash, problems: problems.map(problemJson) };
}

export function effectiveJson(
  { generation, hash }: AppliedConfig,
  values: readonly EffectiveValue[],
): ConfigEffectiveJson {
  return {
    generation,
    hash,
    values: values.map(({ key, value, origin }) => {
      const plain = Array.isArray(value) ? [...value] : (value as PlainValue);
      return { key, value: plain, origin: { ...origin } };
    }),
  };
}

export function historyJson(changes: readonly GenerationChange[]): ConfigHistoryJson {
  return {
    generations: changes.map(({ generation, hash, appliedAt, inForce, diff }) => {
      return { generation, hash, applied_at: isoTime(appliedAt), in_force: inForce, diff };
    }),
  };
}

export function planJson({ kind, hash, problems, effects, waiting, diff }: ConfigPlan): ConfigPlanJson {
  return {
    outcome: kind,
    hash,
    problems: problems.map(problemJson),
    effects: effects.map(({ kind: about, change, subject, message, archives }) => ({
      kind: about,
      change,
      subject,
      message,
      archives: archives === null ? null : { count: archives.count, paths: [...archives.paths] },
    })),
    waiting: waiting === null ? null : { ...waiting, paths: [...waiting.paths] },
    diff,
  };
}

export function explanationsJson(found: readonly Explanation[]): ExplanationsJson {
  return {
    explanations: found.map(({ kind, id, label, decided, subject, rule, action, rules, holds, retention }) => ({
      kind,
      id,
      label,
      decided: decided === null ? null : { ...decided },
      disc: { media: subject.media, label: subject.label, drive: subject.drive, size_bytes: subject.sizeBytes },
      rule,
      action,
      rules: rules.map((one) => ({ ...one })),
      holds: [...holds],
      retention: retention === null ? null : { ...retention },
    })),
  };
}
