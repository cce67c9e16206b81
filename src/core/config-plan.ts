import type { ConfigProblem } from './config-problem.js';
import type { Effect } from './effect.js';
import type { WaitingDeletions } from './plan-archives.js';

/** A file as it is proposed. `name` counts from the folder of the configuration; the first one is the main file. */
export interface PlannedFile {
  readonly name: string;
  readonly text: string;
}

/** What another file would do. */
export interface ConfigPlan {
  /** `changes` also where the archives could not be looked at, as then nobody knows; a problem says so. */
  readonly kind: 'unchanged' | 'changes' | 'invalid';
  /** Of the file that was looked at. */
  readonly hash: string;
  /** Why it is invalid, or its warnings. */
  readonly problems: readonly ConfigProblem[];
  readonly effects: readonly Effect[];
  /** What waits already, for a person or for time, and would go on waiting: no change, but not to be overlooked. */
  readonly waiting: WaitingDeletions | null;
  /** Unified, of the text in force and the proposed one, secrets masked; '' where they are the same. */
  readonly diff: string;
}
