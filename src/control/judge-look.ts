import type { Archive, Verification } from '../core/archive.js';
import type { DomainEvent } from '../core/event.js';
import type { ArchiveFiles } from '../core/imaging-ports.js';

type Look = Awaited<ReturnType<ArchiveFiles['look']>>;

/** What a look without reading says of an image; null where it is there as it was made. */
export function judgeLook(archive: Archive, found: Look, at: number): Verification | null {
  if (found === 'present') return null;
  return found === 'missing'
    ? { kind: 'missing', at }
    : { kind: 'mismatch', at, algorithms: Object.keys(archive.checksums) };
}

export function verified({ id, path }: Archive, verification: Verification): DomainEvent {
  if (verification.kind === 'match') return { type: 'archive_verified', archiveId: id, path };
  return { type: 'archive_corrupt', archiveId: id, path, reason: verification.kind };
}
