import type { Archive } from '../core/archive.js';
import type { Catalog } from '../core/catalog-ports.js';
import type { Condition } from '../core/condition.js';
import type { AppliedConfig } from '../core/desired.js';
import type { DomainEvent } from '../core/event.js';
import { Fault } from '../core/fault.js';
import type { JobId } from '../core/ids.js';
import type { Library } from '../core/imaging-ports.js';
import { type Job, type JobProgress, keepsWork } from '../core/job.js';
import type { Observed } from '../core/observed.js';
import { plan } from '../core/plan.js';
import type { Clock, Log } from '../core/ports.js';
import type { JobCommands, RebuildOutcome } from '../core/station-ports.js';
import { type ObservePorts, observe } from './observe.js';
import { loadRecords, type Records } from './records.js';
import { createStationFindings, type FindingPorts } from './station-findings.js';
import type { Books, Workshop } from './workshop.js';

/** How the catalog is opened and built anew; both live with the daemon, as the library may move with the configuration. */
export interface CatalogDoor {
  /** Throws Fault catalog_damaged, catalog_locked, io_error. */
  open(): Promise<Catalog>;
  /** `missing`: those of which only the manifest was found. */
  rebuild(): Promise<RebuildOutcome & { readonly missing: readonly Pick<Archive, 'id' | 'path'>[] }>;
}

export interface StationPorts extends ObservePorts, Omit<FindingPorts, 'enter'> {
  readonly door: CatalogDoor;
  readonly workshop: Workshop;
  readonly library: Library;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: () => AppliedConfig;
  readonly wake: () => void;
  /** Settles when nothing outside the passes uses the catalog. */
  readonly quiesce: () => Promise<void>;
  /** Longest time between two looks at the drives, milliseconds. */
  readonly pollMs: number;
}

/** The reconciler's work: observe, plan, apply. Also answers the commands, which only change records and wake. */
export interface Station extends JobCommands {
  /** Opens the catalog; one that is damaged leaves the station up, with a condition, until it is rebuilt. */
  open(): Promise<void>;
  pass(): Promise<number>;
  observed(): Observed | null;
  conditions(): readonly Condition[];
  catalog(): Catalog | null;
  books(): Books | null;
  /** Throws Fault catalog_damaged where there are none. */
  needBooks(): Books;
  /** Writes an event down, or just logs it where there is no catalog. */
  record(event: DomainEvent): Promise<void>;
  close(): Promise<void>;
}

const storagePollMs = 5_000;
const soonMs = 100;
/** A part of the library that is not mounted is told by some of its images; the condition counts them all. */
const missingTold = 20;

