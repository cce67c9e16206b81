/**
 * The closed set of expected failures. An adapter turns whatever went wrong outside into one of these;
 * anything else that is thrown is a bug.
 */
export type FaultCode =
  | 'bad_request'
  | 'cancelled'
  | 'catalog_damaged'
  | 'catalog_locked'
  | 'config_invalid'
  | 'config_unreadable'
  | 'delivery_failed'
  | 'device_absent'
  | 'device_busy'
  | 'disc_changed'
  | 'disc_unsupported'
  /** A bug: the log has the stack. */
  | 'internal'
  | 'io_error'
  | 'library_unwritable'
  | 'medium_absent'
  | 'no_space'
  | 'not_found'
  | 'permission_denied'
  | 'protected'
  | 'read_error'
  | 'source_changed'
  | 'state_conflict'
  | 'timeout'
  | 'tool_failed'
  | 'tool_missing'
  | 'unreadable'
  | 'verify_mismatch';

/** `never`: trying again cannot help. `later`: the world may change, try again with back-off. */
export type Retry = 'never' | 'later';

/** An expected failure. `message` is one sentence that says what happened and what to do about it. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly retry: Retry;

  constructor(code: FaultCode, message: string, options: { retry?: Retry; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? 'never';
  }
}

/** What is kept of a fault in records and on the wire. */
export interface FaultRecord {
  readonly code: FaultCode;
  readonly message: string;
  readonly retry: Retry;
}

export function recordFault(fault: Fault): FaultRecord {
  return { code: fault.code, message: fault.message, retry: fault.retry };
}
