import type { Context } from 'koa';
import type { ApiShapes } from './api.gen.js';
import { HttpProblem } from './http-problem.js';
import { readJsonBody } from './json-body.js';
import type { SchemaName, Schemas } from './schemas.js';

/** What a route answers with when all is well: a body of that schema, or something that is not JSON. */
export type Answers =
  | { readonly status: number; readonly schema: SchemaName }
  | 'html'
  | 'text'
  | 'file'
  | 'events'
  | 'nothing';

/** One endpoint, declared with the shapes of what goes in and comes out, so that none can be without. */
export interface Route {
  readonly method: 'get' | 'post' | 'patch';
  readonly path: string;
  readonly query: SchemaName | null;
  readonly body: SchemaName | null;
  /** Other statuses that carry the same shape, such as 503 of /readyz. */
  readonly alsoStatus: readonly number[];
  readonly answers: Answers;
  handle(ctx: Context, schemas: Schemas): Promise<void>;
}

interface JsonRoute<Query extends SchemaName, Body extends SchemaName, Answer extends SchemaName> {
  readonly method: Route['method'];
  readonly path: string;
  readonly query?: Query;
  readonly body?: Body;
  readonly answers: Answer;
  readonly alsoStatus?: readonly number[];
  /** Bytes; more than the usual only for what holds whole files. */
  readonly mostBodyBytes?: number;
  readonly run: (input: {
    readonly ctx: Context;
    /** The `:id` of the path, as it came. */
    readonly id: string;
    readonly query: ApiShapes[Query];
    readonly body: ApiShapes[Body];
  }) => Promise<ApiShapes[Answer]>;
}

function refuse(problems: ReturnType<Schemas['problems']>, where: string): void {
  if (problems.length === 0) return;
  const text = problems.map((one) => `${one.path} ${one.message}`).join('; ');
  throw new HttpProblem(400, 'bad_request', `The ${where} is not as expected: ${text}.`, { details: problems });
}

function checkedQuery(ctx: Context, schema: SchemaName | null, schemas: Schemas): unknown {
  const query: Record<string, unknown> = { ...ctx.query };
  refuse(schemas.problems(schema ?? 'no-body', query, 'query'), 'query');
  return query;
}

async function checkedBody(ctx: Context, schema: SchemaName | null, schemas: Schemas, most?: number): Promise<unknown> {
  const body = await readJsonBody(ctx.req, most);
  refuse(schemas.problems(schema ?? 'no-body', body ?? {}, 'body'), 'body');
  return body;
}

/** A route that answers with JSON. Query and body are checked before `run` sees them. */
export function jsonRoute<
  Answer extends SchemaName,
  Query extends SchemaName = 'no-body',
  Body extends SchemaName = 'no-body',
>(route: JsonRoute<Query, Body, Answer>): Route {
  const query = route.query ?? null;
  const body = route.body ?? null;
  return {
    method: route.method,
    path: route.path,
    query,
    body,
    alsoStatus: route.alsoStatus ?? [],
    answers: { status: 200, schema: route.answers },
    async handle(ctx, schemas) {
      const input = {
        ctx,
        id: String(ctx.params.id ?? ''),
        query: checkedQuery(ctx, query, schemas) as ApiShapes[Query],
        body: (route.method === 'get'
          ? {}
          : await checkedBody(ctx, body, schemas, route.mostBodyBytes)) as ApiShapes[Body],
      };
      ctx.body = await route.run(input);
    },
  };
}

/** A route that does something and has no more to say: 204. */
export function silentRoute(path: string, run: () => void): Route {
  return {
    method: 'post',
    path,
    query: null,
    body: null,
    alsoStatus: [],
    answers: 'nothing',
    async handle(ctx, schemas) {
      checkedQuery(ctx, null, schemas);
      await checkedBody(ctx, null, schemas);
      run();
      ctx.status = 204;
    },
  };
}

/** A route that answers with something else: a page, a file, a stream. */
export function plainRoute(
  path: string,
  answers: Exclude<Answers, object | 'nothing'>,
  handle: (ctx: Context) => Promise<void> | void,
): Route {
  return { method: 'get', path, query: null, body: null, alsoStatus: [], answers, handle: async (ctx) => handle(ctx) };
}
