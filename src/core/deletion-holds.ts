import type { Desired } from './desired.js';

/** A changed file has to stand so long before it deletes: longer than it takes to write one, or until a part that is away for a moment is back. Milliseconds. */
export const standMs = 5 * 60_000;

/** What a person was asked about deletions, and for what of the file. */
export interface AskedDeletions {
  /** What `deletionsOf` said when it was last counted how many are due; until then nothing is deleted by it. */
  readonly counted?: string | null;
  /** Deletions wait for a person: how many the changed file made due at once. */
  readonly waiting: { readonly generation: number; readonly count: number } | null;
}

/** What a changed file says of deletions, not in force for them yet. */
export interface StandingDeletions {
  readonly deletions: string;
  readonly generation: number;
  /** Milliseconds of running for which the file has said so. */
  readonly stoodMs: number;
}

/** `ahead`, `behind`: it shows more or less than it should, and is not believed yet. */
export type ClockTrust = 'right' | 'ahead' | 'behind';

/** All but the file itself that decides whether its deletions are done. */
export interface DeletionsSeen {
  /** The file as it stands on disk is refused. */
  readonly refused: boolean;
  readonly clock: ClockTrust;
  /** Null before the archive was looked at. */
  readonly asked: AskedDeletions | null;
  readonly standing: StandingDeletions | null;
}

/**
 * Why nothing is deleted yet. `asked`: a person was asked already, and is for no more than that. `asks`: a person has
 * to be asked, for more than before or for the first time. `uncounted`: nobody knows yet how many are due.
 */
export type DeletionHold =
  | { readonly kind: 'suspended' | 'refused' | 'clock_behind' | 'clock_ahead' | 'uncounted' }
  /** `generation`: the one to approve; null where it would be that of the file itself. */
  | { readonly kind: 'standing'; readonly generation: number | null }
  | { readonly kind: 'asks'; readonly count: number }
  | { readonly kind: 'asked'; readonly generation: number; readonly count: number };

/** What of the file says which images are deleted: approval belongs to it, whatever else of the file changes. */
export function deletionsOf({ retention, drives }: Pick<Desired, 'retention' | 'drives'>): string {
  // the name of the drive of an old archive is found by where the drives are
  const places = retention.some(({ match }) => match.drive !== null) ? drives : [];
  return JSON.stringify([retention, places.map(({ name, source }) => ({ name, source }))]);
}

/** Of more nobody needs to know how many they are: it is too many anyhow. */
export const mostCounted = ({ trash }: Pick<Desired, 'trash'>): number => Math.max(10_000, trash.approveAbove + 1);

export type DeletingFile = Pick<Desired, 'retention' | 'drives' | 'trash' | 'suspend'>;

/**
 * Everything that keeps this file from deleting what it makes due; empty where it goes. The one place where that is
 * decided: for the deed, for a plan, and for who asks why.
 *
 * @param due how many archives it makes due; null where they were not counted
 */
export function holdsOn(file: DeletingFile, due: number | null, seen: DeletionsSeen): readonly DeletionHold[] {
  const holds: DeletionHold[] = [];
  if (file.suspend) holds.push({ kind: 'suspended' });
  if (seen.refused) holds.push({ kind: 'refused' });
  if (seen.clock === 'behind') holds.push({ kind: 'clock_behind' });
  const consent = consentTo(file, due === null ? null : Math.min(due, mostCounted(file)), seen);
  if (consent === null) return holds;
  // by a clock that is ahead what was let go before goes on by the time that was believed; nothing new is counted
  if (seen.clock === 'ahead') holds.push({ kind: 'clock_ahead' });
  return [...holds, consent];
}

function consentTo(file: DeletingFile, due: number | null, { asked, standing }: DeletionsSeen): DeletionHold | null {
  const { approveAbove } = file.trash;
  const deletions = deletionsOf(file);
  if (asked?.counted === deletions) {
    const { waiting } = asked;
    if (waiting === null) return null;
    if (due === null) return { kind: 'asked', ...waiting };
    // so few need nobody, once the file that says so has stood for a while
    if (due <= approveAbove) return { kind: 'standing', generation: null };
    return due > waiting.count ? { kind: 'asks', count: due } : { kind: 'asked', ...waiting, count: due };
  }
  if (due !== null && due > approveAbove) return { kind: 'asks', count: due };
  const own = standing?.deletions === deletions ? standing : null;
  if (own === null || own.stoodMs < standMs) return { kind: 'standing', generation: own?.generation ?? null };
  return due === null ? { kind: 'uncounted' } : null;
}

/**
 * What has to come before anything is deleted, as the end of a sentence that begins with "once" or "until".
 *
 * @param generation the one to approve, where the hold does not know
 */
export function untilText(holds: readonly DeletionHold[], generation: number | null): string {
  return holds.map((hold) => clauseOf(hold, generation)).join(', and ');
}

function clauseOf(hold: DeletionHold, generation: number | null): string {
  const approve = (by: number | null): string => `\`disk2iso approve${by === null ? '' : ` ${by}`}\` allows it`;
  const clock = (is: string): string =>
    `the clock, which shows ${is} time than it should, is put right or has stood for six hours of running`;
  switch (hold.kind) {
    case 'suspended':
      return 'the station is suspended no longer';
    case 'refused':
      return 'the file on disk, which is refused, is mended';
    case 'clock_behind':
      return clock('an earlier');
    case 'clock_ahead':
      return clock('a later');
    case 'uncounted':
      return 'it can be told how many there are';
    case 'standing':
      return `what the file says of deletions has stood for five minutes or ${approve(hold.generation ?? generation)}`;
    case 'asks':
      return approve(generation);
    case 'asked':
      return approve(hold.generation);
  }
}