export function createStation(ports: StationPorts): Station {
  const { workshop, clock } = ports;
  let books: Books | null = null;
  let catalogFault: Fault | null = null;
  let seen: Observed | null = null;
  let rebuilding = false;
  /** What the last rebuild could not take in. */
  let leftOut = 0;
  let passing: Promise<unknown> = Promise.resolve();
  const findings = createStationFindings({ ...ports, enter });

  async function open(): Promise<void> {
    try {
      // The catalog is checked against the library's own ledger: without the library there is nothing to open.
      await ports.library.check();
      books = await takeUp(await ports.door.open());
      catalogFault = null;
    } catch (error) {
      if (!(error instanceof Fault) || error.code === 'catalog_locked') throw error;
      if (error.message !== catalogFault?.message) ports.log.error({ code: error.code }, error.message);
      catalogFault = error;
      return;
    }
    await tidyWork(books);
  }

  /** One that cannot be read is closed again: it is to be rebuilt, which nobody can do who has it open. */
  async function takeUp(catalog: Catalog): Promise<Books> {
    try {
      const records = await loadRecords(catalog, clock);
      await findings.begin(catalog);
      return { catalog, records };
    } catch (error) {
      await catalog.close();
      throw error;
    }
  }

  /** Removes what jobs that ended while the daemon died left in the work folder. What stays is in nobody's way. */
  async function tidyWork({ catalog }: Books): Promise<void> {
    try {
      for await (const { id } of ports.library.readWork()) {
        const state = (await catalog.job(id))?.state;
        const over = state?.kind === 'completed' || state?.kind === 'cancelled';
        if (over || (state?.kind === 'failed' && !keepsWork(state.fault))) await ports.library.discardWork(id);
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      ports.log.warn({ code: error.code }, `Work of jobs that have ended was left in the library: ${error.message}`);
    }
  }

  async function record(event: DomainEvent): Promise<void> {
    if (!(await enter([event]))) ports.log.info({ event }, event.type);
  }

  /** Whether the events are written down. A catalog that cannot be written stops neither a pass nor a shutdown. */
  async function enter(events: readonly DomainEvent[]): Promise<boolean> {
    if (books === null || rebuilding) return false;
    const before = books.records.fault();
    try {
      await books.records.commit({ events });
      return true;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (error.message !== before?.message) ports.log.error({ code: error.code }, error.message);
      return false;
    }
  }

  function pass(): Promise<number> {
    const mine = lookAndAct();
    passing = mine.catch(() => undefined); // The reconciler has the error.
    return mine;
  }

  async function lookAndAct(): Promise<number> {
    const config = ports.config();
    // A library that was not mounted at the start may be by now; a damaged catalog waits for a person.
    if (books === null && !rebuilding && catalogFault?.code !== 'catalog_damaged') await open();
    const begunWith = rebuilding ? null : books;
    const fault = catalogFault ?? begunWith?.records.fault() ?? null;
    const owed = begunWith?.catalog.ledgerFault() ?? null;
    seen = await observe(ports, config.desired, begunWith?.records ?? null, {
      ...workshop.inHand(),
      catalogFault: fault,
    });
    await findings.note(config, seen, books, leftOut);
    if (books === null || books !== begunWith || rebuilding) return ports.pollMs;
    // What was noted just now may be the first that could be written down again.
    let moved =
      (fault !== null && books.records.fault() === null) || (owed !== null && books.catalog.ledgerFault() === null);
    for (const action of plan(config.desired, seen)) {
      try {
        await workshop.apply(books, config, action);
        moved = true;
      } catch (error) {
        // The world moved on between the look and the deed: the next pass sees how.
        if (!(error instanceof Fault)) throw error;
        ports.log.warn({ code: error.code, action: action.kind }, error.message);
      }
    }
    // What was done may have opened the way for something else: a resumed job can start.
    if (moved) return soonMs;
    return Math.max(soonMs, nextDue(seen, books.records) - clock.now());
  }

  /** When something falls due by itself: a retry, a look at a drive. */
  function nextDue(observed: Observed, records: Records): number {
    // A disk fills and empties without telling anyone: looked at more often while that matters to a job.
    const filling =
      records.fault() !== null ||
      records.jobs().some(({ state }) => state.kind === 'imaging' || state.kind === 'paused');
    let due = observed.now + (filling ? Math.min(storagePollMs, ports.pollMs) : ports.pollMs);
    const later = (at: number | null) => {
      if (at !== null && at > observed.now) due = Math.min(due, at);
    };
    for (const { state } of records.jobs()) {
      if (state.kind === 'interrupted') later(state.setback.retryAt);
      if (state.kind === 'archiving') later(state.setback?.retryAt ?? null);
    }
    for (const { outcome } of records.insertions()) if (outcome.kind === 'unidentified') later(outcome.retryAt);
    return due;
  }

  /** Ends whatever uses the catalog, then closes it. */
  async function putAway(): Promise<void> {
    const old = books;
    await workshop.stopAll(old);
    books = null;
    await ports.quiesce();
    await old?.catalog.close();
  }

  function needBooks(): Books {
    if (books !== null && !rebuilding) return books;
    throw new Fault('catalog_damaged', catalogFault?.message ?? 'The catalog is not open yet.', { retry: 'later' });
  }

  /** The job, or a Fault that says whether it is unknown or over. */
  async function change(id: JobId, event: Parameters<Records['transition']>[1]): Promise<Job> {
    const { catalog, records } = needBooks();
    if (records.job(id) === null && (await catalog.job(id)) === null) {
      throw new Fault('not_found', `There is no job ${id}.`);
    }
    const job = await records.transition(id, event);
    ports.wake();
    return job;
  }

  const rescued = (id: JobId): number | null => {
    const live: JobProgress | undefined = workshop.inHand().progress.get(id);
    return live?.phase === 'imaging' ? live.doneBytes : null;
  };

  return {
    open,
    pass,
    record,
    observed: () => seen,
    conditions: findings.conditions,
    catalog: () => books?.catalog ?? null,
    books: () => books,
    needBooks,
    async pause(id) {
      const job = await change(id, { kind: 'pause', reason: 'user', rescuedBytes: rescued(id) });
      workshop.stopJob(id);
      return job;
    },
    resume: (id) => change(id, { kind: 'resume' }),
    async cancel(id) {
      const job = await change(id, { kind: 'cancel' });
      if (workshop.inHand().running.has(id)) workshop.stopJob(id);
      else await ports.library.discardWork(id);
      return job;
    },
    async rebuildCatalog() {
      if (rebuilding) throw new Fault('state_conflict', 'The catalog is being rebuilt already; wait for that to end.');
      rebuilding = true;
      try {
        // An unmounted library would be taken for an empty one.
        await ports.library.check();
        // A pass under way would begin work with the old catalog.
        await passing;
        await putAway();
        catalogFault = new Fault('catalog_damaged', 'The catalog is being rebuilt from the manifests.');
        const { missing, ...outcome } = await ports.door.rebuild();
        leftOut = outcome.leftOut;
        await open();
        rebuilding = false;
        await record({ type: 'catalog_rebuilt', archives: outcome.archives });
        for (const { id, path } of missing.slice(0, missingTold)) {
          await record({ type: 'archive_corrupt', archiveId: id, path, reason: 'missing' });
        }
        return outcome;
      } catch (error) {
        // The old catalog is where it was: it is taken up again, or says itself what is wrong.
        if (books === null) await open();
        throw error;
      } finally {
        rebuilding = false;
        ports.wake();
      }
    },
    async close() {
      await putAway();
    },
  };
}
