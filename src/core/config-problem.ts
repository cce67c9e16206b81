/**
 * One thing wrong with a configuration. The same object goes to the terminal, the API, events and the log,
 * so its keys are those of the wire.
 */
export interface ConfigProblem {
  /** An `error` keeps the file from being applied, a `warning` does not. */
  readonly severity: 'error' | 'warning';
  readonly code: ConfigProblemCode;
  /** Absolute path. */
  readonly file: string;
  /** Both count from 1; column in UTF-16 units. 1 where the whole file is meant. */
  readonly line: number;
  readonly column: number;
  /** Key it is about, e.g. `drives[0].folder`; empty for the whole file. */
  readonly path: string;
  /** What is wrong, one sentence. */
  readonly message: string;
  readonly expected?: string;
  readonly did_you_mean?: string;
  /** The line, cut to a readable length, secrets and control characters masked; null where no text is at hand. */
  readonly excerpt: string | null;
}

export type ConfigProblemCode =
  | 'unreadable'
  | 'too_large'
  | 'encoding'
  | 'empty'
  | 'syntax'
  | 'duplicate_key'
  | 'unknown_key'
  | 'missing_key'
  | 'wrong_type'
  | 'not_allowed'
  | 'conflict'
  | 'duplicate_name'
  | 'unknown_name'
  | 'overlap'
  | 'unreachable'
  | 'no_effect'
  | 'secret'
  | 'stale_mount'
  | 'archives_unknown';
