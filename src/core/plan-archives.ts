import type { Desired } from './desired.js';
import { type AskedDeletions, deletionsOf, judgeDeletions } from './duty.js';
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
  readonly desired: Pick<Desired, 'suspend' | 'retention' | 'trash' | 'drives'>;
  readonly archives: ArchiveEffects | null;
}

interface Seen {
  readonly degraded: boolean;
  readonly asked: AskedDeletions | null;
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
export function planArchives(current: ArchivesSide, next: ArchivesSide, seen: Seen): Effect[] {
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

/** What is due is one thing, what really goes another: both files may hold it back. */
function planDeletions(
  { desired: current }: ArchivesSide,
  { desired: next }: ArchivesSide,
  before: ArchiveList,
  after: ArchiveList,
  { degraded, asked }: Seen,
): Effect[] {
  const { kind: was } = judgeDeletions(current, before.count, asked);
  const waited = was === 'wait' || was === 'ask';
  const isHeld = degraded || current.suspend || waited;
  const going = isHeld ? none : before;
  const kind = 'archive_delete';
  if (next.suspend) {
    const held = ', but nothing is deleted while the station is suspended';
    return [
      ...tell(kind, 'change', without(after, before), ['is due to be deleted', 'are due to be deleted'], held),
      ...tell(kind, 'end', isHeld ? without(before, after) : without(going, none), kept),
    ];
  }
  const end = tell(kind, 'end', without(before, after), kept);
  const judged = judgeDeletions(next, after.count, asked);
  // it is asked already; see waitingDeletions
  if (judged.kind === 'wait') return end;
  const clock = holdOf(judged.kind, asked);
  if (judged.kind !== 'ask') {
    const stands = judged.kind === 'settle' ? ', once the file has stood for five minutes' : '';
    return [...tell(kind, 'begin', without(after, going), deleted, `${stands}${clock}`), ...end];
  }
  const { approveAbove } = next.trash;
  const isSame = waited && deletionsOf(current) === deletionsOf(next);
  const approval = `, once \`disk2iso approve\` allows it, as trash.approve_above is ${approveAbove}`;
  return [...tell(kind, 'begin', without(after, isSame ? before : none), deleted, `${approval}${clock}`), ...end];
}

/** By a clock that has leapt back nothing is deleted; by one that has leapt ahead, nothing that is new. */
function holdOf(judged: 'go' | 'settle' | 'count' | 'ask', asked: AskedDeletions | null): string {
  const clock = asked?.clock ?? 'steady';
  if (clock === 'steady' || (clock === 'ahead' && judged === 'go')) return '';
  return ', and not before the clock, which has leapt, is put right or has stood for six hours';
}

/** Deletions that a person was asked about under the file in force, and that would wait under this one too. */
export function waitingDeletions({ desired, archives }: ArchivesSide, { asked }: Seen): WaitingDeletions | null {
  if (archives === null) return null;
  const judged = judgeDeletions(desired, archives.delete.count, asked);
  return judged.kind === 'wait' ? { generation: judged.generation, ...without(archives.delete, none) } : null;
}

/** `generation`: the one to approve. */
export interface WaitingDeletions extends Named {
  readonly generation: number;
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
