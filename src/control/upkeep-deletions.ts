import { type Archive, careOf } from '../core/archive.js';
import type { AppliedConfig, Desired } from '../core/desired.js';
import { deletionsOf, type Survey } from '../core/duty.js';
import type { DomainEvent } from '../core/event.js';
import { Fault } from '../core/fault.js';
import type { ArchiveId } from '../core/ids.js';
import type { Clock } from '../core/ports.js';
import type { StorageReading } from '../core/storage.js';
import type { ArchiveTurn } from './archive-turn.js';
import type { SurveyStep } from './upkeep-survey.js';
import type { SteadyTime } from './upkeep-time.js';
import {
  findDue,
  nextDueByAge,
  purgeArchive,
  redateTrashed,
  restoreArchive,
  settleTrash,
  type TrashPorts,
  trashArchive,
} from './upkeep-trash.js';
import type { Books } from './workshop.js';

export interface DeletionPorts extends TrashPorts {
  readonly inTurn: ArchiveTurn;
  readonly clock: Clock;
  readonly storage: () => StorageReading | null;
}

/** The survey as it is written down, which only passes and commands change, one after another. */
export interface SurveyNote {
  get(): Survey | null;
  change(books: Books, change: Partial<Survey>, events?: readonly DomainEvent[]): Promise<void>;
}

/** What is kept no longer: counted, approved, moved to the trash, purged. */
export interface Deletions {
  /** For another catalog than before. */
  begin(): void;
  /** Ends what a crash left between record and files, one piece at a time. Returns whether all of it is. */
  settle(books: Books): Promise<boolean>;
  /** Returns whether there may be more to do at once. */
  step(books: Books, config: AppliedConfig, survey: SurveyStep, inUse: ReadonlySet<ArchiveId>): Promise<boolean>;
  restore(books: Books, id: ArchiveId, reserved: ReadonlySet<string>): ReturnType<typeof restoreArchive>;
  approve(books: Books, generation: number): Promise<{ readonly archives: number }>;
  trashBytes(): number | null;
  toDelete(): number | null;
  /** The first few that are due, whether they may go or not. */
  firstDue(catalog: Books['catalog'], desired: Desired, now: number): Promise<readonly Archive[]>;
}

const atOnce = 10;
const settledAtOnce = 50;
const namedAtOnce = 5;
const countedAtMost = 10_000;
const aMinute = 60_000;
const lookAgainMs = 60 * aMinute;

