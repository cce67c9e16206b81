import type { Archive } from '../core/archive.js';
import type { CatalogChange } from '../core/catalog-ports.js';
import { Fault } from '../core/fault.js';
import type { ArchiveId } from '../core/ids.js';
import type { ArchiveFiles } from '../core/imaging-ports.js';
import type { Clock, Log } from '../core/ports.js';
import type { ArchiveTurn } from './archive-turn.js';
import type { Books } from './workshop.js';

export interface ManifestPorts {
  readonly files: ArchiveFiles;
  readonly log: Log;
}

/**
 * Changes a record and then its manifest, within the archive's turn. The record decides: that the manifest is owed is
 * written down with it, and what the library refuses now, or a crash leaves undone, is made up for by `settle`.
 * Throws what Catalog.commit throws; then neither has changed.
 */
export async function amendDescribed(
  { files, log }: ManifestPorts,
  { records }: Books,
  id: ArchiveId,
  change: (archive: Archive) => CatalogChange | null,
): Promise<Archive | null> {
  const next = await records.amend(id, (archive) => {
    const wanted = change(archive);
    return wanted === null ? null : { ...wanted, undescribed: [id] };
  });
  if (next === null) return null;
  try {
    await files.describe(next);
    await records.commit({ described: [id] });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    log.warn({ archive_id: id, code: error.code }, `not in the manifest yet, which is made up for: ${error.message}`);
  }
  return next;
}

/** Writes the manifests that say something else than their record. */
export interface OwedManifests {
  /** Some of them; returns whether there may be more to do at once. */
  settle(books: Books): Promise<boolean>;
}

const atOnce = 10;
const aMinuteMs = 60_000;
const anHourMs = 60 * aMinuteMs;

export function createOwedManifests(
  ports: ManifestPorts & { readonly inTurn: ArchiveTurn; readonly clock: Clock },
): OwedManifests {
  const { files, clock, log } = ports;
  /** Those in whose place something else lies, and until when they are left alone. */
  const refused = new Map<ArchiveId, number>();
  /** While the library as a whole cannot be written. */
  let quietUntil = 0;

  async function describe({ catalog, records }: Books, id: ArchiveId): Promise<void> {
    const archive = await catalog.archive(id);
    try {
      if (archive !== null) await files.describe(archive);
    } catch (error) {
      if (archive === null || !(error instanceof Fault) || error.code !== 'not_found') throw error;
      // Image and manifest are gone, unless it is the library that is: that throws.
      await files.look(archive);
    }
    await records.commit({ described: [id] });
  }

  return {
    async settle(books) {
      const now = clock.monotonic();
      if (now < quietUntil) return false;
      for (const [id, until] of refused) if (until <= now) refused.delete(id);
      const owed = await books.catalog.duties.undescribed(atOnce + refused.size);
      const tried = owed.filter((id) => !refused.has(id)).slice(0, atOnce);
      for (const id of tried) {
        try {
          await ports.inTurn(id, () => describe(books, id));
        } catch (error) {
          if (!(error instanceof Fault)) throw error;
          log.warn({ archive_id: id, code: error.code }, `its manifest is not what it should be: ${error.message}`);
          if (error.retry === 'never') refused.set(id, now + anHourMs);
          else {
            quietUntil = now + aMinuteMs;
            return false;
          }
        }
      }
      return tried.length === atOnce;
    },
  };
}
