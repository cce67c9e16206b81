import { careOf } from '../core/archive.js';
import type { Catalog } from '../core/catalog-ports.js';
import type { Records } from './records.js';

/** Paths promised to images that have no files there yet. */
export const reservedPaths = (records: Pick<Records, 'jobs'>): Set<string> =>
  new Set(records.jobs().flatMap(({ state }) => (state.kind === 'archiving' ? [state.archive.path] : [])));

/**
 * The first path that `choose` gives and no archive has. That of an image that is missing stays its own: else another
 * would be taken for it. So does that of one that is to come back from the trash.
 *
 * @param choose gives a path that nothing lies at and that is none of `reserved`
 */
export async function chooseFreePath(
  { catalog, records }: { readonly catalog: Pick<Catalog, 'archivesByPath'>; readonly records: Pick<Records, 'jobs'> },
  choose: (reserved: ReadonlySet<string>) => Promise<string>,
): Promise<string> {
  const taken = reservedPaths(records);
  for (;;) {
    const path = await choose(taken);
    const owners = (await catalog.archivesByPath(path)).map((owner) => careOf(owner).trashed);
    if (owners.every((trashed) => trashed !== null && trashed.restoreTo === null)) return path;
    taken.add(path);
  }
}
