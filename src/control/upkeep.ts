import { type Archive, careOf, withCare } from '../core/archive.js';
import type { ConditionDraft } from '../core/condition.js';
import type { DeletionsSeen } from '../core/deletion-holds.js';
import type { AppliedConfig, Desired } from '../core/desired.js';
import type { Survey } from '../core/duty.js';
import { Fault } from '../core/fault.js';
import type { ArchiveId } from '../core/ids.js';
import type { UpkeepCommands, UpkeepStatus } from '../core/station-ports.js';
import type { StorageReading } from '../core/storage.js';
import { createArchiveTurn } from './archive-turn.js';
import { reservedPaths } from './free-path.js';
import { draftUpkeep } from './upkeep-conditions.js';
import { createDeletions } from './upkeep-deletions.js';
import { amendDescribed, createOwedManifests } from './upkeep-manifests.js';
import { previewUpkeep } from './upkeep-preview.js';
import { createReader, type ReaderPorts } from './upkeep-reader.js';
import { noteLook, verifyImage } from './upkeep-reading.js';
import { createLibrarySpace } from './upkeep-space.js';
import { createStrayWatch } from './upkeep-strays.js';
import { stepSurvey } from './upkeep-survey.js';
import { createSteadyTime } from './upkeep-time.js';
import type { Books } from './workshop.js';

export interface UpkeepPorts extends Omit<ReaderPorts, 'inTurn'> {
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
  /** The time by which things fall due, milliseconds since 1970. */
  now(): number;
  /** By what it is decided whether deletions go. */
  deletionsSeen(): DeletionsSeen;
  /** Ends the reading, and settles when nothing of the upkeep uses the catalog any more. */
  rest(): Promise<void>;
}

const idleMs = 60_000;
const readingMs = 5_000;
const soonMs = 1_000;
const countedAtMost = 10_000;
const jobsAtOnce = 500;
const anHourMs = 60 * 60_000;

