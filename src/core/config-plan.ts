import type { ConfigProblem } from './config-problem.js';
import type { Effect } from './plan-effects.js';

/** A file as it is proposed. `name` counts from the folder of the configuration; the first one is the main file. */
export interface PlannedFile {
  readonly name: string;
  readonly text: string;
}

/** What another file would do. */
export interface ConfigPlan {
  readonly kind: 'unchanged' | 'changes' | 'invalid';
  /** Of the file that was looked at. */
  readonly hash: string;
  /** Why it is invalid, or its warnings. */
  readonly problems: readonly ConfigProblem[];
  readonly effects: readonly Effect[];
  /** Unified, of the text in force and the proposed one, secrets masked; '' where they are the same. */
  readonly diff: string;
}
