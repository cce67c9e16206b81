import type { IncomingMessage, RequestListener } from 'node:http';
import Router from '@koa/router';
import Koa, { type Context, type Next } from 'koa';
import { answerErrors } from './answer-errors.js';
import type { HttpDeps } from './http-deps.js';
import { HttpProblem } from './http-problem.js';
import type { Metrics } from './metrics.js';
import { requestGuard } from './request-guard.js';
import type { Route } from './route.js';
import type { Schemas } from './schemas.js';
import { securityHeaders } from './security-headers.js';

function notFound(ctx: Context): HttpProblem {
  return new HttpProblem(404, 'not_found', `There is nothing at ${JSON.stringify(ctx.path.slice(0, 200))}.`);
}

function wrongMethod(ctx: Context, allowed: readonly string[]): HttpProblem {
  const list = allowed.join(', ');
  const message = `${ctx.method} cannot be asked of ${JSON.stringify(ctx.path.slice(0, 200))}; it takes ${list}.`;
  return new HttpProblem(405, 'method_not_allowed', message, { headers: { Allow: list } });
}

/** The path patterns of the table with their methods, for the answer to a wrong one. */
function methodsAt(router: Router, path: string): string[] {
  const layers = router.stack.filter((layer) => layer.match(path));
  return [...new Set(layers.flatMap((layer) => layer.methods))].sort();
}

function createRouter(routes: readonly Route[], schemas: Schemas): Router {
  const router = new Router({ strict: true, sensitive: true });
  for (const route of routes) {
    router[route.method](route.path, async (ctx: Context) => {
      ctx.state.route = route.path;
      await route.handle(ctx, schemas);
    });
  }
  return router;
}

function timed(deps: HttpDeps, metrics: Metrics) {
  return async (ctx: Context, next: Next) => {
    const from = deps.clock.monotonic();
    await next();
    const seconds = (deps.clock.monotonic() - from) / 1000;
    const route = typeof ctx.state.route === 'string' ? ctx.state.route : 'none';
    metrics.observeRequest(ctx.method, route, ctx.status, seconds);
    deps.log.debug({ method: ctx.method, path: ctx.path, status: ctx.status, seconds }, 'request');
  };
}

/** Puts the routes behind headers, guard and error shape. Nothing listens yet. */
export function createApp(
  deps: HttpDeps,
  routes: readonly Route[],
  schemas: Schemas,
  metrics: Metrics,
  isFromUnixSocket: (request: IncomingMessage) => boolean,
): RequestListener {
  const router = createRouter(routes, schemas);
  const app = new Koa();
  // what reaches koa itself is a connection that broke while an answer was on its way
  app.on('error', (cause: unknown) => deps.log.debug({ err: cause }, 'an answer could not be sent to its end'));
  app.use(timed(deps, metrics));
  app.use(securityHeaders());
  app.use(answerErrors(deps.log));
  app.use(requestGuard({ allowedHosts: () => deps.view.config().desired.api.allowedHosts, isFromUnixSocket }));
  app.use(router.routes());
  app.use(async (ctx: Context) => {
    if (ctx.state.route !== undefined) return;
    const allowed = methodsAt(router, ctx.path);
    throw allowed.length === 0 ? notFound(ctx) : wrongMethod(ctx, allowed);
  });
  const handle = app.callback();
  return (request, response) => void handle(request, response);
}
