import { type Archive, careOf } from './archive.js';
import type { Desired } from './desired.js';
import { sameDisc } from './disc.js';
import type { ArchiveId } from './ids.js';
import type { DeletionScope, FreeSpace, RetentionMatch, RetentionRule } from './retention-rule.js';
import type { StorageReading } from './storage.js';
import { isWhole } from './verdict.js';

/** Which rule decides for an archive now, and when that may change by age alone. */
export interface RetentionDecision {
  readonly index: number | null;
  readonly rule: RetentionRule | null;
  readonly changesAt: number | null;
}

/** The name of the drive as declared; for archives of before that was written down, found by its path. */
export function driveOf(desired: Pick<Desired, 'drives'>, archive: Archive): string {
  const { drive, device } = archive.provenance;
  if (drive !== undefined) return drive;
  const spec = desired.drives.find(({ source }) =>
    source.kind === 'folder' ? source.folder === device : 'device' in source && source.device === device,
  );
  return spec?.name ?? device;
}

export function retentionOf(
  desired: Pick<Desired, 'drives' | 'retention'>,
  archive: Archive,
  now: number,
): RetentionDecision {
  let changesAt: number | null = null;
  for (const [index, rule] of desired.retention.entries()) {
    if (!fitsBeyondAge(desired, rule.match, archive)) continue;
    const appliesAt = archive.finishedAt + (rule.match.minAge ?? 0);
    if (appliesAt <= now || rule.match.minAge === null) return { index, rule, changesAt };
    changesAt = changesAt === null ? appliesAt : Math.min(changesAt, appliesAt);
  }
  return { index: null, rule: null, changesAt };
}

function fitsBeyondAge(desired: Pick<Desired, 'drives'>, match: RetentionMatch, archive: Archive): boolean {
  const { label } = archive.disc;
  const among = (words: readonly string[] | null, word: string | null): boolean =>
    words === null || (word !== null && words.includes(word));
  return (
    among(match.media, archive.disc.media) &&
    (match.label === null || (label !== null && match.label.test(label))) &&
    (match.tag === null || careOf(archive).tags.some((tag) => match.tag?.includes(tag))) &&
    among(match.rule, archive.provenance.rule) &&
    among(match.drive, driveOf(desired, archive)) &&
    among(match.verdict, archive.verdict.kind)
  );
}

const isPresent = (archive: Archive): boolean =>
  careOf(archive).trashed === null && archive.verification?.kind !== 'missing';

const isSound = ({ verification }: Archive): boolean => verification === null || verification.kind === 'match';

/** Nothing of its disc is missing, and no later reading found it otherwise. */
export const isGood = (archive: Archive): boolean => isPresent(archive) && isSound(archive) && isWhole(archive.verdict);

/** Positive where `a` is the better image of the same disc. */
function compareWorth(a: Archive, b: Archive): number {
  const sound = (one: Archive): number => (isSound(one) ? 1 : 0);
  const whole = (one: Archive): number => (isWhole(one.verdict) ? 1 : 0);
  const bad = (one: Archive): number => ('badBytes' in one.verdict ? one.verdict.badBytes : 0);
  return (
    sound(a) - sound(b) ||
    whole(a) - whole(b) ||
    bad(b) - bad(a) ||
    a.finishedAt - b.finishedAt ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

/**
 * Whether a better image of the same disc is there, which is itself the best of its disc: so that of three images
 * that only pairwise look the same, none goes for one that goes as well. Without a fingerprint a disc is its own.
 *
 * @param group archives of the same fingerprint structure, this one among them or not
 */
export function isReplaced(archive: Archive, group: readonly Archive[]): boolean {
  const present = group.filter(isPresent);
  const better = (than: Archive): Archive[] =>
    present.filter(
      (one) =>
        one.id !== than.id && sameDisc(one.disc.fingerprint, than.disc.fingerprint) && compareWorth(one, than) > 0,
    );
  return better(archive).some((one) => better(one).length === 0);
}

export type Protection = 'trashed' | 'missing' | 'pinned' | 'best_copy';

/** Why an archive is not to be deleted whatever its rule says of keeping; null where that decides. */
export function protectionOf(archive: Archive, group: readonly Archive[], deletes: DeletionScope): Protection | null {
  const care = careOf(archive);
  if (care.trashed !== null) return 'trashed';
  if (archive.verification?.kind === 'missing') return 'missing';
  if (care.pinned) return 'pinned';
  return deletes === 'discs' || isReplaced(archive, group) ? null : 'best_copy';
}

/** Bytes that are missing until so much is free; 0 where it is. */
export function lackingBytes(wanted: FreeSpace, storage: StorageReading, trashBytes: number): number {
  const usable = storage.usedBytes + storage.availableBytes;
  const bytes = wanted.kind === 'bytes' ? wanted.bytes : (usable * wanted.percent) / 100;
  return Math.max(0, Math.ceil(bytes - storage.availableBytes - trashBytes));
}

/** What the rules need to know of an archive that one of them decides. */
export interface Kept {
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
export function dueByRule(rule: RetentionRule, kept: readonly Kept[], now: number, lacking: number): Kept[] {
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

/**
 * Every archive that the rules would delete now, oldest first within its rule. For a look at all of them at once
 * (a plan, a test); the daemon itself asks its ordered lists.
 */
export function dueForDeletion(
  desired: Pick<Desired, 'drives' | 'retention'>,
  archives: readonly Archive[],
  now: number,
  storage: StorageReading | null,
): Archive[] {
  const groups = new Map<string, Archive[]>();
  for (const one of archives) {
    const key = one.disc.fingerprint?.structure ?? one.id;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  const byRule = new Map<number, Kept[]>();
  let trashBytes = 0;
  for (const archive of archives) {
    if (careOf(archive).trashed !== null) trashBytes += archive.sizeBytes;
    const { index, rule } = retentionOf(desired, archive, now);
    if (index === null || rule === null) continue;
    const group = groups.get(archive.disc.fingerprint?.structure ?? archive.id) ?? [];
    const list = byRule.get(index) ?? [];
    list.push({ ...archive, protectedBy: protectionOf(archive, group, rule.deletes), isGood: isGood(archive) });
    byRule.set(index, list);
  }
  const byId = new Map(archives.map((one) => [one.id, one]));
  const due: Archive[] = [];
  for (const [index, rule] of desired.retention.entries()) {
    const kept = (byRule.get(index) ?? []).sort((a, b) => a.finishedAt - b.finishedAt || (a.id < b.id ? -1 : 1));
    const wanted = rule.keepUntilFree;
    const lacking = wanted === null || storage === null ? 0 : lackingBytes(wanted, storage, trashBytes);
    for (const { id, sizeBytes } of dueByRule(rule, kept, now, lacking)) {
      const archive = byId.get(id);
      if (archive !== undefined) due.push(archive);
      trashBytes += sizeBytes;
    }
  }
  return due;
}
