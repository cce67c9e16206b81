import { type IncomingMessage, request } from 'node:http';
import { CliError, exitStatus } from './cli-error.js';

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH';
  readonly body?: unknown;
  /** Milliseconds; null for what takes as long as it takes. */
  readonly patienceMs?: number | null;
  /** HTTP statuses beside 2xx whose answer is one to show, not a refusal. */
  readonly alsoStatus?: readonly number[];
}

/** Talks to the daemon over its unix socket. Throws CliError: what the daemon refuses, or that none answers. */
export interface ApiClient {
  readonly socket: string;
  call(path: string, options?: ApiRequest): Promise<unknown>;
  /** Opens GET `path` for reading piece by piece. */
  open(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<IncomingMessage>;
}

const patience = 15_000;
const mostBytes = 64 * 1024 * 1024;

export function createApiClient(socket: string): ApiClient {
  function send(
    path: string,
    method: string,
    headers: Readonly<Record<string, string>>,
    body: string | null,
    timeout: number | null,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: socket, path, method, headers: { host: 'localhost', ...headers }, signal });
      asked.on('error', (error: NodeJS.ErrnoException) => reject(unreachable(error, socket)));
      asked.on('response', resolve);
      if (timeout !== null) {
        const silence = Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
        asked.setTimeout(timeout, () => asked.destroy(silence));
      }
      asked.end(body ?? undefined);
    });
  }

  async function call(path: string, options: ApiRequest = {}): Promise<unknown> {
    const { method = 'GET', body, patienceMs = patience, alsoStatus = [] } = options;
    const text = body === undefined ? null : JSON.stringify(body);
    const headers = text === null ? {} : { 'content-type': 'application/json' };
    const answer = await send(path, method, { accept: 'application/json', ...headers }, text, patienceMs);
    const given = await readText(answer, socket);
    if (answer.statusCode === 204) return null;
    const value = parseJson(given, socket);
    const { statusCode = 0 } = answer;
    if ((statusCode >= 200 && statusCode < 300) || alsoStatus.includes(statusCode)) return value;
    throw refusal(value, answer.statusCode);
  }

  return {
    socket,
    call,
    open: async (path, headers, signal) => {
      const answer = await send(path, 'GET', { accept: 'text/event-stream', ...headers }, null, null, signal);
      if (answer.statusCode === 200) return answer;
      throw refusal(parseJson(await readText(answer, socket), socket), answer.statusCode);
    },
  };
}

async function readText(answer: IncomingMessage, socket: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostBytes) throw new CliError('bad_answer', `The answer on ${socket} is longer than 64 MB.`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof CliError || !(error instanceof Error)) throw error;
    throw unreachable(error, socket);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string, socket: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `What answers on ${socket} is no disk2iso daemon: check --socket.`;
    throw Object.assign(new CliError('bad_answer', message, exitStatus.unreachable), { cause });
  }
}

/** The daemon's own words, where it has any. */
function refusal(value: unknown, httpStatus: number | undefined): CliError {
  const error = typeof value === 'object' && value !== null && 'error' in value ? value.error : null;
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error)) {
    return new CliError('bad_answer', `The daemon answered with HTTP status ${httpStatus} and no reason.`);
  }
  const details = 'details' in error && Array.isArray(error.details) ? error.details.map(detailText) : [];
  return new CliError(String(error.code), [String(error.message), ...details].join(' '));
}

function detailText(detail: unknown): string {
  const isDetail = typeof detail === 'object' && detail !== null && 'path' in detail && 'message' in detail;
  return isDetail ? `${String(detail.path)}: ${String(detail.message)}.` : '';
}

function unreachable(error: NodeJS.ErrnoException, socket: string): CliError {
  const fail = (code: string, message: string) => new CliError(code, message, exitStatus.unreachable);
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return fail(
        'not_running',
        `The daemon is not running: nobody listens on ${socket}. ` +
          'Start it with `systemctl start disk2iso` or `disk2iso daemon --config FILE`.',
      );
    case 'EACCES':
    case 'EPERM':
      return fail(
        'permission_denied',
        `You may not use ${socket}. Use sudo, or join its group: \`adduser $USER disk2iso\` and log in again.`,
      );
    case 'ENOTSOCK':
      return fail('bad_answer', `${socket} is not a socket: check --socket.`);
    case 'ETIMEDOUT':
      return fail('timeout', `The daemon on ${socket} does not answer: see \`journalctl -u disk2iso\`.`);
    default:
      return fail('unreachable', `The connection to the daemon on ${socket} broke (${error.code ?? error.message}).`);
  }
}
