import type { ArchiveId } from '../core/ids.js';

/**
 * Runs `task` after every earlier one for the same archive, whatever became of those; other archives do not wait.
 * Whoever changes an archive's record and its files does both within one turn, from the record as it is then: so the
 * manifest says what the record says, whoever came last. A turn is not taken within a turn.
 */
export type ArchiveTurn = <Result>(id: ArchiveId, task: () => Promise<Result>) => Promise<Result>;

export function createArchiveTurn(): ArchiveTurn {
  const last = new Map<ArchiveId, Promise<unknown>>();
  return (id, task) => {
    const mine = (last.get(id) ?? Promise.resolve()).then(task, task);
    last.set(id, mine);
    const leave = (): void => {
      if (last.get(id) === mine) last.delete(id);
    };
    void mine.then(leave, leave);
    return mine;
  };
}
