import { careOf } from '../core/archive.js';
import type { Catalog } from '../core/catalog-ports.js';

/**
 * The first path that `choose` gives and no archive has. That of an image that is missing stays its own: else another
 * would be taken for it.
 *
 * @param choose gives a path that nothing lies at and that is none of `reserved`
 */
export async function chooseFreePath(
  catalog: Pick<Catalog, 'archiveByPath'>,
  reserved: ReadonlySet<string>,
  choose: (reserved: ReadonlySet<string>) => Promise<string>,
): Promise<string> {
  const taken = new Set(reserved);
  for (;;) {
    const path = await choose(taken);
    const owner = await catalog.archiveByPath(path);
    if (owner === null || careOf(owner).trashed !== null) return path;
    taken.add(path);
  }
}