export function createUpkeep(ports: UpkeepPorts): Upkeep {
  const { clock } = ports;
  const time = createSteadyTime(clock);
  const inTurn = createArchiveTurn();
  /** What is read is dated by the time it is held against later. */
  const reading = { ...ports, inTurn, clock: { now: time.now, monotonic: clock.monotonic } };
  const reader = createReader(reading);
  const manifests = createOwedManifests({ ...ports, inTurn });
  const strays = createStrayWatch(ports.walk, clock.monotonic);
  /** Being verified because somebody asked. */
  const asked = new Map<ArchiveId, number>();
  let known: Books | null = null;
  let survey: Survey | null = null;
  const space = createLibrarySpace(ports.storage);
  const deletionPorts = { ...ports, inTurn, space, storage: space.reading };
  const deletions = createDeletions({ ...deletionPorts, noteLook: (...of) => noteLook(reading, ...of) }, time, {
    get: () => survey,
    async change({ records }, change, events = []) {
      if (survey === null) return;
      survey = { ...survey, ...change };
      await records.commit({ survey, events });
    },
  });
  let droppedAt: number | null = null;
  let rememberedAt: number | null = null;
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
    survey = await books.catalog.duties.survey();
    // from then on this daemon's own clock knows better
    if (known === null) time.resume(survey?.clock ?? null);
    reader.resume(survey?.pacedAt ?? null);
    deletions.begin();
    droppedAt = null;
    rememberedAt = null;
    known = books;
  }

  async function runPass(): Promise<number> {
    const books = ports.books();
    if (books === null) {
      reader.stop();
      return idleMs;
    }
    if (books !== known) await begin(books);
    if (!(await deletions.settle(books))) return 0;
    const owing = await manifests.settle(books);
    const config = ports.config();
    const now = time.now();
    const read = reader.current();
    const step = await stepSurvey(books, config, survey, now);
    survey = step.survey;
    const deleting = await deletions.step(books, config, step, inUseOf(books));
    const dropping = await dropOld(books, config.desired, now);
    const { event, more } = await strays.step(books.catalog, reservedPaths(books.records));
    if (event !== null) await books.records.commit({ events: [event] });
    // of a reading that ended since then, the lists do not know yet: the same image would be read again
    const complete = step.complete && reader.current() === read;
    const nextReadingMs = await manageReading(books, config, complete, now);
    await remember(books);
    await look(books, config, now);
    if (!complete || owing || deleting || dropping || more) return 0;
    if (reader.current() !== null) return readingMs;
    return Math.min(idleMs, Math.max(soonMs, nextReadingMs ?? idleMs));
  }

  /** Events, and the jobs that came to nothing: those with an archive stay with it. */
  async function dropOld({ records, catalog }: Books, { keepEventsFor }: Desired, now: number): Promise<boolean> {
    if (keepEventsFor === null || !time.isSure()) return false;
    if (droppedAt !== null && clock.monotonic() - droppedAt < anHourMs) return false;
    const before = now - keepEventsFor;
    const known = new Set(records.jobs().map(({ id }) => id));
    const lost = await catalog.lostJobs(before, jobsAtOnce + known.size);
    await records.commit({ dropEventsBefore: before, forgottenJobs: lost.filter((id) => !known.has(id)) });
    const [[oldest], [latest]] = [await catalog.events(0, 1), await catalog.latestEvents(1)];
    const more = oldest !== undefined && oldest.at < before && oldest.seq !== latest?.seq;
    droppedAt = more ? null : clock.monotonic();
    return more;
  }

  /** Returns the milliseconds until an image falls due to be read, as far as it is known. */
  async function manageReading(
    books: Books,
    { desired }: AppliedConfig,
    complete: boolean,
    now: number,
  ): Promise<number | null> {
    const isCurrent = reader.current() !== null;
    const load = desired.fixity?.pauseAboveLoad ?? null;
    // Reading is a load of its own, so what runs already is given one more.
    const isLoaded = load !== null && ((await ports.load()) ?? 0) > load + (isCurrent ? 1 : 0);
    if (desired.suspend || ports.discsWait() || isLoaded) {
      reader.stop();
      return null;
    }
    // before the lists are complete the most urgent is not known, nor what the last reading has changed
    return isCurrent || !complete ? null : reader.begin(books, desired, now, asked);
  }

  /** What a later start is to know, written down when it matters: not with each pass, which would keep disks awake. */
  async function remember({ records }: Books): Promise<void> {
    if (survey === null) return;
    const pacedAt = reader.pacedAt();
    const ticks = clock.monotonic();
    const isDue = rememberedAt === null || ticks - rememberedAt >= anHourMs;
    if (!isDue && pacedAt === survey.pacedAt) return;
    rememberedAt = ticks;
    survey = { ...survey, pacedAt, clock: time.memory() };
    await records.commit({ survey });
  }

  async function look({ catalog }: Books, { desired }: AppliedConfig, now: number): Promise<void> {
    const { duties } = catalog;
    const corrupt = await duties.corrupt(5);
    const { fixity } = desired;
    status = {
      ...status,
      toHash: await duties.count('hash', countedAtMost),
      toReverify: fixity === null ? null : await duties.count('verified', countedAtMost, now - fixity.reverifyEvery),
      toDelete: deletions.toDelete(),
      corrupt: corrupt.length < 5 ? corrupt.length : await duties.count('corrupt', countedAtMost),
      trashed: await duties.count('trashed', countedAtMost),
      trashBytes: deletions.trashBytes(),
      lastReadingAt: reader.lastReadingAt(),
      reading: reader.current(),
      strays: strays.found(),
      waiting: survey?.waiting ?? null,
    };
    const waiting = survey?.waiting == null ? [] : await deletions.firstDue(catalog, desired, now);
    const next = draftUpkeep(
      desired,
      status,
      { corrupt, waiting, needed: deletions.needed(), settling: deletions.seen().standing?.generation ?? null },
      reader.trouble() ?? manifests.trouble(),
      time.isSure(),
    );
    const isNews = JSON.stringify(next) !== JSON.stringify(drafts);
    drafts = next;
    if (isNews) ports.onConditions();
  }

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

  /** A command whose outcome the next pass has to look at. */
  async function andWake<Result>(done: Promise<Result>): Promise<Result> {
    const result = await done;
    ports.wake();
    return result;
  }

  const restore = (id: ArchiveId): Promise<Archive> => andWake(queue(async () => deletions.restore(needBooks(), id)));

  return {
    pass: () => queue(runPass),
    conditions: () => drafts,
    status: () => status,
    now: time.now,
    deletionsSeen: deletions.seen,
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
        return await verifyImage(reading, books, id, new AbortController().signal);
      } finally {
        const left = (asked.get(id) ?? 1) - 1;
        if (left === 0) asked.delete(id);
        else asked.set(id, left);
        ports.wake();
      }
    },
    async annotate(id, notes) {
      const books = needBooks();
      const next = await inTurn(id, () =>
        amendDescribed(ports, books, id, (one) => ({ archives: [withCare(one, notes)] })),
      );
      if (next === null) throw new Fault('not_found', `There is no archive ${id}.`);
      ports.wake();
      // what is pinned is wanted where people look for it
      return notes.pinned === true && careOf(next).trashed !== null ? restore(id) : next;
    },
    restore,
    approve: (generation) => andWake(queue(async () => deletions.approve(needBooks(), generation))),
    previewUpkeep: (desired) => previewUpkeep(needBooks().catalog, desired, time.now(), space.reading()),
  };
}
