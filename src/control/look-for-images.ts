import { type Archive, isIntact, withVerification } from '../core/archive.js';
import type { CatalogChange } from '../core/catalog-ports.js';
import { type Fingerprint, sameDisc } from '../core/disc.js';
import { Fault } from '../core/fault.js';
import type { ArchiveFiles } from '../core/imaging-ports.js';
import { judgeLook, verified } from './judge-look.js';

export interface FoundImages {
  /** As they are known now. */
  readonly archives: readonly Archive[];
  /** What has to be written down of those that are not there as they were made. */
  readonly change: Pick<CatalogChange, 'archives' | 'undescribed' | 'events'>;
}

/**
 * Looks whether the images of a disc are there: one that somebody has deleted is no reason to give its disc back. What
 * cannot be looked at, as the library is away, stays as it is known.
 */
export async function lookForImages(
  look: ArchiveFiles['look'],
  archives: readonly Archive[],
  fingerprint: Fingerprint | null,
  now: number,
): Promise<FoundImages> {
  const known: Archive[] = [];
  const changed: Archive[] = [];
  for (const archive of archives) {
    const asked = isIntact(archive) && sameDisc(archive.disc.fingerprint, fingerprint);
    const found = asked ? await look(archive).catch(unknown) : 'present';
    const verification = judgeLook(archive, found, now);
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
