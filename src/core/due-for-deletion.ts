import { type Archive, careOf } from './archive.js';
import type { Desired } from './desired.js';
import type { ArchiveId } from './ids.js';
import { type Copy, isGood, lackingBytes, type Protection, protectionOf, retentionOf } from './retention.js';
import type { RetentionRule } from './retention-rule.js';
import type { StorageReading } from './storage.js';

/** What the rules need to know of an archive that one of them decides. */
interface Kept {
  readonly id: ArchiveId;
  readonly finishedAt: number;
  readonly sizeBytes: number;
  readonly protectedBy: Protection | null;
  readonly isGood: boolean;
}

/**
 * Of the archives one rule decides, oldest first, those that nothing keeps.
 *
 * @param lacking bytes to be freed, for a rule that keeps until free space is short
 */
function dueByRule(rule: RetentionRule, kept: readonly Kept[], now: number, lacking: number): Kept[] {
  if (rule.keepFor === null && rule.keepLast === null && rule.keepUntilFree === null) return [];
  const ranked = kept.filter((one) => one.protectedBy !== 'trashed' && one.protectedBy !== 'missing');
  const beyond = rule.keepLast === null ? ranked : ranked.slice(0, Math.max(0, ranked.length - rule.keepLast));
  const aged = beyond.filter((one) => rule.keepFor === null || one.finishedAt + rule.keepFor <= now);
  const lastGood = rule.deletes === 'discs' ? ranked.findLast((one) => one.isGood) : undefined;
  const free = aged.filter((one) => one.protectedBy === null && one.id !== lastGood?.id);
  if (rule.keepUntilFree === null) return free;
  const due: Kept[] = [];
  let rest = lacking;
  for (const one of free) {
    if (rest <= 0) break;
    due.push(one);
    rest -= one.sizeBytes;
  }
  return due;
}

interface Candidate extends Copy {
  readonly sizeBytes: number;
  /** Position of the rule that decides; null where none does. */
  readonly rule: number | null;
}

/**
 * Works out what the rules would delete, from a look at every archive: for a plan, and for tests; the daemon itself
 * asks its ordered lists. Of each archive only what matters is held.
 */
export interface DueFinder {
  add(archive: Archive): void;
  /** In steps, so that others have their turn between them; gives the ids oldest first within each rule. */
  find(storage: StorageReading | null): Generator<void, readonly ArchiveId[]>;
}

const stepSize = 1000;

export function createDueFinder(desired: Pick<Desired, 'drives' | 'retention'>, now: number): DueFinder {
  const candidates: Candidate[] = [];
  const groups = new Map<string, Candidate[]>();
  let trashBytes = 0;

  const groupOf = ({ id, disc }: Copy): string => disc.fingerprint?.structure ?? id;

  function add(archive: Archive): void {
    const { id, finishedAt, sizeBytes, verdict, verification, care, disc } = archive;
    const { index: rule } = retentionOf(desired, archive, now);
    const slim = { fingerprint: disc.fingerprint };
    const one = { id, finishedAt, sizeBytes, verdict, verification, disc: slim, rule, ...(care && { care }) };
    if (careOf(one).trashed !== null) trashBytes += sizeBytes;
    candidates.push(one);
    const group = groups.get(groupOf(one));
    if (group === undefined) groups.set(groupOf(one), [one]);
    else group.push(one);
  }

  function* find(storage: StorageReading | null): Generator<void, readonly ArchiveId[]> {
    const byRule = desired.retention.map((): Kept[] => []);
    for (const [index, one] of candidates.entries()) {
      if (index % stepSize === stepSize - 1) yield;
      const rule = one.rule === null ? undefined : desired.retention[one.rule];
      if (one.rule === null || rule === undefined) continue;
      const { id, finishedAt, sizeBytes } = one;
      const protectedBy = protectionOf(one, groups.get(groupOf(one)) ?? [], rule.deletes);
      byRule[one.rule]?.push({ id, finishedAt, sizeBytes, protectedBy, isGood: isGood(one) });
    }
    const due: ArchiveId[] = [];
    let freed = trashBytes;
    for (const [index, rule] of desired.retention.entries()) {
      yield;
      const kept = (byRule[index] ?? []).sort((a, b) => a.finishedAt - b.finishedAt || (a.id < b.id ? -1 : 1));
      yield;
      const wanted = rule.keepUntilFree;
      const lacking = wanted === null || storage === null ? 0 : lackingBytes(wanted, storage, freed);
      for (const { id, sizeBytes } of dueByRule(rule, kept, now, lacking)) {
        due.push(id);
        freed += sizeBytes;
      }
    }
    return due;
  }

  return { add, find };
}

/** All of it at once. */
export function dueForDeletion(
  desired: Pick<Desired, 'drives' | 'retention'>,
  archives: readonly Archive[],
  now: number,
  storage: StorageReading | null,
): readonly ArchiveId[] {
  const finder = createDueFinder(desired, now);
  for (const archive of archives) finder.add(archive);
  const steps = finder.find(storage);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
