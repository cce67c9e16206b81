import { type Archive, careOf } from './archive.js';
import type { Algorithm } from './checksum.js';
import { subjectOf } from './decide.js';
import type { AskedDeletions } from './deletion-holds.js';
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

/** How far the survey after a change of the file has come, and what the upkeep remembers over a restart. */
export interface Survey extends AskedDeletions {
  /** What `policyOf` said of the file it is for. */
  readonly policy: string;
  readonly generation: number;
  /** The last archive looked at; null before the first. */
  readonly cursor: ArchiveId | null;
  readonly done: boolean;
  /** When an image was last read ahead of time, milliseconds since 1970. */
  readonly pacedAt: number | null;
  readonly clock?: ClockMemory | null;
}

/** Times are milliseconds since 1970. */
export interface ClockMemory {
  /** The latest time that was believed. */
  readonly seenAt: number;
  /** The clock shows something else: what, and for how many milliseconds of running it has. */
  readonly leap: { readonly to: number; readonly stoodMs: number } | null;
}
