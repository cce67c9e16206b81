import type { Catalog, JobFilter } from '../core/catalog-ports.js';
import { isActive, type Job } from '../core/job.js';
import type { Clock } from '../core/ports.js';
import type { StationView } from '../core/station-ports.js';
import type { SnapshotJson } from './api.gen.js';
import { archiveJson } from './archive-json.js';
import { devicesJson } from './device-json.js';
import { jobJson } from './job-json.js';
import { statusJson } from './status-json.js';

/** How many ended jobs and archives a snapshot, and the status page, begin with. */
const latest = 12;
/** A folder drive can hold thousands of files, each with a job that waits. */
const mostOpen = 100;

const rank = { high: 0, normal: 1, low: 2 } as const;

/** Running ones first, then in the order the queue is worked off: priority, then age. */
const byTurn = (a: Job, b: Job): number =>
  Number(isActive(b)) - Number(isActive(a)) ||
  rank[a.settings.priority] - rank[b.settings.priority] ||
  (a.id < b.id ? -1 : 1);

const ends = ['completed', 'failed', 'cancelled'] as const satisfies readonly JobFilter[];

async function endedJobs(catalog: Catalog): Promise<readonly Job[]> {
  const pages = await Promise.all(ends.map((state) => catalog.jobs(state, { limit: latest, offset: 0 })));
  const ended = pages.flatMap((page) => page.items);
  return ended.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, latest);
}

/**
 * The state of the station in one piece. `seq`: events up to this one are in it. `catalog`: null shows what is known
 * without one.
 */
export async function snapshotJson(
  view: StationView,
  clock: Clock,
  seq: number,
  catalog: Catalog | null = view.catalog(),
): Promise<SnapshotJson> {
  const status = await statusJson(view, clock);
  const open = ((await catalog?.openJobs()) ?? []).sort(byTurn);
  const ended = catalog === null ? [] : await endedJobs(catalog);
  const jobs = [...open.slice(0, mostOpen), ...ended];
  const archives = (await catalog?.archives({ limit: latest, offset: 0 })) ?? null;
  return {
    seq,
    jobs: catalog === null ? [] : await Promise.all(jobs.map((job) => jobJson(job, view, catalog))),
    open_jobs_total: open.length,
    archives: archives?.items.map((archive) => archiveJson(archive, view)) ?? [],
    archives_total: archives?.total ?? null,
    devices: await devicesJson(view, catalog),
    conditions: status.conditions,
    status,
  };
}
