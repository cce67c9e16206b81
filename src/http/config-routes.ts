import { effectiveJson, explanationsJson, historyJson, outcomeJson, planJson } from './config-json.js';
import type { HttpDeps } from './http-deps.js';
import { jsonRoute, type Route, silentRoute } from './route.js';

/** What can be asked of the file. */
export function configRoutes({ view, commands, configuration }: HttpDeps): Route[] {
  // answers when the outcome is known: 200 where the file is in force, 422 where it is refused
  const reload = jsonRoute({
    method: 'post',
    path: '/-/reload',
    answers: 'config-outcome',
    alsoStatus: [422],
    run: async ({ ctx }) => {
      const outcome = await configuration.reload();
      ctx.status = outcome.kind === 'rejected' ? 422 : 200;
      return outcomeJson(outcome);
    },
  });

  const wake = silentRoute('/-/wake', configuration.wake);

  const effective = jsonRoute({
    method: 'get',
    path: '/api/v1/system/config',
    answers: 'config-effective',
    run: async () => effectiveJson(view.config(), configuration.effective()),
  });

  const history = jsonRoute({
    method: 'get',
    path: '/api/v1/system/config/history',
    answers: 'config-history',
    run: async () => historyJson(await configuration.history()),
  });

  const plan = jsonRoute({
    method: 'post',
    path: '/api/v1/system/config/plan',
    body: 'config-plan-request',
    answers: 'config-plan',
    mostBodyBytes: 4 * 1024 * 1024,
    run: async ({ body }) => planJson(await configuration.plan(body?.files ?? null)),
  });

  // writes nothing: the answer holds a diff for whoever keeps the file
  const propose = jsonRoute({
    method: 'patch',
    path: '/api/v1/system/config',
    body: 'config-patch',
    answers: 'config-plan',
    run: async ({ body }) => planJson(await configuration.propose(body.set)),
  });

  const approve = jsonRoute({
    method: 'post',
    path: '/api/v1/system/config/approve',
    body: 'config-approval',
    answers: 'config-approved',
    run: async ({ body: { generation } }) => ({ generation, ...(await commands.approve(generation)) }),
  });

  const explain = jsonRoute({
    method: 'get',
    path: '/api/v1/explain',
    query: 'explain-query',
    answers: 'explanations',
    run: async ({ query: { subject } }) => explanationsJson(await configuration.explain(subject)),
  });

  return [reload, wake, effective, history, plan, propose, approve, explain];
}
