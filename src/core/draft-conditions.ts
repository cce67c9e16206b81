import type { ConditionDraft } from './condition.js';
import type { Desired } from './desired.js';
import type { DriveSpec, ObservedDevice } from './drive.js';
import type { Observed } from './observed.js';
import { storageLevel, usedPercent } from './storage.js';

/** What the station says of itself after a pass, beside the configuration and the notification targets. */
export function draftConditions(desired: Desired, observed: Observed): ConditionDraft[] {
  return [
    ...draftFaults(observed),
    draftStorage(desired, observed),
    ...draftJobs(observed),
    ...desired.drives.flatMap((spec) => draftDrive(spec, desired.suspend, observed)),
  ];
}

const ready = (subject: ConditionDraft['subject'], message: string): ConditionDraft => ({
  subject,
  type: 'Ready',
  status: true,
  reason: 'ok',
  message,
});

function draftFaults(observed: Observed): ConditionDraft[] {
  return (['catalog', 'library', 'tools'] as const).map((subject) => {
    const found = observed.faults.find((one) => one.subject === subject);
    if (found === undefined) return ready(subject, `The ${subject} can be used.`);
    return { subject, type: 'Ready', status: false, reason: found.fault.code, message: found.fault.message };
  });
}

function draftStorage(desired: Desired, observed: Observed): ConditionDraft {
  const { storage } = observed;
  if (storage === null) {
    const message = 'The filesystem of the library could not be looked at; no job starts until it can be.';
    return { subject: 'storage', type: 'Ready', status: false, reason: 'io_error', message };
  }
  const level = storageLevel(desired.storage, storage);
  const used = usedPercent(storage).toFixed(1);
  if (level === 'stop') {
    const message = `${used} % in use, stop_at is ${desired.storage.stopAt} %: jobs wait until there is space again.`;
    return { subject: 'storage', type: 'Ready', status: false, reason: 'storage_stop', message };
  }
  if (level === 'warning') {
    const message = `${used} % in use, warn_at is ${desired.storage.warnAt} %: free some space or add a disk.`;
    return { subject: 'storage', type: 'Ready', status: true, reason: 'storage_warning', message };
  }
  const waiting = observed.jobs.filter((job) => job.state.kind === 'paused' && job.state.reason === 'storage').length;
  return ready('storage', waiting === 0 ? `${used} % in use.` : `${used} % in use; ${waiting} jobs wait for space.`);
}

const patientTries = 3;

/** Jobs that are tried again and again, and get nowhere by themselves. */
function draftJobs({ jobs }: Observed): ConditionDraft[] {
  for (const { name, state, setbacks } of jobs) {
    if (state.kind === 'interrupted' && setbacks >= patientTries) {
      const message = `“${name}” was interrupted ${setbacks} times in a row and got no further: ${state.setback.fault.message}`;
      return [{ subject: 'jobs', type: 'Ready', status: false, reason: state.setback.fault.code, message }];
    }
    if (state.kind === 'archiving' && state.setback !== null) {
      const message = `“${name}” is read and waits for its name: ${state.setback.fault.message}`;
      return [{ subject: 'jobs', type: 'Ready', status: false, reason: state.setback.fault.code, message }];
    }
  }
  return [];
}

function draftDrive(spec: DriveSpec, suspended: boolean, observed: Observed): ConditionDraft[] {
  const devices = observed.devices.filter((device) => device.drive === spec.name);
  if (devices.length > 0) return devices.map((device) => draftDevice(device, spec, suspended, observed));
  const message = `No drive fits ${describeSource(spec)}; it is used as soon as it appears.`;
  return [{ subject: `drive/${spec.name}`, type: 'Ready', status: false, reason: 'device_absent', message }];
}

function describeSource(spec: DriveSpec): string {
  if (spec.source.kind === 'folder') return `folder ${spec.source.folder}`;
  return 'device' in spec.source ? `device ${spec.source.device}` : `udev_id ${spec.source.udevId}`;
}

function draftDevice(device: ObservedDevice, spec: DriveSpec, suspended: boolean, observed: Observed): ConditionDraft {
  const subject = `drive/${device.id}` as const;
  if (device.fault !== null) {
    return { subject, type: 'Ready', status: false, reason: device.fault.code, message: device.fault.message };
  }
  const stuck = observed.insertions.find((one) => one.device === device.id && one.eject.kind === 'failed');
  if (stuck?.eject.kind === 'failed') {
    return { subject, type: 'Ready', status: false, reason: 'eject_failed', message: stuck.eject.fault.message };
  }
  for (const { outcome, device: id } of observed.insertions) {
    if (id !== device.id || (outcome.kind !== 'unsupported' && outcome.kind !== 'unidentified')) continue;
    return { subject, type: 'Ready', status: false, reason: outcome.fault.code, message: outcome.fault.message };
  }
  if (spec.suspend || suspended) {
    return { subject, type: 'Ready', status: true, reason: 'suspended', message: 'Suspended: nothing new is begun.' };
  }
  return ready(subject, device.state === 'loaded' ? 'Holds a disc.' : 'Waits for a disc.');
}
