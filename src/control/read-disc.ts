import type { Archive } from '../core/archive.js';
import type { ByteRange } from '../core/byte-range.js';
import type { Medium, ObservedDevice } from '../core/drive.js';
import { Fault } from '../core/fault.js';
import type {
  DrivePort,
  Hasher,
  HashSession,
  Library,
  RescueEnd,
  RescueMode,
  RescueProgress,
  RescueRequest,
  Rescuer,
  WorkFolder,
} from '../core/imaging-ports.js';
import type { Job } from '../core/job.js';
import type { StopSignal } from '../core/ports.js';
import { bytesWith, type RescueMap, rangesWithout, rescuedPrefix } from '../core/rescue-map.js';
import { judge, type Verdict } from '../core/verdict.js';

export interface ReadPorts {
  readonly drive: DrivePort;
  readonly rescuer: Rescuer;
  readonly hasher: Hasher;
  readonly library: Library;
}

export interface ReadTask {
  readonly job: Job;
  readonly device: ObservedDevice;
  readonly medium: Medium;
  readonly mediumBytes: number;
  /** The damaged archive that the rescue goes on from. */
  readonly continues: Archive | null;
  /** Milliseconds between checkpoints that outlive a power cut. */
  readonly checkpointMs: number;
}

export interface ReadResult {
  readonly work: WorkFolder;
  readonly verdict: Verdict;
  readonly rescuedBytes: number;
  /** Follows the image; its digests are asked for once the image has its final length. */
  readonly hashes: HashSession;
}

/** A bad sector takes a drive up to half a minute: time for twenty of them at the least. */
const giveUpSeconds = 600;

/**
 * Reads one disc into the job's work folder, from wherever an earlier try ended. First a sweep that ends at the first
 * read error, with the checksums following; only a disc with errors goes on to the slower phases.
 *
 * Returns null where it was stopped on request. Throws Fault; the work folder is kept either way.
 */
export async function readDisc(
  ports: ReadPorts,
  task: ReadTask,
  onProgress: (progress: RescueProgress) => void,
  stop: StopSignal,
): Promise<ReadResult | null> {
  const { job, medium, mediumBytes } = task;
  const { library, hasher } = ports;
  const work = await library.openWork(job);
  const resume = await library.prepareResume(work, mediumBytes, task.continues, stop);
  let map = resume.map;
  const swept = isPrefix(map);
  const hashes = hasher.follow(work.image, job.settings.checksums);
  if (!swept) hashes.hold(rescuedPrefix(map));
  try {
    const runTo = async (mode: RescueMode): Promise<boolean> => {
      const end = await runRescue(ports, task, work, mode, onProgress, stop);
      map = end.map;
      return end.kind !== 'stopped';
    };
    if (swept && rescuedPrefix(map) < mediumBytes && !(await runTo({ kind: 'sweep' }))) return await abandon(hashes);
    hashes.hold(rescuedPrefix(map));

    let protection: Protection = 'none';
    if (rescuedPrefix(map) < mediumBytes) {
      if (!(await runTo({ kind: 'copy' }))) return await abandon(hashes);
      protection = await askForProtection(ports.drive, medium, rangesWithout(map, '+', mediumBytes), stop);
      if (stop.aborted) return await abandon(hashes);
      if (protection !== 'all' && bytesWith(map, '+') === 0) {
        // No cluster could be read whole, yet single sectors may be. A dead disc is not tried for days.
        if (!(await runTo({ kind: 'rescue', retryPasses: 0, giveUpSeconds }))) return await abandon(hashes);
      }
      const retryPasses = job.settings.readAttempts - (task.continues === null ? 1 : 0);
      const isHopeful = protection !== 'all' && bytesWith(map, '+') > 0 && rescuedPrefix(map) < mediumBytes;
      if (isHopeful && !(await runTo({ kind: 'rescue', retryPasses, giveUpSeconds: null }))) {
        return await abandon(hashes);
      }
    }
    const verdict = judge(map, mediumBytes, job.disc, protection !== 'none');
    return { work, verdict, rescuedBytes: bytesWith(map, '+'), hashes };
  } catch (error) {
    await hashes.close();
    throw error;
  }
}

/** Whether copy protection refused none, some or all of what could not be read. */
type Protection = 'none' | 'some' | 'all';

/** Ranges that a drive is asked about: a protected film has few long ones, a scratched disc many short ones. */
const mostAsked = 16;

async function askForProtection(
  drive: DrivePort,
  medium: Medium,
  bad: readonly ByteRange[],
  stop: StopSignal,
): Promise<Protection> {
  const step = Math.max(1, bad.length / mostAsked);
  const asked = bad.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
  let refused = 0;
  for (const { start } of asked) {
    if (stop.aborted) break;
    if (await drive.refusesByProtection(medium, start)) refused += 1;
  }
  if (refused === 0) return 'none';
  return refused === asked.length ? 'all' : 'some';
}

async function abandon(hashes: HashSession): Promise<null> {
  await hashes.close();
  return null;
}

/** Nothing but a rescued start and an untried rest: what a sweep leaves and can go on from. */
function isPrefix(map: RescueMap): boolean {
  return map.areas.every((area, index) => area.status === '?' || (area.status === '+' && index === 0));
}

async function runRescue(
  ports: ReadPorts,
  task: ReadTask,
  work: WorkFolder,
  mode: RescueMode,
  onProgress: (progress: RescueProgress) => void,
  stop: StopSignal,
): Promise<RescueEnd> {
  const { drive, library, rescuer } = ports;
  const { device, medium, mediumBytes } = task;
  if (!(await drive.holds(device, medium))) throw discGone(device);
  await library.mark(work);
  const request: RescueRequest = {
    source: medium.path,
    image: work.image,
    map: work.map,
    mediumBytes,
    sectorSize: task.job.settings.sectorSize,
    direct: device.kind === 'optical',
    mode,
  };
  const checkpoints = checkpointEvery(library, work, task);
  let end: RescueEnd | null = null;
  let failure: Failure | null = null;
  try {
    end = await rescuer.run(request, onProgress, stop);
  } catch (error) {
    failure = { error };
  }
  const unsaved = await checkpoints.end();
  failure ??= unsaved;
  // Errors of a disc that was taken out are no damage, and what came after them may be of another disc: whatever else
  // went wrong, such a map is not kept.
  if (!(await drive.holds(device, medium))) {
    await library.revert(work);
    throw discGone(device);
  }
  if (failure !== null) throw failure.error;
  if (end === null) throw new Error('a run of ddrescue ended with neither a result nor a failure');
  return end;
}

interface Failure {
  readonly error: unknown;
}

function discGone(device: ObservedDevice): Fault {
  const message = `The disc left ${device.id} while it was being read; put it back in any drive to go on.`;
  return new Fault('medium_absent', message, { retry: 'later' });
}

/** Writes checkpoints until ended; a failed one ends them and is what end() gives. */
function checkpointEvery(library: Library, work: WorkFolder, task: ReadTask): { end(): Promise<Failure | null> } {
  let current: Promise<void> = Promise.resolve();
  let failure: Failure | null = null;
  let busy = false;
  const timer = setInterval(() => {
    if (busy || failure !== null) return;
    busy = true;
    current = library
      .checkpoint(work, task.mediumBytes)
      .catch((error: unknown) => {
        failure = { error };
      })
      .finally(() => {
        busy = false;
      });
  }, task.checkpointMs);
  return {
    async end() {
      clearInterval(timer);
      await current;
      return failure;
    },
  };
}
