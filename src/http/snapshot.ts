import type { Job } from '../core/job.js';
import type { Catalog, Clock, StationView } from '../core/ports.js';
import type { JobJson, SnapshotJson } from './api.gen.js';
import { archiveJson } from './archive-json.js';
import { devicesJson } from './device-json.js';
import { jobJson } from './job-json.js';
import { statusJson } from './status-json.js';

/** How many ended jobs and archives a snapshot, and the status page, begin with. */
const latest = 12;

const rank = { high: 0, normal: 1, low: 2 } as const;

/** In the order the queue is worked off: priority, then age. */
const byTurn = (a: Job, b: Job): number =>
  rank[a.settings.priority] - rank[b.settings.priority] || (a.id < b.id ? -1 : 1);

async function jobsNow(catalog: Catalog, view: StationView): Promise<JobJson[]> {
  const open = (await catalog.openJobs()).sort(byTurn);
  const seen = new Set(open.map((job) => job.id));
  const { items } = await catalog.jobs('all', { limit: latest + open.length, offset: 0 });
  const ended = items.filter((job) => !seen.has(job.id)).slice(0, latest);
  return Promise.all([...open, ...ended].map((job) => jobJson(job, view, catalog)));
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
  const archives = (await catalog?.archives({ limit: latest, offset: 0 })) ?? null;
  return {
    seq,
    jobs: catalog === null ? [] : await jobsNow(catalog, view),
    archives: archives?.items.map((archive) => archiveJson(archive, view)) ?? [],
    archives_total: archives?.total ?? null,
    devices: await devicesJson(view, catalog),
    conditions: status.conditions,
    status,
  };
}
