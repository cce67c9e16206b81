import { type DeletionsSeen, deletionsOf, holdsOn, mostCounted, standMs } from '../core/deletion-holds.js';
import type { AppliedConfig, Desired } from '../core/desired.js';
import { policyOf, type Survey } from '../core/duty.js';
import type { DomainEvent } from '../core/event.js';
import { Fault } from '../core/fault.js';
import type { Clock } from '../core/ports.js';
import type { StorageReading } from '../core/storage.js';
import type { SteadyTime } from './upkeep-time.js';
import { findDue } from './upkeep-trash.js';
import type { Books } from './workshop.js';

export interface ApprovalPorts {
  readonly clock: Clock;
  readonly config: () => AppliedConfig;
  readonly storage: () => StorageReading | null;
}

/** The survey as it is written down, which only passes and commands change, one after another. */
export interface SurveyNote {
  get(): Survey | null;
  change(books: Books, change: Partial<Survey>, events?: readonly DomainEvent[]): Promise<void>;
}

/** Whether what a changed file says of deletions is done by: it has to stand for a while, and many need a person. */
export interface Approval {
  /** For another catalog than before. */
  begin(): void;
  mayDelete(books: Books, config: AppliedConfig, now: number): Promise<boolean>;
  /** Null while it cannot be told: by a clock that may be wrong, or where it hangs on space that is not known. */
  countDue(books: Books, desired: Desired, now: number): Promise<number | null>;
  /** Returns how many are due. Throws Fault state_conflict, also where it is more than was said before. */
  approve(books: Books, generation: number): Promise<number>;
  /** By what it is decided. */
  seen(): DeletionsSeen;
}

const countAgainMs = 60 * 60_000;

export function createApproval(
  ports: ApprovalPorts,
  time: SteadyTime,
  note: SurveyNote,
  trashBytes: () => number,
): Approval {
  const { clock } = ports;
  /** What the file says of deletions since `since` of the clock that counts on, not yet in force for them. */
  let fresh: { readonly deletions: string; readonly generation: number; readonly since: number } | null = null;
  /** When it was last counted how many wait for a person. */
  let countedAt: number | null = null;

  const seen = (): DeletionsSeen => ({
    refused: ports.config().degraded,
    clock: time.trust(),
    asked: note.get(),
    standing: fresh && { ...fresh, stoodMs: clock.monotonic() - fresh.since },
  });

  async function mayDelete(books: Books, { desired, generation }: AppliedConfig, now: number): Promise<boolean> {
    const before = note.get();
    if (before === null) return false;
    const deletions = deletionsOf(desired);
    const ticks = clock.monotonic();
    const isCounted = before.counted === deletions;
    const isNew = !isCounted && fresh?.deletions !== deletions;
    if (isCounted) fresh = null;
    else if (isNew) fresh = { deletions, generation, since: ticks };
    const isTime = isCounted ? isToCountAgain(before, desired) : isNew || ticks - (fresh?.since ?? ticks) >= standMs;
    const due = isTime ? await countDue(books, desired, now) : null;
    if (due !== null) countedAt = ticks;
    const holds = holdsOn(desired, due, seen());
    if (holds.length === 0) {
      fresh = null;
      if (!isCounted) await note.change(books, { counted: deletions, waiting: null });
      return true;
    }
    for (const hold of holds) {
      if (hold.kind === 'asks') await announce(books, desired, generation, hold.count);
      else if (hold.kind === 'asked') await noteCount(books, before, hold);
      else if (hold.kind === 'standing' && isCounted) {
        fresh = { deletions, generation, since: ticks };
        await note.change(books, { counted: null, waiting: null });
      }
    }
    return false;
  }

  /** What waits grows and shrinks, and the limit of the file with it. */
  function isToCountAgain({ waiting }: Survey, { trash }: Desired): boolean {
    if (waiting === null) return false;
    const isRecent = countedAt !== null && clock.monotonic() - countedAt < countAgainMs;
    return !isRecent || waiting.count <= trash.approveAbove;
  }

  async function noteCount(books: Books, { waiting }: Survey, { generation, count }: NonNullable<Survey['waiting']>) {
    if (waiting?.count !== count) await note.change(books, { waiting: { generation, count } });
  }

  function announce(books: Books, desired: Desired, generation: number, count: number): Promise<void> {
    fresh = null;
    countedAt = clock.monotonic();
    const change = { counted: deletionsOf(desired), waiting: { generation, count } };
    return note.change(books, change, [{ type: 'approval_needed', generation, archives: count }]);
  }

  async function countDue({ catalog }: Books, desired: Desired, now: number): Promise<number | null> {
    const storage = ports.storage();
    const onSpace = desired.retention.some(({ keepUntilFree }) => keepUntilFree !== null);
    if (!time.isSettled() || (storage === null && onSpace)) return null;
    return (await findDue(catalog, desired, now, storage, trashBytes(), mostCounted(desired))).length;
  }

  return {
    begin() {
      fresh = null;
      countedAt = null;
    },
    mayDelete,
    countDue,
    async approve(books, generation) {
      const config = ports.config();
      const { desired } = config;
      const survey = note.get();
      const deletions = deletionsOf(desired);
      // so many may go with nobody being asked, once the file has stood for a while
      const unasked = { generation: fresh?.generation, count: desired.trash.approveAbove };
      const told = survey?.counted === deletions ? survey.waiting : fresh?.deletions === deletions ? unasked : null;
      if (told === null) throw new Fault('state_conflict', 'No deletion waits for an approval.');
      if (generation !== told.generation) {
        const message = `The deletions that wait are those of generation ${told.generation}, not ${generation}; look at them again.`;
        throw new Fault('state_conflict', message);
      }
      const isSurveyed = survey?.done === true && survey.policy === policyOf(desired);
      const archives = isSurveyed ? await countDue(books, desired, time.now()) : null;
      if (archives === null) {
        const message = 'How many would be deleted cannot be told this moment; try again a little later.';
        throw new Fault('state_conflict', message, { retry: 'later' });
      }
      if (archives > told.count) {
        await announce(books, desired, config.generation, archives);
        const message = `${archives} images would be deleted now, more than was said before; look at them, then approve ${config.generation}.`;
        throw new Fault('state_conflict', message);
      }
      const given: DomainEvent = { type: 'approval_given', generation, archives };
      await note.change(books, { counted: deletions, waiting: null }, [given]);
      fresh = null;
      return archives;
    },
    seen,
  };
}
