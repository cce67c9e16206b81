import { withCare } from '../core/archive.js';
import type { ConditionDraft } from '../core/condition.js';
import type { AppliedConfig, Desired } from '../core/desired.js';
import type { Survey } from '../core/duty.js';
import type { DomainEvent } from '../core/event.js';
import { Fault } from '../core/fault.js';
import type { ArchiveId } from '../core/ids.js';
import type { UpkeepCommands, UpkeepStatus } from '../core/station-ports.js';
import type { StorageReading } from '../core/storage.js';
import { draftUpkeep } from './upkeep-conditions.js';
import { previewUpkeep } from './upkeep-preview.js';
import { createReader, type ReaderPorts } from './upkeep-reader.js';
import { verifyImage } from './upkeep-reading.js';
import { createStrayWatch } from './upkeep-strays.js';
import { type SurveyStep, stepSurvey } from './upkeep-survey.js';
import { createSteadyTime } from './upkeep-time.js';
import { findDue, nextDueByAge, purgeArchive, restoreArchive, settleTrash, trashArchive } from './upkeep-trash.js';
import type { Books } from './workshop.js';

export interface UpkeepPorts extends ReaderPorts {
  readonly config: () => AppliedConfig;
  /** Null while the catalog or the library cannot be used. */
  readonly books: () => Books | null;
  readonly storage: () => StorageReading | null;
  /** Whether a disc is being read, or waits only for its turn. */
  readonly discsWait: () => boolean;
  readonly walk: () => AsyncGenerator<string>;
  /** Called when the conditions say something else. */
  readonly onConditions: () => void;
}

/**
 * Brings the archive in line with what the file says of it: checksums, readings, retention. Passes are short and
 * bounded; only one image is read at a time, beside them.
 */
export interface Upkeep extends UpkeepCommands {
  /** Resolves to the milliseconds after which the next pass is due at the latest. */
  pass(): Promise<number>;
  conditions(): readonly ConditionDraft[];
  status(): UpkeepStatus;
  /** Ends the reading, and settles when nothing of the upkeep uses the catalog any more. */
  rest(): Promise<void>;
}

const idleMs = 60_000;
const readingMs = 5_000;
const trashedAtOnce = 10;
const countedAtMost = 10_000;
const eventsEveryMs = 60 * 60_000;

