import {
  type DeletingFile,
  type DeletionHold,
  type DeletionsSeen,
  deletionsOf,
  holdsOn,
  untilText,
} from './deletion-holds.js';
import type { Effect, EffectKind } from './effect.js';

/** What a file means for the archives that are there: what it makes due. */
export interface ArchiveEffects {
  readonly hash: ArchiveList;
  readonly reverify: ArchiveList;
  readonly delete: ArchiveList;
}

export interface ArchiveList {
  readonly count: number;
  /** The first 1000 at most. */
  readonly first: readonly { readonly path: string }[];
}

/** One file with what it makes due; null where the catalog cannot be asked. */
export interface ArchivesSide {
  readonly desired: DeletingFile;
  readonly archives: ArchiveEffects | null;
}

/** What is said of one image, and of several. */
type Words = readonly [one: string, several: string];

type Named = NonNullable<Effect['archives']>;

const none: ArchiveList = { count: 0, first: [] };

const dueWords: readonly (readonly [list: 'hash' | 'reverify', kind: EffectKind, comes: Words, goes: Words])[] = [
  [
    'hash',
    'archive_hash',
    ['gets checksums it lacks', 'get checksums they lack'],
    ['needs no further checksums', 'need no further checksums'],
  ],
  [
    'reverify',
    'archive_reverify',
    ['is due to be read again', 'are due to be read again'],
    ['is not due to be read again yet', 'are not due to be read again yet'],
  ],
];

/** What the archive gets, and what becomes of it, that it does not under the file in force. */
export function planArchives(current: ArchivesSide, next: ArchivesSide, seen: DeletionsSeen): Effect[] {
  const [before, after] = [current.archives, next.archives];
  if (before === null || after === null) return [];
  return [
    ...dueWords.flatMap(([list, kind, comes, goes]) => [
      ...tell(kind, 'begin', without(after[list], before[list]), comes),
      ...tell(kind, 'end', without(before[list], after[list]), goes),
    ]),
    ...planDeletions(current, next, before.delete, after.delete, seen),
  ];
}

const deleted: Words = ['is DELETED', 'are DELETED'];
const kept: Words = ['is kept', 'are kept'];

/** What keeps either file from deleting. The other one would be in force, so that none is refused then. */
function holdsOf(current: ArchivesSide, next: ArchivesSide, seen: DeletionsSeen) {
  const before = holdsOn(current.desired, current.archives?.delete.count ?? null, seen);
  const after = holdsOn(next.desired, next.archives?.delete.count ?? null, { ...seen, refused: false });
  return { before, after, goesOn: after.length > 0 && isSameHold(current.desired, before, next.desired, after) };
}

/** Whether what waits under the one file is what goes on waiting under the other, for the same reasons. */
function isSameHold(
  current: DeletingFile,
  before: readonly DeletionHold[],
  next: DeletingFile,
  after: readonly DeletionHold[],
): boolean {
  const kinds = (holds: readonly DeletionHold[]): string =>
    holds.map(({ kind }) => (kind === 'asked' ? 'asks' : kind)).join();
  return kinds(before) === kinds(after) && deletionsOf(current) === deletionsOf(next);
}

/** What is due is one thing, what really goes another: both files may hold it back. */
function planDeletions(
  current: ArchivesSide,
  next: ArchivesSide,
  before: ArchiveList,
  after: ArchiveList,
  seen: DeletionsSeen,
): Effect[] {
  const holds = holdsOf(current, next, seen);
  const isHeld = holds.before.length > 0;
  const going = isHeld ? none : before;
  const kind = 'archive_delete';
  if (next.desired.suspend) {
    const held = ', but nothing is deleted while the station is suspended';
    return [
      ...tell(kind, 'change', without(after, before), ['is due to be deleted', 'are due to be deleted'], held),
      ...tell(kind, 'end', isHeld ? without(before, after) : without(going, none), kept),
    ];
  }
  // what waits already is no effect of this file; see waitingDeletions
  const fresh = without(after, holds.goesOn ? before : holds.after.length > 0 ? none : going);
  const { approveAbove } = next.desired.trash;
  const limit = holds.after.some((hold) => hold.kind === 'asks') ? `, as trash.approve_above is ${approveAbove}` : '';
  const until = holds.after.length === 0 ? '' : `, once ${untilText(holds.after, null)}${limit}`;
  return [...tell(kind, 'begin', fresh, deleted, until), ...tell(kind, 'end', without(before, after), kept)];
}

/** Deletions that wait under the file in force, and would go on waiting under this one. */
export function waitingDeletions(
  current: ArchivesSide,
  next: ArchivesSide,
  seen: DeletionsSeen,
  generation: number,
): WaitingDeletions | null {
  const [before, after] = [current.archives?.delete, next.archives?.delete];
  const holds = holdsOf(current, next, seen);
  if (before === undefined || after === undefined || !holds.goesOn || next.desired.suspend) return null;
  const fresh = new Set(without(after, before).paths);
  const paths = after.first.map(({ path }) => path).filter((path) => !fresh.has(path));
  const count = after.count - without(after, before).count;
  if (count === 0) return null;
  const asked = holds.after.find((hold) => hold.kind === 'asked' || hold.kind === 'standing');
  const isAsked = holds.after.some(({ kind }) => kind === 'asked' || kind === 'asks' || kind === 'standing');
  const toApprove = isAsked ? (asked?.generation ?? generation) : null;
  return { generation: toApprove, until: untilText(holds.after, generation), count, paths };
}

export interface WaitingDeletions extends Named {
  /** The one to approve; null where that would not help. */
  readonly generation: number | null;
  /** What has to come before they go, as the end of a sentence. */
  readonly until: string;
}

function tell(kind: EffectKind, change: Effect['change'], archives: Named, [one, several]: Words, more = ''): Effect[] {
  const { count } = archives;
  if (count === 0) return [];
  const words = count === 1 ? `1 archived image ${one}` : `${count} archived images ${several}`;
  return [{ kind, change, subject: 'archives', message: `${words}${more}.`, archives }];
}

/** Those of `list` that are not in `other`; the number is exact as long as either has at most 1000. */
function without(list: ArchiveList, other: ArchiveList): Named {
  const known = new Set(other.first.map(({ path }) => path));
  const paths = list.first.map(({ path }) => path).filter((path) => !known.has(path));
  return {
    count: paths.length + Math.max(0, list.count - list.first.length - (other.count - other.first.length)),
    paths,
  };
}
