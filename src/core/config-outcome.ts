import type { ConfigProblem } from './config-problem.js';

/** The file as it was last tried. `generation`: the one it is or, refused, would have been. */
export interface ConfigAttempt {
  readonly generation: number;
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What became of a look at the file. */
export interface ConfigOutcome {
  /** `unchanged`: the file says what is in force already. `rejected`: it is not applied, and `problems` says why. */
  readonly kind: 'applied' | 'unchanged' | 'rejected';
  /** The generation in force from now on. */
  readonly generation: number;
  /** Of the file that was looked at. */
  readonly hash: string;
  /** Errors and warnings of that file; warnings alone unless it was rejected. */
  readonly problems: readonly ConfigProblem[];
}