export function createUpkeep(ports: UpkeepPorts): Upkeep {
  const { clock, log, files } = ports;
  const time = createSteadyTime(clock);
  const reader = createReader(ports);
  const strays = createStrayWatch(ports.walk, clock.monotonic);
  /** Being verified because somebody asked. */
  const asked = new Map<ArchiveId, number>();
  /** Archives that could not go to the trash, and until when they are left alone. */
  const refused = new Map<ArchiveId, number>();
  let known: Books | null = null;
  let survey: Survey | null = null;
  let settled: ArchiveId | null | 'all' = null;
  let trashBytes: number | null = null;
  let quietUntil = 0;
  let eventsAt: number | null = null;
  let drafts: readonly ConditionDraft[] = [];
  let running: Promise<unknown> = Promise.resolve();
  let status: UpkeepStatus = {
    toHash: null,
    toReverify: null,
    toDelete: null,
    corrupt: null,
    trashed: null,
    trashBytes: null,
    lastReadingAt: null,
    reading: null,
    strays: null,
    waiting: null,
  };

  async function begin(books: Books): Promise<void> {
    known = books;
    survey = await books.catalog.duties.survey();
    settled = null;
    trashBytes = 0;
    quietUntil = 0;
    refused.clear();
  }

  async function runPass(): Promise<number> {
    const books = ports.books();
    if (books === null) {
      reader.stop();
      return idleMs;
    }
    if (books !== known) await begin(books);
    const config = ports.config();
    const now = time();
    if (settled !== 'all') {
      await settleSome(books);
      return 0;
    }
    const step = await stepSurvey(books, config, survey, now);
    survey = step.survey;
    if (step.changed) quietUntil = 0;
    if (step.justDone) await askApproval(books, config, now);
    const deleting = await stepTrash(books, config, step, now);
    const dropped = await dropEvents(books, config.desired, now);
    const { event, more } = await strays.step(books.catalog, reserved(books));
    if (event !== null) await books.records.commit({ events: [event] });
    await manageReading(books, config, now);
    await look(books, config, now);
    const busy = !step.complete || deleting || dropped || more;
    return busy ? 0 : reader.current() === null ? idleMs : readingMs;
  }

  /** After a start: what a crash left between record and files, one piece a pass; and what the trash holds. */
  async function settleSome(books: Books): Promise<void> {
    const piece = await books.catalog.duties.trashed(50, settled === 'all' ? null : settled);
    for (const archive of piece) {
      await settleTrash(ports, books, archive);
      trashBytes = (trashBytes ?? 0) + archive.sizeBytes;
    }
    const last = piece.at(-1);
    settled = last === undefined || piece.length < 50 ? 'all' : last.id;
  }

  /** A changed file that makes more due than it may waits for a person. */
  async function askApproval({ catalog, records }: Books, config: AppliedConfig, now: number): Promise<void> {
    if (survey === null) return;
    const { desired, generation } = config;
    const due = await findDue(catalog, desired, now, ports.storage(), trashBytes ?? 0, countedAtMost);
    if (due.length <= desired.trash.approveAbove) return;
    survey = { ...survey, waiting: { generation, count: due.length } };
    await records.commit({ survey, events: [{ type: 'approval_needed', generation, archives: due.length }] });
  }

  /** Returns whether there may be more to do at once. */
  async function stepTrash(books: Books, config: AppliedConfig, step: SurveyStep, now: number): Promise<boolean> {
    const { desired } = config;
    if (desired.suspend || config.degraded) return false;
    const { catalog } = books;
    let more = false;
    for (const archive of await catalog.duties.trashed(trashedAtOnce)) {
      if (!(await purgeArchive(ports, books, archive, now))) break;
      trashBytes = Math.max(0, (trashBytes ?? 0) - archive.sizeBytes);
      more = true;
    }
    if (!step.complete || survey?.waiting != null || desired.retention.length === 0) return more;
    const short = desired.retention.some((rule) => rule.keepUntilFree !== null);
    if (now < quietUntil && !short) return more;
    const inUse = inUseOf(books);
    for (const [id, until] of refused) if (until <= clock.monotonic()) refused.delete(id);
    const due = await findDue(
      catalog,
      desired,
      now,
      ports.storage(),
      trashBytes ?? 0,
      trashedAtOnce + refused.size + inUse.size,
    );
    let gone = 0;
    for (const one of due) {
      const { id, sizeBytes } = one.archive;
      if (refused.has(id) || gone === trashedAtOnce) continue;
      try {
        if ((await trashArchive(ports, books, desired, one, inUse, now)) === null) continue;
        gone += 1;
        trashBytes = (trashBytes ?? 0) + sizeBytes;
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        refused.set(id, clock.monotonic() + idleMs * 60);
        log.warn({ archive_id: id, code: error.code }, `kept in its place: ${error.message}`);
      }
    }
    quietUntil = due.length > 0 ? 0 : ((await nextDueByAge(catalog, desired, now)) ?? Number.POSITIVE_INFINITY);
    status = { ...status, toDelete: due.length - gone };
    return more || gone > 0;
  }

  async function dropEvents({ records }: Books, { keepEventsFor }: Desired, now: number): Promise<boolean> {
    if (keepEventsFor === null) return false;
    if (eventsAt !== null && clock.monotonic() - eventsAt < eventsEveryMs) return false;
    eventsAt = clock.monotonic();
    await records.commit({ dropEventsBefore: now - keepEventsFor });
    return false;
  }

  async function manageReading(books: Books, config: AppliedConfig, now: number): Promise<void> {
    const { desired } = config;
    const isCurrent = reader.current() !== null;
    const load = desired.fixity?.pauseAboveLoad ?? null;
    // Reading is a load of its own, so what runs already is given one more.
    const isLoaded = load !== null && ((await ports.load()) ?? 0) > load + (isCurrent ? 1 : 0);
    if (desired.suspend || ports.discsWait() || isLoaded) {
      reader.stop();
      return;
    }
    if (isCurrent || survey === null) return;
    await reader.begin(books, desired, survey.pacedAt, now, asked, async (at) => {
      if (survey === null) return;
      survey = { ...survey, pacedAt: at };
      await books.records.commit({ survey });
    });
  }

  async function look({ catalog }: Books, { desired }: AppliedConfig, now: number): Promise<void> {
    const { duties } = catalog;
    const corrupt = await duties.corrupt(5);
    const { fixity } = desired;
    status = {
      ...status,
      toHash: await duties.count('hash', countedAtMost),
      toReverify: fixity === null ? null : await duties.count('verified', countedAtMost, now - fixity.reverifyEvery),
      toDelete: desired.retention.length === 0 ? 0 : status.toDelete,
      corrupt: corrupt.length < 5 ? corrupt.length : await duties.count('corrupt', countedAtMost),
      trashed: await duties.count('trashed', countedAtMost),
      trashBytes,
      lastReadingAt: reader.lastReadingAt(),
      reading: reader.current(),
      strays: strays.found(),
      waiting: survey?.waiting ?? null,
    };
    const next = draftUpkeep(desired, status, corrupt, reader.trouble());
    const isNews = JSON.stringify(next) !== JSON.stringify(drafts);
    drafts = next;
    if (isNews) ports.onConditions();
  }

  const reserved = ({ records }: Books): Set<string> =>
    new Set(records.jobs().flatMap(({ state }) => (state.kind === 'archiving' ? [state.archive.path] : [])));

  function inUseOf({ records }: Books): Set<ArchiveId> {
    const current = reader.current();
    const continued = records.jobs().flatMap(({ continues }) => (continues === null ? [] : [continues]));
    return new Set([...asked.keys(), ...continued, ...(current === null ? [] : [current])]);
  }

  function needBooks(): Books {
    const books = ports.books();
    if (books !== null) return books;
    throw new Fault('catalog_damaged', 'The catalog cannot be used; see the conditions.', { retry: 'later' });
  }

  function queue<Result>(task: () => Promise<Result>): Promise<Result> {
    const mine = running.then(task, task);
    running = mine.catch(() => undefined); // The caller has the error; the next one gets its turn.
    return mine;
  }

  return {
    pass: () => queue(runPass),
    conditions: () => drafts,
    status: () => status,
    async rest() {
      await reader.end();
      await running;
      // a pass that was under way may have begun another
      await reader.end();
    },
    async verify(id) {
      const books = needBooks();
      asked.set(id, (asked.get(id) ?? 0) + 1);
      try {
        return await verifyImage(ports, books, id, new AbortController().signal);
      } finally {
        const left = (asked.get(id) ?? 1) - 1;
        if (left === 0) asked.delete(id);
        else asked.set(id, left);
        ports.wake();
      }
    },
    async annotate(id, notes) {
      const books = needBooks();
      const archive = await books.catalog.archive(id);
      if (archive === null) throw new Fault('not_found', `There is no archive ${id}.`);
      await files.describe(withCare(archive, notes));
      const next = await books.records.amend(id, (one) => ({ archives: [withCare(one, notes)] }));
      if (next === null) throw new Fault('not_found', `There is no archive ${id}.`);
      ports.wake();
      return next;
    },
    restore: (id) =>
      queue(async () => {
        const books = needBooks();
        const back = await restoreArchive(ports, books, id, reserved(books));
        trashBytes = Math.max(0, (trashBytes ?? 0) - back.sizeBytes);
        ports.wake();
        return back;
      }),
    approve: (generation) =>
      queue(async () => {
        const { records } = needBooks();
        const waiting = survey?.waiting ?? null;
        if (survey === null || waiting === null) {
          throw new Fault('state_conflict', 'No deletion waits for an approval.');
        }
        if (generation !== waiting.generation) {
          const message = `The deletions that wait are those of generation ${waiting.generation}, not ${generation}; look at them again.`;
          throw new Fault('state_conflict', message);
        }
        survey = { ...survey, waiting: null };
        const event: DomainEvent = { type: 'approval_given', generation, archives: waiting.count };
        await records.commit({ survey, events: [event] });
        quietUntil = 0;
        ports.wake();
        return { archives: waiting.count };
      }),
    previewUpkeep: (desired) => previewUpkeep(needBooks().catalog, desired, time(), ports.storage()),
  };
}
