import type { Archive } from '../core/archive.js';
import type { CatalogChange } from '../core/catalog-ports.js';
import { Fault } from '../core/fault.js';
import type { ArchiveId } from '../core/ids.js';
import type { ArchiveFiles } from '../core/imaging-ports.js';
import type { Clock, Log } from '../core/ports.js';
import { printable } from '../core/printable.js';
import { retryDelay } from '../core/retry.js';
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
  /** Of one that could not be written for more than an hour, why. */
  trouble(): string | null;
}

interface Failing {
  readonly path: string;
  readonly message: string;
  readonly since: number;
  readonly times: number;
  /** It is left alone for so long. */
  readonly until: number;
}

const atOnce = 10;
/** So many in a row, before any could be written, and it is not theirs but the library's trouble. */
const failuresAtOnce = 3;
const aMinuteMs = 60_000;
const anHourMs = 60 * aMinuteMs;
const backoff = { firstMs: aMinuteMs, mostMs: anHourMs };

export function createOwedManifests(
  ports: ManifestPorts & { readonly inTurn: ArchiveTurn; readonly clock: Clock },
): OwedManifests {
  const { files, clock, log } = ports;
  const failing = new Map<ArchiveId, Failing>();
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

  async function note({ catalog }: Books, id: ArchiveId, { code, message, retry }: Fault, now: number): Promise<void> {
    log.warn({ archive_id: id, code }, `its manifest is not what it should be: ${message}`);
    const before = failing.get(id);
    const times = (before?.times ?? 0) + 1;
    const waitMs = code === 'no_space' ? 0 : retry === 'never' ? anHourMs : retryDelay(backoff, times);
    const path = (await catalog.archive(id))?.path ?? id;
    failing.set(id, { path, message, since: before?.since ?? now, times, until: now + waitMs });
  }

  /** Those that never failed first, so that the others are in nobody's way. */
  async function next({ catalog }: Books, now: number): Promise<ArchiveId[]> {
    const limit = atOnce + failing.size;
    const owed = await catalog.duties.undescribed(limit);
    if (owed.length < limit) {
      // written by others meanwhile
      for (const id of failing.keys()) if (!owed.includes(id)) failing.delete(id);
    }
    const again = owed.filter((id) => (failing.get(id)?.until ?? Number.POSITIVE_INFINITY) <= now);
    return [...owed.filter((id) => !failing.has(id)), ...again].slice(0, atOnce);
  }

  return {
    trouble() {
      const now = clock.monotonic();
      for (const { path, message, since } of failing.values()) {
        if (now - since > anHourMs) return `The manifest of ${printable(path, 200)} cannot be written: ${message}`;
      }
      return null;
    },
    async settle(books) {
      const now = clock.monotonic();
      if (now < quietUntil) return false;
      const tried = await next(books, now);
      let written = 0;
      for (const [index, id] of tried.entries()) {
        try {
          await ports.inTurn(id, () => describe(books, id));
          failing.delete(id);
          written += 1;
        } catch (error) {
          if (!(error instanceof Fault)) throw error;
          await note(books, id, error, now);
          if (error.code === 'no_space' || (written === 0 && index + 1 === failuresAtOnce)) {
            quietUntil = now + aMinuteMs;
            return false;
          }
        }
      }
      return tried.length === atOnce;
    },
  };
}
