import type { AppliedConfig, Desired } from '../core/desired.js';
import { deletionsOf, judgeDeletions, policyOf, type Survey } from '../core/duty.js';
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
  /** The generation that says something new of deletions and has not stood for long enough; else null. */
  settling(): number | null;
}

const countedAtMost = 10_000;
const aMinute = 60_000;
const countAgainMs = 60 * aMinute;
/** Longer than it takes to write a file, or until a fragment that is away for a moment is back. */
const settleMs = 5 * aMinute;

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

  async function mayDelete(books: Books, config: AppliedConfig, now: number): Promise<boolean> {
    const deletions = deletionsOf(config.desired);
    const survey = note.get();
    if (survey === null) return false;
    if (survey.counted === deletions) fresh = null;
    if (judgeDeletions(config.desired, null, survey).kind === 'go') return true;
    if (survey.counted === deletions && survey.waiting !== null) {
      await countAgain(books, config, survey, survey.waiting, now);
      return false;
    }
    const ticks = clock.monotonic();
    const isNew = fresh?.deletions !== deletions;
    if (fresh === null || isNew) fresh = { deletions, generation: config.generation, since: ticks };
    const stood = ticks - fresh.since >= settleMs;
    if (!isNew && !stood) return false;
    const count = await countDue(books, config.desired, now);
    if (count === null) return false;
    if (judgeDeletions(config.desired, count, survey).kind === 'ask') {
      await announce(books, config, count);
      return false;
    }
    if (!stood) return false;
    fresh = null;
    await note.change(books, { counted: deletions, waiting: null });
    return true;
  }

  function announce(books: Books, { desired, generation }: AppliedConfig, count: number): Promise<void> {
    fresh = null;
    countedAt = clock.monotonic();
    const change = { counted: deletionsOf(desired), waiting: { generation, count } };
    return note.change(books, change, [{ type: 'approval_needed', generation, archives: count }]);
  }

  /** What waits grows and shrinks; more than was told is told anew. */
  async function countAgain(
    books: Books,
    config: AppliedConfig,
    survey: Survey,
    waiting: NonNullable<Survey['waiting']>,
    now: number,
  ): Promise<void> {
    const ticks = clock.monotonic();
    const isRecent = countedAt !== null && ticks - countedAt < countAgainMs;
    if (isRecent && judgeDeletions(config.desired, null, survey).kind === 'wait') return;
    const count = await countDue(books, config.desired, now);
    if (count === null) return;
    countedAt = ticks;
    // so few need nobody, once the file that says so has stood for a while
    if (judgeDeletions(config.desired, count, null).kind === 'settle') {
      fresh = { deletions: deletionsOf(config.desired), generation: config.generation, since: ticks };
      await note.change(books, { counted: null, waiting: null });
    } else if (count > waiting.count) await announce(books, config, count);
    else if (count < waiting.count) await note.change(books, { waiting: { ...waiting, count } });
  }

  async function countDue({ catalog }: Books, desired: Desired, now: number): Promise<number | null> {
    const storage = ports.storage();
    const onSpace = desired.retention.some(({ keepUntilFree }) => keepUntilFree !== null);
    if (!time.isSettled() || (storage === null && onSpace)) return null;
    return (await findDue(catalog, desired, now, storage, trashBytes(), countedAtMost)).length;
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
        await announce(books, config, archives);
        const message = `${archives} images would be deleted now, more than was said before; look at them, then approve ${config.generation}.`;
        throw new Fault('state_conflict', message);
      }
      const given: DomainEvent = { type: 'approval_given', generation, archives };
      await note.change(books, { counted: deletions, waiting: null }, [given]);
      fresh = null;
      return archives;
    },
    settling: () => fresh?.generation ?? null,
  };
}
