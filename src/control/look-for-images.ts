import { type Archive, isIntact, withVerification } from '../core/archive.js';
import type { CatalogChange } from '../core/catalog-ports.js';
import { type Fingerprint, sameDisc } from '../core/disc.js';
import { Fault } from '../core/fault.js';
import type { ArchiveId } from '../core/ids.js';
import type { ArchiveFiles } from '../core/imaging-ports.js';
import { judgeLook, verified } from './judge-look.js';

export interface FoundImages {
  /** As they are known now. */
  readonly archives: readonly Archive[];
  /** What has to be written down of those that are not there as they were made. */
  readonly change: Pick<CatalogChange, 'archives' | 'undescribed' | 'events'>;
}

/** What was found of an image, and where it was looked for. */
export interface LookedAt {
  readonly path: string;
  readonly found: Awaited<ReturnType<ArchiveFiles['look']>>;
}

/**
 * Looks whether the images of a disc are there: one that somebody has deleted is no reason to give its disc back. What
 * cannot be looked at, as the library is away, is taken to be as it is known. May take long where a library hangs.
 */
export async function lookForImages(
  look: ArchiveFiles['look'],
  archives: readonly Archive[],
  fingerprint: Fingerprint | null,
): Promise<ReadonlyMap<ArchiveId, LookedAt>> {
  const looked = new Map<ArchiveId, LookedAt>();
  for (const archive of archives) {
    if (!isIntact(archive) || !sameDisc(archive.disc.fingerprint, fingerprint)) continue;
    looked.set(archive.id, { path: archive.path, found: await look(archive).catch(unknown) });
  }
  return looked;
}

/** @param archives as they are now; what was moved since it was looked for counts as it is known */
export function judgeImages(
  archives: readonly Archive[],
  looked: ReadonlyMap<ArchiveId, LookedAt>,
  now: number,
): FoundImages {
  const known: Archive[] = [];
  const changed: Archive[] = [];
  for (const archive of archives) {
    const seen = looked.get(archive.id);
    const counts = seen?.path === archive.path && isIntact(archive);
    const verification = seen === undefined || !counts ? null : judgeLook(archive, seen.found, now);
    if (verification === null) known.push(archive);
    else changed.push(withVerification(archive, verification));
  }
  return {
    archives: [...known, ...changed],
    change: {
      archives: changed,
      undescribed: changed.flatMap(({ id, verification }) => (verification?.kind === 'missing' ? [] : [id])),
      events: changed.flatMap((one) => (one.verification === null ? [] : [verified(one, one.verification)])),
    },
  };
}

function unknown(error: unknown): 'present' {
  if (error instanceof Fault) return 'present';
  throw error;
}
