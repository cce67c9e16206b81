import type { Insertion, InsertionOutcome, Medium, ObservedDevice } from '../core/drive.js';
import { isActive, type Job } from '../core/job.js';
import type { StationView } from '../core/station-ports.js';
import type { DeviceJson, MediumJson } from './api.gen.js';
import { isoTimeOrNull } from './iso-time.js';

type OutcomeJson = NonNullable<MediumJson['outcome']>;

function outcomeJson(outcome: InsertionOutcome): OutcomeJson {
  return {
    kind: outcome.kind,
    job_id: outcome.kind === 'job' || outcome.kind === 'waiting' ? outcome.jobId : null,
    archive_id: outcome.kind === 'duplicate' ? outcome.archiveId : null,
    rule: outcome.kind === 'ignored' ? outcome.rule : null,
    error: 'fault' in outcome ? outcome.fault : null,
    retry_at: isoTimeOrNull(outcome.kind === 'unidentified' ? outcome.retryAt : null),
  };
}

function mediumJson(medium: Medium, insertion: Insertion | undefined): MediumJson {
  return {
    key: medium.key,
    name: medium.name,
    label: insertion?.disc?.label ?? null,
    media_type: medium.media,
    content: medium.content,
    size_bytes: medium.sizeBytes,
    settled: medium.settled,
    error: medium.fault,
    outcome: insertion === undefined ? null : outcomeJson(insertion.outcome),
    eject: insertion?.eject.kind ?? null,
  };
}

export function deviceJson(
  device: ObservedDevice,
  insertions: readonly Insertion[],
  openJobs: readonly Job[],
): DeviceJson {
  const own = new Map(insertions.filter((one) => one.device === device.id).map((one) => [one.key, one]));
  const media = device.media.map((medium) => mediumJson(medium, own.get(medium.key)));
  const job = openJobs.find((one) => one.device === device.id && isActive(one));
  const first = media[0];
  return {
    id: device.id,
    drive: device.drive,
    kind: device.kind,
    path: device.path,
    vendor: device.vendor,
    model: device.model,
    serial: device.serial,
    status: device.fault !== null || device.state === 'faulty' ? 'faulty' : job === undefined ? 'idle' : 'busy',
    state: device.state,
    has_media: media.length > 0,
    media_type: first?.media_type ?? null,
    media_size_bytes: first?.size_bytes ?? null,
    job_id: job?.id ?? null,
    media,
    error: device.fault,
  };
}

/** Every drive, with who reads from it. While the catalog is damaged no job is known. */
export async function devicesJson(view: StationView, catalog = view.catalog()): Promise<DeviceJson[]> {
  const openJobs = (await catalog?.openJobs()) ?? [];
  const insertions = view.insertions();
  return view.devices().map((device) => deviceJson(device, insertions, openJobs));
}
