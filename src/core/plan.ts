import type { Action } from './action.js';
import type { Desired } from './desired.js';
import type { DiscContent } from './disc.js';
import type { EjectPolicy, Insertion, Medium, ObservedDevice } from './drive.js';
import type { FaultRecord } from './fault.js';
import type { JobId, MediumKey } from './ids.js';
import { isActive, isFinal, type Job } from './job.js';
import type { Observed } from './observed.js';
import { createLookup, type Lookup } from './observed-lookup.js';
import type { Priority } from './rule.js';
import { fits, storageLevel } from './storage.js';
import { isWhole } from './verdict.js';

/**
 * What to do now, worked out from the file and the world alone. A pass may come at any time and for any reason:
 * what is under way is in `observed` (`running`, `busy`) and not begun again.
 */
export function plan(desired: Desired, observed: Observed): Action[] {
  const suspended = suspendedDrives(desired);
  const lookup = createLookup(observed);
  // What cannot be written down is not begun: it would be begun again and again.
  const deaf = observed.faults.some(({ subject }) => subject === 'catalog');
  return [
    ...planInterrupted(observed),
    ...planStops(observed, lookup),
    ...planStorage(desired, observed),
    ...planForgetting(desired, observed, lookup),
    ...(deaf ? [] : planMedia(observed, lookup, suspended)),
    ...(deaf ? [] : planEjects(observed, lookup, suspended)),
    ...planStarts(desired, observed, lookup, suspended),
  ];
}

function suspendedDrives(desired: Desired): (drive: string) => boolean {
  const suspended = new Set(desired.drives.filter((drive) => drive.suspend).map((drive) => drive.name));
  return (drive) => desired.suspend || suspended.has(drive);
}

const daemonDied: FaultRecord = {
  code: 'cancelled',
  message: 'The daemon ended while the job was running; the job goes on where it was.',
  retry: 'later',
};

/** Records that say "running" without a process behind them. */
function planInterrupted(observed: Observed): Action[] {
  return observed.jobs
    .filter((job) => isActive(job) && !observed.running.has(job.id))
    .map((job) => (job.state.kind === 'archiving' ? planFinish(job, observed) : interruptedBy(job)))
    .filter((action) => action !== null);
}

const interruptedBy = (job: Job): Action => ({ kind: 'interrupt', job, fault: daemonDied });

/** An image that only has to be given its name needs no disc, just a library that can be written. */
function planFinish(job: Job, observed: Observed): Action | null {
  const setback = job.state.kind === 'archiving' ? job.state.setback : null;
  if (observed.faults.length > 0 || (setback !== null && setback.retryAt > observed.now)) return null;
  return { kind: 'finish', job };
}

/** Jobs whose disc is not the one in the drive any more. A drive that cannot be looked at proves nothing. */
function planStops(observed: Observed, lookup: Lookup): Action[] {
  const actions: Action[] = [];
  for (const job of observed.jobs) {
    if (job.state.kind !== 'imaging' || !observed.running.has(job.id)) continue;
    const device = lookup.device(job.device);
    if (device === undefined || device.state === 'faulty') continue;
    if (lookup.medium(device.id, job.medium) !== undefined) continue;
    const message = `The disc left ${device.id} while it was being read; put it back in any drive to go on.`;
    actions.push({ kind: 'stop', job, fault: { code: 'medium_absent', message, retry: 'later' } });
  }
  return actions;
}

function remainingBytes(job: Job, observed: Observed): number {
  const there = Math.max(job.rescuedBytes, observed.held?.get(job.id) ?? 0);
  return Math.max(0, (job.disc.sizes.mediumBytes ?? 0) - there);
}

/** A quota, or a filesystem out of its own bookkeeping, is full while there seems to be room: tried now and then. */
const storageRestMs = 5_000;

function rests(job: Job, now: number): boolean {
  const age = now - job.updatedAt;
  return age >= 0 && age < storageRestMs;
}

