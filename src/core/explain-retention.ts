import type { DutyPlace } from './catalog-ports.js';
import type { Protection } from './retention.js';
import type { RetentionRule } from './retention-rule.js';

/** Which retention entry decides for an archive, and whether it stays. */
export interface RetentionExplanation {
  /** Null where none fits. */
  readonly rule: string | null;
  readonly stays: boolean;
  /** A sentence. */
  readonly reason: string;
}

export interface RetentionFacts {
  readonly protectedBy: Protection | null;
  /** The oldest of those `keep_last` keeps; null where there are no more than it keeps. */
  readonly lastKept: DutyPlace | null;
  /** The newest of those the entry decides that misses nothing of its disc. */
  readonly isNewestGood: boolean;
  /** Bytes until `keep_until_free` is reached. */
  readonly lacking: number;
  /** What has to come before anything is deleted; '' where nothing holds it back. See `untilText`. */
  readonly until: string;
}

const protections: Readonly<Record<Protection, string>> = {
  trashed: 'It lies in the trash.',
  missing: 'Its file is missing; nothing is left to delete.',
  pinned: 'It is pinned.',
  best_copy: 'It is the best image of its disc.',
};

const mostTime = 8.64e15;

/** @param rule the entry that decides; times in milliseconds since 1970 */
export function explainRetention(
  rule: RetentionRule | null,
  archive: DutyPlace,
  now: number,
  { protectedBy, lastKept, isNewestGood, lacking, until }: RetentionFacts,
): RetentionExplanation {
  const name = rule?.name ?? null;
  const stays = (reason: string): RetentionExplanation => ({ rule: name, stays: true, reason });
  if (protectedBy === 'trashed') {
    const waits = until === '' ? '' : ` It is not deleted for good until ${until}.`;
    return { rule: name, stays: false, reason: `${protections.trashed}${waits}` };
  }
  if (rule === null) return stays('No entry fits it.');
  if (protectedBy !== null) return stays(protections[protectedBy]);
  const { keepFor, keepLast, keepUntilFree, deletes } = rule;
  if (keepFor === null && keepLast === null && keepUntilFree === null) return stays('Without any keep_… all stay.');
  if (deletes === 'discs' && isNewestGood) return stays('It is the newest good one of those the entry decides.');
  const isNewer = lastKept === null || archive.finishedAt > lastKept.finishedAt;
  if (keepLast !== null && (isNewer || (archive.finishedAt === lastKept?.finishedAt && archive.id >= lastKept.id))) {
    return stays(`It is among the newest ${keepLast}.`);
  }
  const end = archive.finishedAt + (keepFor ?? 0);
  if (end > mostTime) return stays('keep_for has no end.');
  if (keepFor !== null && end > now) return stays(`keep_for ends on ${new Date(end).toISOString().slice(0, 10)}.`);
  if (keepUntilFree !== null && lacking <= 0) return stays('Enough space is free.');
  const order = keepUntilFree === null ? '' : ', the oldest first until enough space is free';
  const waits = until === '' ? '' : `, once ${until}`;
  return { rule: name, stays: false, reason: `Nothing keeps it: it is due to go to the trash${order}${waits}.` };
}
