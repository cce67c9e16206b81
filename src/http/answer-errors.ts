import type { Context, Middleware, Next } from 'koa';
import type { Log } from '../core/ports.js';
import { answerFor, type ErrorAnswer } from './http-problem.js';

const bug: ErrorAnswer = {
  status: 500,
  headers: {},
  body: {
    error: { code: 'internal', message: 'Something unexpected went wrong here; the log of the daemon says what.' },
  },
};

/** Turns whatever is thrown further in into the one error shape; bugs are logged and nothing of them is told. */
export function answerErrors(log: Log): Middleware {
  return async (ctx: Context, next: Next) => {
    try {
      await next();
    } catch (thrown) {
      const answer = answerFor(thrown);
      if (answer === null) log.error({ err: thrown, method: ctx.method, path: ctx.path }, 'a request failed by a bug');
      const { status, headers, body } = answer ?? bug;
      ctx.status = status;
      ctx.set({ ...headers });
      ctx.body = body;
    }
  };
}