function planStorage(desired: Desired, observed: Observed): Action[] {
  const { storage } = observed;
  if (storage === null) return [];
  const actions: Action[] = [];
  if (storageLevel(desired.storage, storage) === 'stop') {
    for (const job of observed.jobs) {
      if (job.state.kind === 'imaging' && observed.running.has(job.id)) {
        actions.push({ kind: 'pause', job, reason: 'storage' });
      }
    }
  }
  for (const job of observed.jobs) {
    const waits = job.state.kind === 'paused' && job.state.reason === 'storage';
    if (!waits || rests(job, observed.now)) continue;
    if (fits(desired.storage, storage, remainingBytes(job, observed))) actions.push({ kind: 'resume', job });
  }
  return actions;
}

/** A disc is forgotten once its drive was seen without it; a drive that is away or faulty has not been seen. */
function planForgetting(desired: Desired, observed: Observed, lookup: Lookup): Action[] {
  const declared = new Set(desired.drives.map((drive) => drive.name));
  const actions: Action[] = [];
  for (const insertion of observed.insertions) {
    const device = lookup.device(insertion.device);
    const drive = insertion.device.split(':')[0] ?? '';
    if (device === undefined) {
      if (!declared.has(drive)) actions.push({ kind: 'forget', insertion });
      continue;
    }
    if (device.state === 'faulty' || lookup.medium(device.id, insertion.key) !== undefined) continue;
    // It is being ejected: how that ended is about to be written down.
    if (observed.busy.has(insertion.key)) continue;
    // After our own eject the disc still lies in the open tray; whoever closes it again wants no second image.
    if (device.state === 'open' && insertion.eject.kind === 'done') continue;
    // Another disc in an optical drive may be the same one after a tray went out and in: identifying it will tell.
    if (device.kind === 'optical' && device.media.length > 0) continue;
    actions.push({ kind: 'forget', insertion });
  }
  return actions;
}

const unsupported: Readonly<Partial<Record<DiscContent, string>>> = {
  audio: 'This is an audio CD; audio is not supported yet. Nothing was read.',
  mixed: 'This CD holds audio tracks beside its data; such discs are not supported yet. Nothing was read.',
  multisession:
    'This CD was recorded in several sessions, with gaps between them that cannot be read; such discs are not supported yet. Nothing was read.',
  blank: 'This disc is blank; there is nothing to image.',
};

function planMedia(observed: Observed, lookup: Lookup, suspended: (drive: string) => boolean): Action[] {
  const actions: Action[] = [];
  const away = new Set(observed.insertions.filter((one) => isAway(one, lookup)).map(({ key }) => key));
  for (const device of observed.devices) {
    if (suspended(device.drive)) continue;
    const reading = device.media.some((medium) => observed.busy.has(medium.key));
    // By its disc as well: the drive may have got another name in the file meanwhile.
    const imaging = observed.jobs.some(
      ({ id, device: where, medium }) =>
        observed.running.has(id) && (where === device.id || device.media.some(({ key }) => key === medium)),
    );
    let free = !reading && !(device.kind === 'optical' && imaging);
    for (const medium of device.media) {
      const action = planMedium(device, medium, observed, lookup, away, free);
      if (action === null) continue;
      actions.push(action);
      if (action.kind === 'identify') free = false;
    }
  }
  return actions;
}

/** `free`: whether the device may be read from now; one medium at a time is identified. */
function planMedium(
  device: ObservedDevice,
  medium: Medium,
  observed: Observed,
  lookup: Lookup,
  away: ReadonlySet<MediumKey>,
  free: boolean,
): Action | null {
  if (!medium.settled || observed.busy.has(medium.key)) return null;
  const known = lookup.insertion(device.id, medium.key);
  if (known !== undefined && !isOpen(known, observed.now, lookup)) return null;
  const previous = known ?? (device.kind === 'optical' ? lookup.insertionIn(device.id) : undefined) ?? null;
  if (medium.fault !== null) {
    return known === undefined ? { kind: 'refuse', device, medium, previous, fault: medium.fault } : null;
  }
  const message = unsupported[medium.content];
  if (message !== undefined) {
    const fault: FaultRecord = { code: 'disc_unsupported', message, retry: 'never' };
    return known === undefined ? { kind: 'refuse', device, medium, previous, fault } : null;
  }
  if (!free) return null;
  return { kind: 'identify', device, medium, previous, away };
}

/** Its drive is gone, hangs, or shows another disc: nobody can wait for that. */
function isAway({ device: id, key }: Insertion, lookup: Lookup): boolean {
  const device = lookup.device(id);
  return device === undefined || device.state === 'faulty' || lookup.medium(id, key) === undefined;
}

