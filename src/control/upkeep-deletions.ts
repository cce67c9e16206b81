import { type Archive, careOf } from '../core/archive.js';
import type { DeletionsSeen } from '../core/deletion-holds.js';
import type { AppliedConfig, Desired } from '../core/desired.js';
import { Fault } from '../core/fault.js';
import type { ArchiveId } from '../core/ids.js';
import type { Clock } from '../core/ports.js';
import type { StorageReading } from '../core/storage.js';
import type { ArchiveTurn } from './archive-turn.js';
import { createApproval, type SurveyNote } from './upkeep-approval.js';
import type { LibrarySpace } from './upkeep-space.js';
import type { SurveyStep } from './upkeep-survey.js';
import type { SteadyTime } from './upkeep-time.js';
import {
  type Deed,
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
  readonly config: () => AppliedConfig;
  /** Writes down what is wrong with an image that is not there as it should be. */
  readonly noteLook: (books: Books, archive: Archive) => Promise<void>;
  readonly clock: Clock;
  /** As `space` tells it. */
  readonly storage: () => StorageReading | null;
  readonly space: Pick<LibrarySpace, 'purged'>;
}

/** What is kept no longer: counted, approved, moved to the trash, purged. */
export interface Deletions {
  /** For another catalog than before. */
  begin(): void;
  /** Ends what a crash left between record and files, one piece at a time. Returns whether all of it is. */
  settle(books: Books): Promise<boolean>;
  /** Returns whether there may be more to do at once. */
  step(books: Books, config: AppliedConfig, survey: SurveyStep, inUse: ReadonlySet<ArchiveId>): Promise<boolean>;
  restore(books: Books, id: ArchiveId): ReturnType<typeof restoreArchive>;
  approve(books: Books, generation: number): Promise<{ readonly archives: number }>;
  trashBytes(): number | null;
  toDelete(): number | null;
  /** The first few that are due, whether they may go or not. */
  firstDue(catalog: Books['catalog'], desired: Desired, now: number): Promise<readonly Archive[]>;
  /** Those whose time in the trash is over, and that stay there since no other good image stands. */
  needed(): readonly ArchiveId[];
  /** By what it is decided whether they go. */
  seen(): DeletionsSeen;
}

const atOnce = 10;
const settledAtOnce = 50;
const namedAtOnce = 5;
const aMinute = 60_000;
const lookAgainMs = 60 * aMinute;

