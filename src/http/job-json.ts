import type { Archive } from '../core/archive.js';
import type { Catalog } from '../core/catalog-ports.js';
import type { Job, JobProgress, JobState } from '../core/job.js';
import type { StationView } from '../core/station-ports.js';
import type { Verdict } from '../core/verdict.js';
import type { JobJson, JobProgressJson } from './api.gen.js';
import { isoTime, isoTimeOrNull } from './iso-time.js';
import { rangesInLists, verdictJson } from './verdict-json.js';

type Status = JobJson['status'];
type Phase = JobProgress['phase'];

const phaseOf = (state: JobState): Phase | null =>
  state.kind === 'imaging' || state.kind === 'hashing' || state.kind === 'verifying' || state.kind === 'archiving'
    ? state.kind
    : null;

export function statusOf(state: JobState): Status {
  switch (state.kind) {
    case 'imaging':
    case 'hashing':
    case 'verifying':
    case 'archiving':
      return 'running';
    default:
      return state.kind;
  }
}

/** Whole per cent, rounded down so that 100 means all of it; null where the whole is unknown. */
function percent(done: number, total: number | null): number | null {
  return total === null || total <= 0 ? null : Math.max(0, Math.min(100, Math.floor((done / total) * 100)));
}

const wholeOrNull = (value: number | null): number | null => (value === null ? null : Math.round(value));

export function progressJson(progress: JobProgress): JobProgressJson {
  return {
    job_id: progress.jobId,
    status: 'running',
    phase: progress.phase,
    progress: percent(progress.doneBytes, progress.totalBytes),
    done_bytes: progress.doneBytes,
    total_bytes: progress.totalBytes,
    bad_bytes: progress.badBytes,
    read_errors: progress.readErrors,
    speed_bps: wholeOrNull(progress.speedBps),
    eta_seconds: wholeOrNull(progress.etaSeconds),
  };
}

function jobPercent(job: Job, live: JobProgress | null): number | null {
  if (live !== null) return percent(live.doneBytes, live.totalBytes);
  if (job.state.kind === 'completed') return 100;
  return phaseOf(job.state) === null ? percent(job.rescuedBytes, job.disc.sizes.mediumBytes) : null;
}

function verdictOf(state: JobState): Verdict | null {
  if (state.kind === 'archiving') return state.archive.verdict;
  return 'verdict' in state ? state.verdict : null;
}

/** Why it failed, or what it waits out before it is tried again. */
function troubleOf(state: JobState): Pick<JobJson, 'error' | 'retry_at'> {
  if (state.kind === 'failed') return { error: state.fault, retry_at: null };
  const setback = 'setback' in state ? state.setback : null;
  return { error: setback?.fault ?? null, retry_at: isoTimeOrNull(setback?.retryAt ?? null) };
}

/** The image that it made or is about to name. */
async function archiveOf(state: JobState, catalog: Catalog): Promise<Archive | null> {
  if (state.kind === 'archiving') return state.archive;
  return state.kind === 'completed' ? catalog.archive(state.archiveId) : null;
}

function liveFigures(job: Job, live: JobProgress | null) {
  return {
    rescued_bytes: live?.phase === 'imaging' ? Math.max(live.doneBytes, job.rescuedBytes) : job.rescuedBytes,
    speed_bps: wholeOrNull(live?.speedBps ?? null),
    eta_seconds: wholeOrNull(live?.etaSeconds ?? null),
    read_errors: live?.readErrors ?? null,
  };
}

export async function jobJson(
  job: Job,
  view: StationView,
  catalog: Catalog,
  mostRanges = rangesInLists,
): Promise<JobJson> {
  const { state, disc } = job;
  const phase = phaseOf(state);
  const live = phase === null ? null : view.progress(job.id);
  const archive = await archiveOf(state, catalog);
  const size = disc.sizes.mediumBytes;
  const verdict = verdictOf(state);
  const missing = verdictJson(verdict, size, mostRanges);
  return {
    id: job.id,
    name: job.name,
    status: statusOf(state),
    phase,
    progress: jobPercent(job, live),
    device: view.devices().find((device) => device.id === job.device)?.path ?? null,
    device_id: job.device,
    output_file: archive === null ? null : view.imagePath(archive),
    size_bytes: size,
    ...liveFigures(job, live),
    verdict: verdict?.kind ?? null,
    ...missing,
    bad_bytes: missing.bad_bytes ?? live?.badBytes ?? null,
    ...troubleOf(state),
    pause_reason: state.kind === 'paused' ? state.reason : null,
    priority: job.settings.priority,
    label: disc.label,
    media: disc.media,
    rule: job.rule,
    archive_id: archive?.id ?? (state.kind === 'completed' ? state.archiveId : null),
    created_at: isoTime(job.createdAt),
    updated_at: isoTime(job.updatedAt),
    started_at: isoTimeOrNull(job.startedAt),
    finished_at: isoTimeOrNull('finishedAt' in state ? state.finishedAt : null),
  };
}
