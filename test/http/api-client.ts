import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { HttpServer } from '../../src/http/create-http-server.js';
import type { Route } from '../../src/http/route.js';
import { createSchemas, type SchemaName } from '../../src/http/schemas.js';

export const schemas = createSchemas();

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  /** The parsed body, checked against the schema of its endpoint. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what the schema has just proved
  readonly json: any;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** Ask over the unix socket instead. */
  readonly socketPath?: string;
}

function routeFor(server: HttpServer, method: string, path: string): Route | undefined {
  const asked = path.split('?')[0]?.split('/') ?? [];
  return server.routes.find((route) => {
    const parts = route.path.split('/');
    const fits = parts.length === asked.length && parts.every((part, i) => part.startsWith(':') || part === asked[i]);
    return fits && (route.method === method.toLowerCase() || (method === 'HEAD' && route.method === 'get'));
  });
}

/** Throws where the value does not fit the schema. */
export function assertShape(name: SchemaName, value: unknown): void {
  assert.deepEqual(schemas.problems(name, value, 'response'), [], `does not fit ${name}.json`);
}

function checkShape(route: Route | undefined, reply: { status: number; bytes: Buffer }): unknown {
  const value: unknown = JSON.parse(reply.bytes.toString('utf8'));
  const own = route !== undefined && typeof route.answers === 'object' ? route.answers : null;
  const isOwn = own !== null && (reply.status === own.status || route?.alsoStatus.includes(reply.status) === true);
  if (!isOwn) assert.ok(reply.status >= 400, `an answer ${reply.status} without a schema`);
  assertShape(isOwn ? own.schema : 'error', value);
  return value;
}

/** Asks over a real connection and checks the answer against the schema of its endpoint, or of errors. */
export function ask(server: HttpServer, path: string, options: Ask = {}): Promise<Reply> {
  const { method = 'GET', body, socketPath } = options;
  const headers: Record<string, string> = { ...options.headers };
  if (body !== undefined) headers['content-type'] ??= 'application/json';
  const target =
    socketPath === undefined ? new URL(server.address() ?? 'http://no-port') : new URL('http://unix-socket');
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        method,
        path,
        headers,
        agent: false,
        ...(socketPath === undefined
          ? { host: target.hostname.replace(/^\[|\]$/g, ''), port: target.port }
          : { socketPath }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          try {
            const status = response.statusCode ?? 0;
            const bytes = Buffer.concat(chunks);
            const isJson = response.headers['content-type']?.startsWith('application/json') === true;
            const parse = isJson && method !== 'HEAD' && bytes.length > 0;
            const json = parse ? checkShape(routeFor(server, method, path), { status, bytes }) : undefined;
            resolve({ status, headers: response.headers, bytes, json });
          } catch (error) {
            reject(error);
          }
        });
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Resolves as soon as `probe` is true; rejects after the deadline. */
export async function until(probe: () => boolean | Promise<boolean>, what: string, deadlineMs = 60_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await probe())) {
    assert.ok(performance.now() < end, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