export function createDeletions(ports: DeletionPorts, time: SteadyTime, note: SurveyNote): Deletions {
  const { clock, log } = ports;
  /** Archives that could not be moved or deleted, and until when they are left alone. */
  const refused = new Map<ArchiveId, number>();
  /** Archives whose files are not yet where the record says, and when they are tried again. */
  const undone = new Map<ArchiveId, number>();
  const needed = new Set<ArchiveId>();
  /** The last one looked at of those whose time in the trash is over. */
  let purgedTo: { readonly purgeAt: number; readonly id: ArchiveId } | null = null;
  let settled: { readonly purgeAt: number; readonly id: ArchiveId } | null | 'all' = null;
  let trashBytes: number | null = null;
  /** Nothing falls due by age before this time, as it was seen at `lookedAt` of the clock that counts on. */
  let quiet: { readonly until: number; readonly lookedAt: number } | null = null;
  let toDelete: { readonly count: number; readonly countedAt: number } | null = null;

  const approval = createApproval(ports, time, note, () => trashBytes ?? 0);

  const addTrash = (bytes: number): void => {
    trashBytes = Math.max(0, (trashBytes ?? 0) + bytes);
  };

  /**
   * Runs one deed in the archive's turn; an archive it fails for is left alone for an hour, so that it is in nobody's
   * way. Returns what became of it; null where it failed.
   */
  async function attempt(books: Books, id: ArchiveId, deed: () => Promise<Deed>): Promise<Deed['kind'] | null> {
    if (refused.has(id)) return null;
    try {
      const became = await ports.inTurn(id, deed);
      if (became.kind === 'undone') undone.set(id, clock.monotonic() + lookAgainMs);
      if (became.kind === 'doubtful') await ports.noteLook(books, became.survivor);
      return became.kind;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      refused.set(id, clock.monotonic() + lookAgainMs);
      log.warn({ archive_id: id, code: error.code }, `left as it is for now: ${error.message}`);
      return null;
    }
  }

  async function settleOne(books: Books, id: ArchiveId): Promise<Awaited<ReturnType<typeof settleTrash>>> {
    const became = await ports.inTurn(id, () => settleTrash(ports, books, id));
    if (became === 'undone') undone.set(id, clock.monotonic() + lookAgainMs);
    else undone.delete(id);
    return became;
  }

  /** The file is read while a pass is under way: nothing is done by one that is not in force any more. */
  function isInForce({ desired }: AppliedConfig): boolean {
    const current = ports.config();
    return current.desired === desired && !current.degraded;
  }

  /** Looks at some of those whose time is over, from where it ended last, so that those that stay are in nobody's way. */
  async function purge(books: Books, config: AppliedConfig, now: number): Promise<boolean> {
    const { duties } = books.catalog;
    let gone = 0;
    const piece = await duties.trashed(atOnce, purgedTo);
    purgedTo = null;
    for (const [index, archive] of piece.entries()) {
      const { id } = archive;
      const { purgeAt } = careOf(archive).trashed ?? { purgeAt: now };
      if (purgeAt > now || !isInForce(config)) break;
      if (index === atOnce - 1) purgedTo = { purgeAt, id };
      const deed = () => purgeArchive(ports, books, config.desired, archive, now, ports.storage());
      const became = await attempt(books, id, deed);
      if (became === 'needed') needed.add(id);
      else needed.delete(id);
      if (became !== 'done') continue;
      addTrash(-archive.sizeBytes);
      ports.space.purged(archive.sizeBytes);
      gone += 1;
    }
    return gone > 0;
  }

  async function redate(books: Books, desired: Desired, now: number): Promise<boolean> {
    const last = await books.catalog.duties.lastTrashed();
    if (last === null) return false;
    const deed = async (): Promise<Deed> => {
      return { kind: (await redateTrashed(ports, books, desired, last, now)) ? 'done' : 'kept' };
    };
    return (await attempt(books, last.id, deed)) === 'done';
  }

  async function trash(
    books: Books,
    config: AppliedConfig,
    inUse: ReadonlySet<ArchiveId>,
    now: number,
  ): Promise<boolean> {
    const { catalog } = books;
    const { desired } = config;
    const ticks = clock.monotonic();
    const onSpace = desired.retention.some((rule) => rule.keepUntilFree !== null);
    if (quiet !== null && now < quiet.until && ticks - quiet.lookedAt < lookAgainMs && !onSpace) return false;
    const limit = atOnce + refused.size + inUse.size;
    const due = await findDue(catalog, desired, now, ports.storage(), trashBytes ?? 0, limit);
    let gone = 0;
    for (const one of due) {
      if (gone === atOnce || !isInForce(config)) break;
      const became = await attempt(books, one.id, () => trashArchive(ports, books, desired, one, inUse, now));
      if (became !== 'done' && became !== 'undone') continue;
      gone += 1;
      addTrash(one.sizeBytes);
    }
    const until = due.length > 0 ? now : ((await nextDueByAge(catalog, desired, now)) ?? Number.POSITIVE_INFINITY);
    quiet = { until, lookedAt: ticks };
    if (due.length < limit) toDelete = { count: due.length - gone, countedAt: ticks };
    else if (toDelete === null || ticks - toDelete.countedAt > aMinute) {
      const count = await approval.countDue(books, desired, now);
      toDelete = count === null ? null : { count, countedAt: ticks };
    } else toDelete = { ...toDelete, count: Math.max(0, toDelete.count - gone) };
    return gone > 0;
  }

  return {
    begin() {
      settled = null;
      trashBytes = 0;
      quiet = null;
      toDelete = null;
      purgedTo = null;
      approval.begin();
      refused.clear();
      undone.clear();
      needed.clear();
    },
    async settle(books) {
      if (settled === 'all') return true;
      const piece = await books.catalog.duties.trashed(settledAtOnce, settled);
      for (const archive of piece) {
        if ((await settleOne(books, archive.id)) !== 'kept') addTrash(archive.sizeBytes);
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
      for (const [id, at] of undone) {
        if (at > clock.monotonic()) continue;
        const archive = await books.catalog.archive(id);
        if ((await settleOne(books, id)) === 'kept') addTrash(-(archive?.sizeBytes ?? 0));
      }
      if (desired.suspend || !isInForce(config) || !time.isSure()) return false;
      for (const [id, until] of refused) if (until <= clock.monotonic()) refused.delete(id);
      const now = time.now();
      const redated = await redate(books, desired, now);
      if (!survey.complete || !(await approval.mayDelete(books, config, now)) || desired.retention.length === 0)
        return redated;
      const purged = await purge(books, config, now);
      return (await trash(books, config, inUse, now)) || purged || redated;
    },
    async restore(books, id) {
      const back = await ports.inTurn(id, () => restoreArchive(ports, books, id));
      addTrash(-back.sizeBytes);
      needed.delete(id);
      undone.delete(id);
      return back;
    },
    async approve(books, generation) {
      const archives = await approval.approve(books, generation);
      quiet = null;
      return { archives };
    },
    trashBytes: () => trashBytes,
    toDelete: () => toDelete?.count ?? null,
    async firstDue(catalog, desired, now) {
      const due = await findDue(catalog, desired, now, ports.storage(), trashBytes ?? 0, namedAtOnce);
      const found = await Promise.all(due.map(({ id }) => catalog.archive(id)));
      return found.filter((one) => one !== null);
    },
    needed: () => [...needed],
    seen: approval.seen,
  };
}
