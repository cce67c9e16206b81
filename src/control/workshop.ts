import type { Action } from '../core/action.js';
import type { Catalog } from '../core/catalog-ports.js';
import type { AppliedConfig } from '../core/desired.js';
import type { Insertion, Medium, ObservedDevice } from '../core/drive.js';
import { Fault, recordFault } from '../core/fault.js';
import type { JobId, MediumKey } from '../core/ids.js';
import type { DrivePort } from '../core/imaging-ports.js';
import type { Job, JobProgress } from '../core/job.js';
import type { Clock, Log } from '../core/ports.js';
import { type IdentifyPorts, identifyMedium, refuseMedium } from './identify-medium.js';
import type { JobRunner } from './job-runner.js';
import type { InHand } from './observe.js';
import type { Records } from './records.js';

export interface WorkshopPorts extends IdentifyPorts {
  readonly drives: (kind: ObservedDevice['kind']) => DrivePort;
  readonly runner: JobRunner;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when a piece of work ends: time for another pass. */
  readonly wake: () => void;
}

export interface Books {
  readonly catalog: Catalog;
  readonly records: Records;
}

/**
 * Where planned actions are carried out. Short ones are done when `apply` returns; long ones go on beside the passes,
 * known by `inHand` so that no pass begins them twice.
 */
export interface Workshop {
  apply(books: Books, config: AppliedConfig, action: Action): Promise<void>;
  inHand(): Pick<InHand, 'running' | 'busy' | 'progress'>;
  noteProgress(progress: JobProgress): void;
  /** Tells the process of a job to end; `inHand` shows it until it has. */
  stopJob(id: JobId): void;
  /** Ends everything; jobs are written down as interrupted. */
  stopAll(books: Books | null): Promise<void>;
}

interface Work {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

export function createWorkshop(ports: WorkshopPorts): Workshop {
  const jobs = new Map<JobId, Work>();
  const media = new Map<MediumKey, Work>();
  const progress = new Map<JobId, JobProgress>();

  /** Runs `task` beside the passes. What it throws is a bug or a catalog that cannot be written: logged, tried again. */
  function begin<Key>(place: Map<Key, Work>, key: Key, task: (stop: AbortSignal) => Promise<void>): void {
    const controller = new AbortController();
    const ended = task(controller.signal)
      .catch((error: unknown) => {
        if (!controller.signal.aborted)
          ports.log.error({ err: error }, 'a piece of work failed; the next pass tries again');
      })
      .finally(() => {
        place.delete(key);
        ports.wake();
      });
    place.set(key, { controller, ended });
  }

  const stopJob = (id: JobId): void => jobs.get(id)?.controller.abort();

  function beginJob({ records, catalog }: Books, id: JobId, task: (stop: AbortSignal) => Promise<void>): void {
    begin(jobs, id, async (stop) => {
      try {
        await task(stop);
      } finally {
        progress.delete(id);
      }
      await ports.runner.tidy(records, catalog, id);
    });
  }

  async function start(books: Books, job: Job, device: ObservedDevice, medium: Medium): Promise<void> {
    // A file with another key may have been written to: what was read of it before may not be mixed with what it is now.
    if (device.kind === 'folder' && job.medium !== medium.key) await ports.runner.startOver(job.id);
    const started = await books.records.transition(job.id, { kind: 'start', device: device.id, medium: medium.key });
    beginJob(books, job.id, (stop) => ports.runner.run(books.records, books.catalog, started, device, medium, stop));
  }

  async function eject(books: Books, device: ObservedDevice, medium: Medium, insertion: Insertion): Promise<void> {
    const enter = (state: Insertion['eject'], event: Parameters<Records['commit']>[0]['events']) =>
      books.records.commit({ insertions: [{ ...insertion, eject: state }], events: event ?? [] });
    try {
      await ports.drives(device.kind).eject(device, medium);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const fault = recordFault(error);
      await enter({ kind: 'failed', fault }, [{ type: 'eject_failed', device: device.id, fault }]);
      return;
    }
    await enter({ kind: 'done', at: ports.clock.now() }, [{ type: 'disc_ejected', device: device.id }]);
  }

  async function apply(books: Books, config: AppliedConfig, action: Action): Promise<void> {
    const { catalog, records } = books;
    switch (action.kind) {
      case 'identify': {
        const { device, medium, previous, away } = action;
        begin(media, medium.key, (stop) =>
          identifyMedium(ports, records, catalog, config, { device, medium, previous, away }, stop),
        );
        return;
      }
      case 'refuse':
        return refuseMedium(records, config, action, ports.clock.now());
      case 'forget': {
        const { device, key, disc, name } = action.insertion;
        await records.commit({
          forget: [{ device, key }],
          events: [{ type: 'disc_removed', device, label: disc?.label ?? name }],
        });
        return;
      }
      case 'start':
        return start(books, action.job, action.device, action.medium);
      case 'finish':
        beginJob(books, action.job.id, () => ports.runner.finish(records, catalog, action.job));
        return;
      case 'interrupt': {
        const { job, fault } = action;
        const event = { kind: 'interrupt', fault, retryAt: ports.clock.now(), rescuedBytes: null } as const;
        await records.transition(job.id, event);
        return;
      }
      case 'stop': {
        const { job, fault } = action;
        const event = { kind: 'interrupt', fault, retryAt: ports.clock.now(), rescuedBytes: job.rescuedBytes } as const;
        await records.transition(job.id, event);
        stopJob(job.id);
        return;
      }
      case 'pause':
        await records.transition(action.job.id, {
          kind: 'pause',
          reason: action.reason,
          rescuedBytes: action.job.rescuedBytes,
        });
        stopJob(action.job.id);
        return;
      case 'resume':
        await records.transition(action.job.id, { kind: 'resume' });
        return;
      case 'eject':
        begin(media, action.medium.key, () => eject(books, action.device, action.medium, action.insertion));
        return;
    }
  }

  return {
    apply,
    stopJob,
    inHand: () => ({ running: new Set(jobs.keys()), busy: new Set(media.keys()), progress }),
    noteProgress: (one) => {
      if (jobs.has(one.jobId)) progress.set(one.jobId, one);
    },
    async stopAll(books) {
      const work = [...jobs.entries()];
      for (const [, { controller }] of [...work, ...media.entries()]) controller.abort();
      await Promise.all([...work, ...media.entries()].map(([, { ended }]) => ended));
      if (books === null) return;
      for (const [id] of work) await writeInterrupted(books, id);
    },
  };

  async function writeInterrupted(books: Books, id: JobId): Promise<void> {
    const message = 'The daemon was stopped; the job goes on when it runs again.';
    const fault = { code: 'cancelled', message, retry: 'later' } as const;
    const state = books.records.job(id)?.state.kind;
    if (state !== 'imaging' && state !== 'hashing' && state !== 'verifying') return;
    try {
      await books.records.transition(id, { kind: 'interrupt', fault, retryAt: ports.clock.now(), rescuedBytes: null });
    } catch (error) {
      // The next start finds it without a process, which comes to the same.
      if (!(error instanceof Fault)) throw error;
      ports.log.warn({ job_id: id, code: error.code }, error.message);
    }
  }
}
