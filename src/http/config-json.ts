import type { ConfigOutcome } from '../core/config-outcome.js';
import type { ConfigProblem } from '../core/config-problem.js';
import type { ConfigOutcomeJson, ConfigProblemJson } from './api.gen.js';

/** A problem goes out as it is: its keys are those of the wire. */
export const problemJson = (problem: ConfigProblem): ConfigProblemJson => ({ ...problem });

export function outcomeJson({ kind, generation, hash, problems }: ConfigOutcome): ConfigOutcomeJson {
  return { outcome: kind, generation, hash, problems: problems.map(problemJson) };
}
