import { type Archive, careOf } from './archive.js';
import type { Desired } from './desired.js';
import { sameDisc } from './disc.js';
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

/** What is asked of an archive as one of its disc's images. */
export type Copy = Pick<Archive, 'id' | 'finishedAt' | 'verdict' | 'verification' | 'care'> & {
  readonly disc: Pick<Archive['disc'], 'fingerprint'>;
};

const isPresent = (archive: Copy): boolean =>
  careOf(archive).trashed === null && archive.verification?.kind !== 'missing';

const isSound = ({ verification }: Copy): boolean => verification === null || verification.kind === 'match';

/** Nothing of its disc is missing, and no later reading found it otherwise. */
export const isGood = (archive: Copy): boolean => isPresent(archive) && isSound(archive) && isWhole(archive.verdict);

/** Positive where `a` is the better image of the same disc: one that was read back and found right before one that was not. */
function compareWorth(a: Copy, b: Copy): number {
  const sound = (one: Copy): number => (isSound(one) ? 1 : 0);
  const proven = (one: Copy): number => (one.verification?.kind === 'match' ? 1 : 0);
  const whole = (one: Copy): number => (isWhole(one.verdict) ? 1 : 0);
  const bad = (one: Copy): number => ('badBytes' in one.verdict ? one.verdict.badBytes : 0);
  return (
    sound(a) - sound(b) ||
    whole(a) - whole(b) ||
    bad(b) - bad(a) ||
    proven(a) - proven(b) ||
    a.finishedAt - b.finishedAt ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

const isSame = (a: Copy, b: Copy): boolean => sameDisc(a.disc.fingerprint, b.disc.fingerprint);

/** Worked out once for each group that is handed in; a group is not changed while it is asked about. */
const bestOfGroup = new WeakMap<readonly Copy[], readonly Copy[]>();

/** Those that no other image of their disc is better than. */
function bestOf<One extends Copy>(group: readonly One[]): readonly One[] {
  const known = bestOfGroup.get(group);
  if (known !== undefined) return known as readonly One[];
  const best: One[] = [];
  const others: One[] = [];
  for (const one of group.filter(isPresent).sort((a, b) => compareWorth(b, a))) {
    // nearly always one of the best is of the same disc, so that the others need no look
    const isBetter = (other: Copy): boolean => isSame(other, one);
    (best.some(isBetter) || others.some(isBetter) ? others : best).push(one);
  }
  bestOfGroup.set(group, best);
  return best;
}

/**
 * A better image of the same disc, which is itself the best of its disc: so that of three images that only pairwise
 * look the same, none goes for one that goes as well. Without a fingerprint a disc is its own.
 *
 * @param group archives of the same fingerprint structure, this one among them or not
 */
export const replacementOf = <One extends Copy>(archive: Copy, group: readonly One[]): One | null =>
  bestOf(group).find((one) => one.id !== archive.id && isSame(one, archive) && compareWorth(one, archive) > 0) ?? null;

export type Protection = 'trashed' | 'missing' | 'pinned' | 'best_copy';

/** Why an archive is not to be deleted whatever its rule says of keeping; null where that decides. */
export function protectionOf(archive: Copy, group: readonly Copy[], deletes: DeletionScope): Protection | null {
  const care = careOf(archive);
  if (care.trashed !== null) return 'trashed';
  if (archive.verification?.kind === 'missing') return 'missing';
  if (care.pinned) return 'pinned';
  return deletes === 'discs' || replacementOf(archive, group) !== null ? null : 'best_copy';
}

/** Bytes that are missing until so much is free; 0 where it is. */
export function lackingBytes(wanted: FreeSpace, storage: StorageReading, trashBytes: number): number {
  const usable = storage.usedBytes + storage.availableBytes;
  const bytes = wanted.kind === 'bytes' ? wanted.bytes : (usable * wanted.percent) / 100;
  return Math.max(0, Math.ceil(bytes - storage.availableBytes - trashBytes));
}
