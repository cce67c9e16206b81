import type { Catalog, JobFilter, Page, PageRequest } from '../core/catalog-ports.js';
import type { Job } from '../core/job.js';

const chunk = 1000;

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const orders = {
  updated: (a: Job, b: Job): number => b.updatedAt - a.updatedAt || compareText(b.id, a.id),
  name: (a: Job, b: Job): number => compareText(a.name, b.name) || compareText(b.id, a.id),
};

/** Every job the filter lets through, in pieces, so that no pass over many of them holds the event loop. */
async function* allJobs(catalog: Catalog, filter: JobFilter): AsyncGenerator<readonly Job[]> {
  for (let offset = 0; ; offset += chunk) {
    const { items, total } = await catalog.jobs(filter, { limit: chunk, offset });
    yield items;
    if (items.length === 0 || offset + items.length >= total) return;
  }
}

/** The best so many of the jobs that pass `keep`, in an order the catalog has no index for; memory holds only those. */
async function select(
  catalog: Catalog,
  filter: JobFilter,
  keep: (job: Job) => boolean,
  order: ((a: Job, b: Job) => number) | null,
  page: PageRequest,
): Promise<Page<Job>> {
  const wanted = page.offset + page.limit;
  let best: Job[] = [];
  let total = 0;
  for await (const jobs of allJobs(catalog, filter)) {
    const kept = jobs.filter(keep);
    total += kept.length;
    best = order === null ? [...best, ...kept] : [...best, ...kept].sort(order);
    best.length = Math.min(best.length, wanted);
  }
  return { items: best.slice(page.offset), total };
}

export type JobSort = 'created' | 'updated' | 'name';

/** One page of jobs. `phase` further narrows running ones. Orders other than `created` read every job of the filter. */
export function sortedJobs(
  catalog: Catalog,
  filter: JobFilter,
  phase: string | null,
  sort: JobSort,
  page: PageRequest,
): Promise<Page<Job>> {
  if (sort === 'created' && phase === null) return catalog.jobs(filter, page);
  const keep = (job: Job): boolean => phase === null || job.state.kind === phase;
  return select(catalog, filter, keep, sort === 'created' ? null : orders[sort], page);
}
