import type { JobFilter } from '../core/catalog-ports.js';
import { Fault } from '../core/fault.js';
import { isJobId, type JobId } from '../core/ids.js';
import { type HttpDeps, openCatalog } from './http-deps.js';
import { jobJson } from './job-json.js';
import { jsonRoute, type Route } from './route.js';
import { sortedJobs } from './sorted-jobs.js';

const phases: readonly string[] = ['imaging', 'hashing', 'verifying', 'archiving'];

const unknownJob = (id: string): Fault => new Fault('not_found', `There is no job ${JSON.stringify(id.slice(0, 64))}.`);

function parseJobId(id: string): JobId {
  if (isJobId(id)) return id;
  throw unknownJob(id);
}

export function jobRoutes({ view, commands }: HttpDeps): Route[] {
  const list = jsonRoute({
    method: 'get',
    path: '/api/v1/jobs',
    query: 'jobs-query',
    answers: 'jobs',
    run: async ({ query: { status, sort, limit, offset } }) => {
      const catalog = openCatalog(view);
      const phase = phases.includes(status) ? status : null;
      const filter = phase === null ? (status as JobFilter) : 'running';
      const page = await sortedJobs(catalog, filter, phase, sort, { limit, offset });
      const jobs = await Promise.all(page.items.map((job) => jobJson(job, view, catalog)));
      return { jobs, total: page.total, limit, offset };
    },
  });

  const one = jsonRoute({
    method: 'get',
    path: '/api/v1/jobs/:id',
    answers: 'job',
    run: async ({ id }) => {
      const catalog = openCatalog(view);
      const job = await catalog.job(parseJobId(id));
      if (job === null) throw unknownJob(id);
      return jobJson(job, view, catalog, Number.POSITIVE_INFINITY);
    },
  });

  const patch = jsonRoute({
    method: 'patch',
    path: '/api/v1/jobs/:id',
    body: 'job-patch',
    answers: 'job',
    run: async ({ id, body: { action } }) => {
      const catalog = openCatalog(view);
      const job = await commands[action](parseJobId(id));
      return jobJson(job, view, catalog, Number.POSITIVE_INFINITY);
    },
  });

  return [list, one, patch];
}
