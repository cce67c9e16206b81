/** What `disk2iso` ends with; told in --help. */
export const exitStatus = {
  /** Done; for `health`: healthy. */
  ok: 0,
  /** Asked and refused, or found wrong: no such job, a checksum that differs, a degraded station. */
  failed: 1,
  /** No daemon could be asked. */
  unreachable: 2,
  /** The command line makes no sense. */
  usage: 64,
  /** No daemon could be asked by `plan`, where 2 stands for changes. */
  unavailable: 69,
} as const;
export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

/** Ends the command. `message` says what, why and what to do. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: string;
  readonly status: ExitStatus;

  constructor(code: string, message: string, status: ExitStatus = exitStatus.failed) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
