import type { Archive } from '../core/archive.js';
import type { Catalog } from '../core/catalog-ports.js';
import type { DomainEvent } from '../core/event.js';
import type { Job } from '../core/job.js';

/** What an event is about, as far as the catalog still knows it. */
export interface OutboxSubject {
  readonly job: Job | null;
  readonly archive: Archive | null;
  /** Absolute path of the archive's image. */
  readonly imagePath: string | null;
}

export const unknownSubject: OutboxSubject = { job: null, archive: null, imagePath: null };

/** Throws what the catalog throws. */
export async function findOutboxSubject(
  event: DomainEvent,
  catalog: Catalog,
  imagePath: (archive: Archive) => string,
): Promise<OutboxSubject> {
  const archive = 'archiveId' in event ? await catalog.archive(event.archiveId) : null;
  const jobId = 'jobId' in event ? event.jobId : archive?.jobId;
  return {
    job: jobId === undefined ? null : await catalog.job(jobId),
    archive,
    imagePath: archive === null ? null : imagePath(archive),
  };
}