export function createDeletions(ports: DeletionPorts, time: SteadyTime, note: SurveyNote): Deletions {
  const { clock, log } = ports;
  /** Archives that could not be moved or deleted, and until when they are left alone. */
  const refused = new Map<ArchiveId, number>();
  let settled: { readonly purgeAt: number; readonly id: ArchiveId } | null | 'all' = null;
  let trashBytes: number | null = null;
  /** Nothing falls due by age before this time, as it was seen at `lookedAt` of the clock that counts on. */
  let quiet: { readonly until: number; readonly lookedAt: number } | null = null;
  let toDelete: { readonly count: number; readonly countedAt: number } | null = null;

  const addTrash = (bytes: number): void => {
    trashBytes = Math.max(0, (trashBytes ?? 0) + bytes);
  };

  /** Runs one deed in the archive's turn; an archive it fails for is left alone for an hour, so that it is in nobody's way. */
  async function attempt(id: ArchiveId, deed: () => Promise<boolean>): Promise<boolean> {
    if (refused.has(id)) return false;
    try {
      return await ports.inTurn(id, deed);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      refused.set(id, clock.monotonic() + lookAgainMs);
      log.warn({ archive_id: id, code: error.code }, `left as it is for now: ${error.message}`);
      return false;
    }
  }

  async function purge(books: Books, desired: Desired, now: number): Promise<boolean> {
    const { duties } = books.catalog;
    let gone = 0;
    for (const archive of await duties.trashed(atOnce + refused.size)) {
      if ((careOf(archive).trashed?.purgeAt ?? now) > now || gone === atOnce) break;
      if (!(await attempt(archive.id, () => purgeArchive(ports, books, archive, now)))) continue;
      addTrash(-archive.sizeBytes);
      gone += 1;
    }
    const last = await duties.lastTrashed();
    return (
      (last !== null && (await attempt(last.id, () => redateTrashed(ports, books, desired, last, now)))) || gone > 0
    );
  }

  /** A changed file that makes more due than it may waits for a person. Returns whether deletions may go ahead. */
  async function mayDelete(books: Books, { desired, generation }: AppliedConfig, now: number): Promise<boolean> {
    const { approveAbove } = desired.trash;
    const deletions = deletionsOf(desired);
    const survey = note.get();
    if (survey === null) return false;
    if (survey.counted === deletions) {
      if (survey.waiting === null) return true;
      if (survey.waiting.count > approveAbove) return false;
      await note.change(books, { waiting: null });
      return true;
    }
    // by a clock that may be wrong nobody can be told how many it will be
    if (!time.isSettled()) return false;
    const count = await countDue(books, desired, now);
    const waiting = count > approveAbove ? { generation, count } : null;
    const events: DomainEvent[] = waiting === null ? [] : [{ type: 'approval_needed', generation, archives: count }];
    await note.change(books, { counted: deletions, waiting }, events);
    return waiting === null;
  }

  async function countDue({ catalog }: Books, desired: Desired, now: number): Promise<number> {
    return (await findDue(catalog, desired, now, ports.storage(), trashBytes ?? 0, countedAtMost)).length;
  }

  async function trash(books: Books, desired: Desired, inUse: ReadonlySet<ArchiveId>, now: number): Promise<boolean> {
    const { catalog } = books;
    const ticks = clock.monotonic();
    const onSpace = desired.retention.some((rule) => rule.keepUntilFree !== null);
    if (quiet !== null && now < quiet.until && ticks - quiet.lookedAt < lookAgainMs && !onSpace) return false;
    const limit = atOnce + refused.size + inUse.size;
    const due = await findDue(catalog, desired, now, ports.storage(), trashBytes ?? 0, limit);
    let gone = 0;
    for (const one of due) {
      if (gone === atOnce) break;
      const moved = await attempt(
        one.id,
        async () => (await trashArchive(ports, books, desired, one, inUse, now)) !== null,
      );
      if (!moved) continue;
      gone += 1;
      addTrash(one.sizeBytes);
    }
    const until = due.length > 0 ? now : ((await nextDueByAge(catalog, desired, now)) ?? Number.POSITIVE_INFINITY);
    quiet = { until, lookedAt: ticks };
    if (due.length < limit) toDelete = { count: due.length - gone, countedAt: ticks };
    else if (toDelete === null || ticks - toDelete.countedAt > aMinute) {
      toDelete = { count: await countDue(books, desired, now), countedAt: ticks };
    } else toDelete = { ...toDelete, count: Math.max(0, toDelete.count - gone) };
    return gone > 0;
  }

  return {
    begin() {
      settled = null;
      trashBytes = 0;
      quiet = null;
      toDelete = null;
      refused.clear();
    },
    async settle(books) {
      if (settled === 'all') return true;
      const piece = await books.catalog.duties.trashed(settledAtOnce, settled);
      for (const archive of piece) {
        if (await ports.inTurn(archive.id, () => settleTrash(ports, books, archive))) addTrash(archive.sizeBytes);
      }
      const last = piece.at(-1);
      const purgeAt = last === undefined ? null : (careOf(last).trashed?.purgeAt ?? null);
      const isEnd = last === undefined || purgeAt === null || piece.length < settledAtOnce;
      settled = isEnd ? 'all' : { purgeAt, id: last.id };
      return false;
    },
    async step(books, config, survey, inUse) {
      const { desired } = config;
      if (survey.changed) quiet = null;
      if (desired.retention.length === 0) toDelete = { count: 0, countedAt: clock.monotonic() };
      if (desired.suspend || config.degraded || !time.isSure()) return false;
      for (const [id, until] of refused) if (until <= clock.monotonic()) refused.delete(id);
      const now = time.now();
      const purged = await purge(books, desired, now);
      if (!survey.complete || !(await mayDelete(books, config, now)) || desired.retention.length === 0) return purged;
      return (await trash(books, desired, inUse, now)) || purged;
    },
    async restore(books, id, reserved) {
      const back = await ports.inTurn(id, () => restoreArchive(ports, books, id, reserved));
      addTrash(-back.sizeBytes);
      return back;
    },
    async approve(books, generation) {
      const waiting = note.get()?.waiting ?? null;
      if (waiting === null) throw new Fault('state_conflict', 'No deletion waits for an approval.');
      if (generation !== waiting.generation) {
        const message = `The deletions that wait are those of generation ${waiting.generation}, not ${generation}; look at them again.`;
        throw new Fault('state_conflict', message);
      }
      await note.change(books, { waiting: null }, [{ type: 'approval_given', generation, archives: waiting.count }]);
      quiet = null;
      return { archives: waiting.count };
    },
    trashBytes: () => trashBytes,
    toDelete: () => toDelete?.count ?? null,
    async firstDue(catalog, desired, now) {
      const due = await findDue(catalog, desired, now, ports.storage(), trashBytes ?? 0, namedAtOnce);
      const found = await Promise.all(due.map(({ id }) => catalog.archive(id)));
      return found.filter((one) => one !== null);
    },
  };
}
