import type { Desired } from './desired.js';
import type { Insertion } from './drive.js';
import type { Job } from './job.js';
import { type StorageReading, storageLevel } from './storage.js';

export interface DiscWork {
  /** Whether a disc is being identified, read or ejected. */
  readonly atWork: boolean;
  readonly jobs: readonly Job[];
  readonly insertions: readonly Insertion[];
  readonly storage: StorageReading | null;
}

/** Whether work in the background would be in the way of a disc: of one being read, or one that only waits its turn. */
export function discsWait(desired: Desired, { atWork, jobs, insertions, storage }: DiscWork): boolean {
  if (atWork) return true;
  // These wait for a person or for space, which no pause of others brings.
  if (desired.suspend || storage === null || storageLevel(desired.storage, storage) === 'stop') return false;
  const inDrives = new Set(insertions.flatMap(({ outcome }) => (outcome.kind === 'job' ? [outcome.jobId] : [])));
  return jobs.some((job) => job.state.kind === 'queued' && inDrives.has(job.id));
}
