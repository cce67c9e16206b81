import type { Desired } from '../core/desired.js';
import type { ObservedDevice } from '../core/drive.js';
import { Fault, recordFault } from '../core/fault.js';
import type { JobId, MediumKey } from '../core/ids.js';
import type { DrivePort, Library, Rescuer } from '../core/imaging-ports.js';
import { isFinal, type Job, type JobProgress } from '../core/job.js';
import type { Observed, ObservedFault } from '../core/observed.js';
import type { Clock } from '../core/ports.js';
import type { StorageReading } from '../core/storage.js';
import type { Records } from './records.js';

export interface ObservePorts {
  readonly drives: (kind: ObservedDevice['kind']) => DrivePort;
  readonly library: Library;
  readonly rescuer: Rescuer;
  readonly clock: Clock;
}

/** What only the station itself knows: who is at work on what. */
export interface InHand {
  readonly running: ReadonlySet<JobId>;
  readonly busy: ReadonlySet<MediumKey>;
  readonly progress: ReadonlyMap<JobId, JobProgress>;
  /** Why the catalog cannot be used, where it cannot. */
  readonly catalogFault: Fault | null;
}

/** Looks at the world. A part that cannot be looked at is a fault in the result, never an exception. */
export async function observe(
  ports: ObservePorts,
  desired: Desired,
  records: Records | null,
  inHand: InHand,
): Promise<Observed> {
  const [devices, storage, ...checks] = await Promise.all([
    Promise.all(desired.drives.map((spec) => ports.drives(spec.source.kind).observe(spec))),
    readStorage(ports.library),
    check('library', ports.library.check()),
    check('tools', ports.rescuer.version()),
  ]);
  const faults = checks.filter((fault) => fault !== null);
  if (inHand.catalogFault !== null) faults.push({ subject: 'catalog', fault: recordFault(inHand.catalogFault) });
  const jobs = (records?.jobs() ?? []).map((job) => {
    const live = inHand.progress.get(job.id);
    return live?.phase === 'imaging' ? { ...job, rescuedBytes: Math.max(job.rescuedBytes, live.doneBytes) } : job;
  });
  const held = await readHeld(ports.library, jobs);
  return {
    now: ports.clock.now(),
    devices: devices.flat(),
    insertions: records?.insertions() ?? [],
    jobs,
    running: new Set(inHand.running),
    busy: new Set(inHand.busy),
    storage,
    held,
    faults,
  };
}

/** What a killed daemon or a failed run had got is in no record, yet it takes no more room a second time. */
async function readHeld(library: Library, jobs: readonly Job[]): Promise<Map<JobId, number>> {
  const begun = jobs.filter((job) => job.startedAt !== null && !isFinal(job));
  const held = new Map<JobId, number>();
  for (const { id } of begun) {
    try {
      held.set(id, await library.heldBytes(id));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
  }
  return held;
}

async function readStorage(library: Library): Promise<StorageReading | null> {
  try {
    return await library.storage();
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}

async function check(subject: ObservedFault['subject'], looking: Promise<unknown>): Promise<ObservedFault | null> {
  try {
    await looking;
    return null;
  } catch (error) {
    if (error instanceof Fault) return { subject, fault: recordFault(error) };
    throw error;
  }
}
