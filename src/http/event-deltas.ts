import type { DomainEvent, StoredEvent } from '../core/event.js';
import type { ArchiveId, JobId } from '../core/ids.js';
import type { StationView } from '../core/station-ports.js';
import { archiveJson } from './archive-json.js';
import { eventJson } from './event-json.js';
import { jobJson } from './job-json.js';
import { type StreamMessage, streamMessage } from './stream-message.js';

function jobIdOf(event: DomainEvent): JobId | null {
  return 'jobId' in event ? event.jobId : null;
}

/** The archive that the event made or changed; one that a disc merely equals is as it was. */
function archiveIdOf(event: DomainEvent): ArchiveId | null {
  return 'archiveId' in event && event.type !== 'disc_duplicate' ? event.archiveId : null;
}

/** Job and archive as they are now. Absent where the catalog no longer has them, or is damaged. */
async function changedRecords(event: DomainEvent, view: StationView): Promise<StreamMessage[]> {
  const catalog = view.catalog();
  if (catalog === null) return [];
  const messages: StreamMessage[] = [];
  const jobId = jobIdOf(event);
  const job = jobId === null ? null : await catalog.job(jobId);
  if (job !== null) messages.push(streamMessage('job', await jobJson(job, view, catalog)));
  const archiveId = archiveIdOf(event);
  const archive = archiveId === null ? null : await catalog.archive(archiveId);
  if (archive !== null) messages.push(streamMessage('archive', archiveJson(archive, view)));
  return messages;
}

/**
 * What one event changes, then the event itself. Only the last message has an id, so that a client whose connection
 * breaks in the middle gets them all again.
 */
export async function eventDeltas(stored: StoredEvent, view: StationView): Promise<StreamMessage[]> {
  return [...(await changedRecords(stored.event, view)), streamMessage('event', eventJson(stored), stored.seq)];
}