/**
 * Whether an insertion still needs a decision: identification failed and is due again, or it waited for a job that has
 * ended, or whose other drive is away.
 */
function isOpen(insertion: Insertion, now: number, lookup: Lookup): boolean {
  const { outcome } = insertion;
  if (outcome.kind === 'unidentified') return outcome.retryAt !== null && outcome.retryAt <= now;
  if (outcome.kind !== 'waiting') return false;
  const job = lookup.job(outcome.jobId);
  return job === undefined || isFinal(job) || lookup.insertionsOf(job.id).every((one) => isAway(one, lookup));
}

function isDueForEject(insertion: Insertion, policy: EjectPolicy, lookup: Lookup): boolean {
  if (policy === 'never') return false;
  const { outcome } = insertion;
  switch (outcome.kind) {
    case 'duplicate':
      return true;
    case 'unsupported':
      return policy === 'always';
    case 'unidentified':
      return policy === 'always' && outcome.retryAt === null;
    case 'ignored':
    case 'waiting':
      return false;
    case 'job': {
      const job = lookup.job(outcome.jobId);
      if (job === undefined || !isFinal(job)) return false;
      return policy === 'always' || (job.state.kind === 'completed' && isWhole(job.state.verdict));
    }
  }
}

function planEjects(observed: Observed, lookup: Lookup, suspended: (drive: string) => boolean): Action[] {
  const actions: Action[] = [];
  for (const insertion of observed.insertions) {
    if (insertion.eject.kind !== 'pending' || observed.busy.has(insertion.key)) continue;
    if (!isDueForEject(insertion, insertion.eject.policy, lookup)) continue;
    const device = lookup.device(insertion.device);
    const medium = lookup.medium(insertion.device, insertion.key);
    if (device === undefined || medium === undefined || suspended(device.drive)) continue;
    actions.push({ kind: 'eject', device, medium, insertion });
  }
  return actions;
}

const rank: Readonly<Record<Priority, number>> = { high: 0, normal: 1, low: 2 };

/** Jobs that could run, most urgent first. */
export function queueOrder(jobs: readonly Job[]): Job[] {
  return jobs
    .filter((job) => job.state.kind === 'queued' || job.state.kind === 'interrupted')
    .sort((a, b) => rank[a.settings.priority] - rank[b.settings.priority] || (a.id < b.id ? -1 : 1));
}

function planStarts(
  desired: Desired,
  observed: Observed,
  lookup: Lookup,
  suspended: (drive: string) => boolean,
): Action[] {
  if (observed.faults.length > 0 || observed.storage === null) return [];
  const stopped = new Set(desired.rules.filter((rule) => rule.suspend).map((rule) => rule.name));
  const running = observed.jobs.filter((job) => observed.running.has(job.id));
  const taken = new Set<string>(running.flatMap((job) => [job.device, job.medium]));
  let reserved = running.reduce((sum, job) => sum + remainingBytes(job, observed), 0);
  const actions: Action[] = [];
  for (const job of queueOrder(observed.jobs)) {
    if (observed.running.has(job.id) || (job.rule !== null && stopped.has(job.rule))) continue;
    if (job.state.kind === 'interrupted' && job.state.setback.retryAt > observed.now) continue;
    const place = whereIs(job.id, observed, lookup);
    if (place === null || suspended(place.device.drive)) continue;
    if (taken.has(place.device.id) || taken.has(place.medium.key)) continue;
    if (!fits(desired.storage, observed.storage, reserved + remainingBytes(job, observed))) continue;
    taken.add(place.device.id).add(place.medium.key);
    reserved += remainingBytes(job, observed);
    actions.push({ kind: 'start', job, ...place });
  }
  return actions;
}

/** The drive that holds the job's disc right now. */
function whereIs(jobId: JobId, observed: Observed, lookup: Lookup): { device: ObservedDevice; medium: Medium } | null {
  for (const { device: id, key } of lookup.insertionsOf(jobId)) {
    const device = lookup.device(id);
    const medium = lookup.medium(id, key);
    if (device !== undefined && medium?.settled && !observed.busy.has(medium.key)) return { device, medium };
  }
  return null;
}
