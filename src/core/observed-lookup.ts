import type { Insertion, Medium, ObservedDevice } from './drive.js';
import type { DeviceId, JobId, MediumKey } from './ids.js';
import type { Job } from './job.js';
import type { Observed } from './observed.js';

/** Finds things of the world by their names: a folder drive may hold thousands, and each is asked about. */
export interface Lookup {
  device(id: DeviceId): ObservedDevice | undefined;
  medium(device: DeviceId, key: MediumKey): Medium | undefined;
  job(id: JobId): Job | undefined;
  insertion(device: DeviceId, key: MediumKey): Insertion | undefined;
  /** The first that is known of a device. */
  insertionIn(device: DeviceId): Insertion | undefined;
  /** Those whose disc became this job. */
  insertionsOf(job: JobId): readonly Insertion[];
}

export function createLookup(observed: Observed): Lookup {
  const devices = new Map<DeviceId, ObservedDevice>();
  const media = new Map<string, Medium>();
  const jobs = new Map<JobId, Job>();
  const insertions = new Map<string, Insertion>();
  const firstIn = new Map<DeviceId, Insertion>();
  const ofJob = new Map<JobId, Insertion[]>();
  const place = (device: DeviceId, key: MediumKey): string => `${device} ${key}`;
  const keepFirst = <Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void => {
    if (!map.has(key)) map.set(key, value);
  };
  for (const device of observed.devices) {
    if (devices.has(device.id)) continue;
    devices.set(device.id, device);
    for (const medium of device.media) keepFirst(media, place(device.id, medium.key), medium);
  }
  for (const job of observed.jobs) keepFirst(jobs, job.id, job);
  for (const insertion of observed.insertions) {
    keepFirst(insertions, place(insertion.device, insertion.key), insertion);
    keepFirst(firstIn, insertion.device, insertion);
    if (insertion.outcome.kind !== 'job') continue;
    const { jobId } = insertion.outcome;
    const some = ofJob.get(jobId);
    if (some === undefined) ofJob.set(jobId, [insertion]);
    else some.push(insertion);
  }
  return {
    device: (id) => devices.get(id),
    medium: (device, key) => media.get(place(device, key)),
    job: (id) => jobs.get(id),
    insertion: (device, key) => insertions.get(place(device, key)),
    insertionIn: (device) => firstIn.get(device),
    insertionsOf: (job) => ofJob.get(job) ?? [],
  };
}
