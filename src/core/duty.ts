import { type Archive, careOf } from './archive.js';
import type { Algorithm } from './checksum.js';
import { subjectOf } from './decide.js';
import type { Desired } from './desired.js';
import type { ArchiveId } from './ids.js';
import { driveOf, isGood, protectionOf, retentionOf } from './retention.js';
import { decidingRule, type Priority } from './rule.js';

/**
 * What the file as it is today wants of one archive. Worked out when the archive or the file changes and kept in
 * ordered lists, so that asking what is due costs nothing where nothing is.
 */
export interface Duty {
  readonly id: ArchiveId;
  /** Checksums it shall have and lacks. */
  readonly missing: readonly Algorithm[];
  readonly priority: Priority;
  readonly retention: DutyRetention | null;
  /** When age alone changes which retention rule decides; milliseconds since 1970. */
  readonly changesAt: number | null;
}

export interface DutyRetention {
  /** Position of the deciding rule in the file. */
  readonly rule: number;
  readonly finishedAt: number;
  readonly sizeBytes: number;
  /** Kept whatever the rule says: it only counts among the newest. */
  readonly isProtected: boolean;
  /** Nothing of its disc is missing: a rule that deletes discs leaves the newest of these. */
  readonly isGood: boolean;
}

/** The checksums an archive shall have by what the file says now; none where its rule is to ignore or suspended. */
export function wantedChecksums(
  desired: Pick<Desired, 'defaults' | 'rules' | 'drives'>,
  archive: Archive,
): { readonly algorithms: readonly Algorithm[]; readonly priority: Priority } {
  const rule = decidingRule(desired.rules, subjectOf(archive.disc, driveOf(desired, archive)));
  const { checksums, priority } = { ...desired.defaults, ...rule?.settings };
  return { algorithms: rule?.action === 'ignore' || rule?.suspend === true ? [] : checksums, priority };
}

/**
 * @param group archives of the same fingerprint structure
 * Null where the file wants nothing of it.
 */
export function assess(desired: Desired, archive: Archive, group: readonly Archive[], now: number): Duty | null {
  if (careOf(archive).trashed !== null) return null;
  const { algorithms, priority } = wantedChecksums(desired, archive);
  const isSound = archive.verification === null || archive.verification.kind === 'match';
  const missing = !isSound ? [] : algorithms.filter((name) => archive.checksums[name] === undefined);
  const { index, rule, changesAt } = retentionOf(desired, archive, now);
  const protection = rule === null ? null : protectionOf(archive, group, rule.deletes);
  const retention =
    index === null || protection === 'missing'
      ? null
      : {
          rule: index,
          finishedAt: archive.finishedAt,
          sizeBytes: archive.sizeBytes,
          isProtected: protection !== null,
          isGood: isGood(archive),
        };
  if (missing.length === 0 && retention === null && changesAt === null) return null;
  return { id: archive.id, missing, priority, retention, changesAt };
}

/** All of the file that `assess` asks: two files with the same text here want the same of every archive. */
export function policyOf(desired: Desired): string {
  const { rules, defaults, drives, retention } = desired;
  const plain = (_key: string, value: unknown): unknown => (typeof value === 'function' ? undefined : value);
  const wanted = rules.map(({ match, action, suspend, settings }) => ({
    match,
    action,
    suspend,
    checksums: settings.checksums,
    priority: settings.priority,
  }));
  const places = drives.map(({ name, source }) => ({ name, source }));
  return JSON.stringify([wanted, defaults.checksums, defaults.priority, places, retention], plain);
}

/** What of the file says which images are deleted: approval belongs to it, whatever else of the file changes. */
export function deletionsOf({ retention, drives }: Pick<Desired, 'retention' | 'drives'>): string {
  // the name of the drive of an old archive is found by where the drives are
  const places = retention.some(({ match }) => match.drive !== null) ? drives : [];
  return JSON.stringify([retention, places.map(({ name, source }) => ({ name, source }))]);
}

/** How far the survey after a change of the file has come, and what the upkeep remembers over a restart. */
export interface Survey {
  /** What `policyOf` said of the file it is for. */
  readonly policy: string;
  readonly generation: number;
  /** The last archive looked at; null before the first. */
  readonly cursor: ArchiveId | null;
  readonly done: boolean;
  /** What `deletionsOf` said when it was last counted how many are due; until then nothing is deleted by it. */
  readonly counted?: string | null;
  /** Deletions wait for a person: how many the changed file made due at once. */
  readonly waiting: { readonly generation: number; readonly count: number } | null;
  /** When an image was last read ahead of time, milliseconds since 1970. */
  readonly pacedAt: number | null;
  readonly clock?: ClockMemory | null;
}

/** What a person was asked about deletions, and for what of the file; and whether the clock can be gone by. */
export interface AskedDeletions extends Pick<Survey, 'counted' | 'waiting'> {
  /** `ahead`, `behind`: it has leapt and that is not believed yet. */
  readonly clock: 'steady' | 'ahead' | 'behind';
}

/**
 * Whether images go by what a file says of deletions. `wait`: a person was asked already, under this generation. `ask`:
 * so many are due that one is to be asked. `settle`: few, but the file says something new and has to stand for a while.
 * `count`: it depends on how many are due.
 */
export type DeletionsJudged =
  | { readonly kind: 'go' | 'settle' | 'count' }
  | { readonly kind: 'wait'; readonly generation: number; readonly count: number }
  | { readonly kind: 'ask'; readonly count: number };

/** @param due images that are due by this file; null where they were not counted */
export function judgeDeletions(
  desired: Pick<Desired, 'retention' | 'drives' | 'trash'>,
  due: number | null,
  asked: Pick<Survey, 'counted' | 'waiting'> | null,
): DeletionsJudged {
  const { approveAbove } = desired.trash;
  if (asked?.counted === deletionsOf(desired)) {
    if (asked.waiting === null) return { kind: 'go' };
    if (asked.waiting.count > approveAbove) return { kind: 'wait', ...asked.waiting };
  }
  if (due === null) return { kind: 'count' };
  return due > approveAbove ? { kind: 'ask', count: due } : { kind: 'settle' };
}

/** Times are milliseconds since 1970. */
export interface ClockMemory {
  /** The latest time that was believed. */
  readonly seenAt: number;
  /** The clock shows something else: what, and for how many milliseconds of running it has. */
  readonly leap: { readonly to: number; readonly stoodMs: number } | null;
}
