import { Fault, type FaultCode } from '../core/fault.js';
import type { ErrorJson } from './api.gen.js';

export interface ProblemDetail {
  /** Where in the request, for example `query.limit`. */
  readonly path: string;
  readonly message: string;
}

/** A request that cannot be answered as asked. `message` says what was expected. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly code: string;
  readonly details: readonly ProblemDetail[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    options: { details?: readonly ProblemDetail[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = options.details ?? [];
    this.headers = options.headers ?? {};
  }
}

/** 4xx: the request or the state of what it names. 503: the station as a whole. 507: its disk. 5xx else: the outside. */
const statusByCode: Readonly<Record<FaultCode, number>> = {
  bad_request: 400,
  permission_denied: 403,
  not_found: 404,
  cancelled: 409,
  device_absent: 409,
  device_busy: 409,
  disc_changed: 409,
  disc_unsupported: 409,
  medium_absent: 409,
  protected: 409,
  source_changed: 409,
  state_conflict: 409,
  verify_mismatch: 409,
  config_invalid: 422,
  config_unreadable: 422,
  internal: 500,
  io_error: 500,
  read_error: 500,
  tool_failed: 500,
  unreadable: 500,
  delivery_failed: 502,
  catalog_damaged: 503,
  catalog_locked: 503,
  library_unwritable: 503,
  tool_missing: 503,
  timeout: 504,
  no_space: 507,
};

export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorJson;
}

/** What to answer to something thrown; null for a bug, of which nothing is told outside. */
export function answerFor(thrown: unknown): ErrorAnswer | null {
  if (thrown instanceof HttpProblem) {
    const details = thrown.details.length === 0 ? {} : { details: thrown.details.map((detail) => ({ ...detail })) };
    return {
      status: thrown.status,
      headers: thrown.headers,
      body: { error: { code: thrown.code, message: thrown.message, ...details } },
    };
  }
  if (thrown instanceof Fault) {
    return {
      status: statusByCode[thrown.code],
      headers: {},
      body: { error: { code: thrown.code, message: thrown.message } },
    };
  }
  return null;
}
