import type { Archive } from '../core/archive.js';
import type { Catalog, CatalogChange } from '../core/catalog-ports.js';
import type { Insertion } from '../core/drive.js';
import type { DomainEvent } from '../core/event.js';
import { Fault } from '../core/fault.js';
import type { ArchiveId, JobId } from '../core/ids.js';
import { isFinal, type Job, type JobEvent, step } from '../core/job.js';
import type { Clock } from '../core/ports.js';

/**
 * What a pass needs of the catalog, held in memory: every unfinished job, every insertion, and the jobs those name.
 * All changes go through here, one after another, and reach memory only once they are on disk.
 */
export interface Records {
  /**
   * Reads the archive when its turn comes and writes down what `change` makes of it, so that no other change is lost.
   * Resolves to the archive afterwards, or null where it is unknown or `change` wants nothing.
   */
  amend(id: ArchiveId, change: (archive: Archive) => CatalogChange | null): Promise<Archive | null>;
  jobs(): readonly Job[];
  insertions(): readonly Insertion[];
  job(id: JobId): Job | null;
  /** Why the last change could not be written down; null once one could again. */
  fault(): Fault | null;
  /** Throws what Catalog.commit throws; memory is then as it was. */
  commit(change: CatalogChange): Promise<void>;
  /** Works a change out when its turn comes, from all that was written down before it, and writes it down. */
  decide(work: () => Promise<CatalogChange>): Promise<void>;
  /**
   * Applies `event` to the job as it is when its turn comes, and writes down the new state with the events and with
   * what `also` makes of it then.
   * Throws Fault state_conflict where the event makes no sense any more.
   */
  transition(id: JobId, event: JobEvent, also?: (next: Job) => CatalogChange | Promise<CatalogChange>): Promise<Job>;
}

export async function loadRecords(catalog: Catalog, clock: Clock): Promise<Records> {
  const jobs = new Map<JobId, Job>();
  const insertions = new Map<string, Insertion>();
  const keyOf = (one: Pick<Insertion, 'device' | 'key'>): string => `${one.device} ${one.key}`;
  for (const job of await catalog.openJobs()) jobs.set(job.id, job);
  for (const insertion of await catalog.insertions()) {
    insertions.set(keyOf(insertion), insertion);
    const named = insertion.outcome.kind === 'job' ? insertion.outcome.jobId : null;
    const job = named === null || jobs.has(named) ? null : await catalog.job(named);
    if (job !== null) jobs.set(job.id, job);
  }

  let last: Promise<unknown> = Promise.resolve();
  let failure: Fault | null = null;
  /** Runs `task` after everything asked for before; a failure of one does not stop the next. */
  function inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const mine = last.then(task, task);
    last = mine;
    return mine;
  }

  function dropUnnamed(): void {
    const named = new Set<JobId>();
    for (const { outcome } of insertions.values()) if (outcome.kind === 'job') named.add(outcome.jobId);
    for (const job of jobs.values()) if (isFinal(job) && !named.has(job.id)) jobs.delete(job.id);
  }

  /** What could not be confirmed may have been written down all the same: memory then says what the disk says. */
  async function lookAgain(change: CatalogChange): Promise<void> {
    try {
      const stored = await catalog.insertions();
      for (const { id } of change.jobs ?? []) {
        const job = await catalog.job(id);
        if (job === null) jobs.delete(id);
        else jobs.set(id, job);
      }
      insertions.clear();
      for (const insertion of stored) insertions.set(keyOf(insertion), insertion);
      dropUnnamed();
    } catch (error) {
      if (!(error instanceof Fault)) throw error; // It cannot be read either: the failure says so already.
    }
  }

  async function write(change: CatalogChange): Promise<void> {
    try {
      await catalog.commit(change);
    } catch (error) {
      if (error instanceof Fault) failure = error;
      await lookAgain(change);
      throw error;
    }
    failure = null;
    for (const job of change.jobs ?? []) jobs.set(job.id, job);
    for (const gone of change.forget ?? []) insertions.delete(keyOf(gone));
    for (const insertion of change.insertions ?? []) insertions.set(keyOf(insertion), insertion);
    if (change.jobs !== undefined || change.forget !== undefined) dropUnnamed();
  }

  return {
    jobs: () => [...jobs.values()],
    insertions: () => [...insertions.values()],
    job: (id) => jobs.get(id) ?? null,
    fault: () => failure,
    amend: (id, change) =>
      inTurn(async () => {
        const archive = await catalog.archive(id);
        const changes = archive === null ? null : change(archive);
        if (changes === null) return null;
        await write(changes);
        return changes.archives?.find((one) => one.id === id) ?? archive;
      }),
    commit: (change) => inTurn(() => write(change)),
    decide: (work) => inTurn(async () => write(await work())),
    transition: (id, event, also) =>
      inTurn(async () => {
        const job = jobs.get(id);
        const next = job === undefined ? null : step(job, event, clock.now());
        if (job === undefined || next === null) throw conflict(id, event, job);
        const extra = (await also?.(next)) ?? {};
        await write({
          ...extra,
          jobs: [next, ...(extra.jobs ?? [])],
          events: [changed(job, next), ...(extra.events ?? [])],
        });
        return next;
      }),
  };
}

function conflict(id: JobId, event: JobEvent, job: Job | undefined): Fault {
  const state = job === undefined ? 'finished or unknown' : job.state.kind;
  return new Fault('state_conflict', `Job ${id} is ${state}; it cannot be changed by "${event.kind}" now.`);
}

function changed(job: Job, next: Job): DomainEvent {
  return {
    type: 'job_changed',
    jobId: job.id,
    name: job.name,
    from: job.state.kind,
    to: next.state.kind,
    reason: reasonOf(next),
  };
}

function reasonOf(job: Job): string | null {
  const { state } = job;
  if (state.kind === 'paused') return state.reason;
  if (state.kind === 'failed') return state.fault.message;
  if (state.kind === 'interrupted') return state.setback.fault.message;
  return state.kind === 'archiving' ? (state.setback?.fault.message ?? null) : null;
}
