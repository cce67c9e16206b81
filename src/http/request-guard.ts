import type { IncomingMessage } from 'node:http';
import type { Context, Middleware, Next } from 'koa';
import { HttpProblem } from './http-problem.js';
import { isLoopback } from './loopback.js';

/** `[::1]:8080` → `::1`, and the port as text; null for what is no host at all. */
function splitHost(value: string): { readonly host: string; readonly port: string } | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::([0-9]{1,5}))?$/.exec(value.toLowerCase());
  const host = match?.[1] ?? match?.[2];
  return host === undefined ? null : { host, port: match?.[3] ?? '' };
}

/** An entry of `allowed_hosts` with a port wants just that port. */
function isAllowed(header: string, allowedHosts: readonly string[]): boolean {
  const asked = splitHost(header);
  if (asked === null) return false;
  if (isLoopback(asked.host)) return true;
  return allowedHosts.some((entry) => {
    const one = splitHost(entry);
    return one !== null && one.host === asked.host && (one.port === '' || one.port === asked.port);
  });
}

/**
 * A page elsewhere can make a browser ask 127.0.0.1 under a name of its own (DNS rebinding): a Host header that is
 * not this station's is refused. Who reaches the unix socket is a local program and has shown its rights there.
 */
function checkHost(ctx: Context, allowedHosts: readonly string[]): void {
  const header = ctx.req.headers.host ?? '';
  if (isAllowed(header, allowedHosts)) return;
  const message = `This station does not answer as ${JSON.stringify(header)}; use 127.0.0.1 or localhost, or name the host in api.allowed_hosts.`;
  throw new HttpProblem(421, 'misdirected_request', message);
}

function sameOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

/** Browsers say where a request comes from; only this station's own pages may change anything or hold a stream. */
function checkOrigin(ctx: Context): void {
  const { origin, host = '', 'sec-fetch-site': site } = ctx.req.headers;
  const foreign = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (foreign || (origin !== undefined && !sameOrigin(origin, host))) {
    throw new HttpProblem(403, 'cross_origin', 'This can only be asked from the pages of the station itself.');
  }
}

export interface RequestGuardOptions {
  readonly allowedHosts: () => readonly string[];
  readonly isFromUnixSocket: (request: IncomingMessage) => boolean;
}

export function requestGuard(options: RequestGuardOptions): Middleware {
  return async (ctx: Context, next: Next) => {
    if (!options.isFromUnixSocket(ctx.req)) checkHost(ctx, options.allowedHosts());
    const reads = ctx.method === 'GET' || ctx.method === 'HEAD';
    if (!reads || ctx.path === '/api/v1/events') checkOrigin(ctx);
    await next();
  };
}
