import { conditionsJson } from './condition-json.js';
import { devicesJson } from './device-json.js';
import type { HttpDeps } from './http-deps.js';
import { latestEvents } from './latest-events.js';
import { jsonRoute, type Route } from './route.js';
import { statusJson } from './status-json.js';

const mostProblems = 1000;

export function systemRoutes({ view, commands, clock }: HttpDeps): Route[] {
  const devices = jsonRoute({
    method: 'get',
    path: '/api/v1/devices',
    answers: 'devices',
    run: async () => ({ devices: await devicesJson(view) }),
  });

  const status = jsonRoute({
    method: 'get',
    path: '/api/v1/system/status',
    answers: 'system-status',
    run: () => statusJson(view, clock),
  });

  const logs = jsonRoute({
    method: 'get',
    path: '/api/v1/logs',
    query: 'logs-query',
    answers: 'logs',
    run: async ({ query: { level, since, limit } }) => {
      const from = since === undefined ? null : Date.parse(since);
      return { events: await latestEvents(view, { level, from, limit }), limit };
    },
  });

  const rebuild = jsonRoute({
    method: 'post',
    path: '/api/v1/system/catalog/rebuild',
    answers: 'catalog-rebuilt',
    run: async () => {
      const { archives, leftOut, problems } = await commands.rebuildCatalog();
      return { archives, left_out: leftOut, problems: problems.slice(0, mostProblems) };
    },
  });

  const health = jsonRoute({
    method: 'get',
    path: '/healthz',
    answers: 'health',
    run: async () => ({ status: 'ok' as const, version: view.version }),
  });

  const readiness = jsonRoute({
    method: 'get',
    path: '/readyz',
    answers: 'readiness',
    alsoStatus: [503],
    run: async ({ ctx }) => {
      const ready = view.ready();
      ctx.status = ready ? 200 : 503;
      const conditions = conditionsJson(view.conditions()).filter((one) => one.problem || one.reason === 'starting');
      return { ready, conditions };
    },
  });

  return [devices, status, logs, rebuild, health, readiness];
}
