import { type Archive, isIntact } from '../core/archive.js';
import type { Catalog } from '../core/catalog-ports.js';
import { type Checksums, differingAlgorithms } from '../core/checksum.js';
import { mostShortenedBytes } from '../core/disc.js';
import type { Medium, ObservedDevice } from '../core/drive.js';
import { Fault, recordFault } from '../core/fault.js';
import { isActive, type Job, type JobProgress, keepsWork } from '../core/job.js';
import type { Log, StopSignal } from '../core/ports.js';
import { createSpeedMeter, etaSeconds } from '../core/progress.js';
import { retryDelay } from '../core/retry.js';
import type { Verdict } from '../core/verdict.js';
import { completed, createFiling, type FilingPorts } from './filing.js';
import { type ReadPorts, type ReadResult, readDisc } from './read-disc.js';
import type { Records } from './records.js';

export interface RunnerPorts extends Omit<ReadPorts, 'drive'>, FilingPorts {
  readonly drives: (kind: ObservedDevice['kind']) => ReadPorts['drive'];
  readonly log: Log;
  readonly onProgress: (progress: JobProgress) => void;
  readonly checkpointMs: number;
}

const interruptionBackoff = { firstMs: 5_000, mostMs: 10 * 60_000 };

export interface JobRunner {
  /** Takes a started job from its disc to the archive. Settles when nothing of it runs any more; never throws. */
  run(
    records: Records,
    catalog: Catalog,
    job: Job,
    device: ObservedDevice,
    medium: Medium,
    stop: StopSignal,
  ): Promise<void>;
  /** Ends a job whose image is whole and checked: gives the files their names and enters the archive. Never throws. */
  finish(records: Records, catalog: Catalog, job: Job): Promise<void>;
  /**
   * Removes the unfinished image of a job that ended without one. That of a job ended by a bug, or by its disk, is kept:
   * it may hold what a damaged disc gives only once.
   */
  tidy(records: Records, catalog: Catalog, id: Job['id']): Promise<void>;
  /** Removes what was read so far, of a job that nothing works on. */
  startOver(id: Job['id']): Promise<void>;
}

export function createJobRunner(ports: RunnerPorts): JobRunner {
  const filing = createFiling(ports);
  /** Bytes read so far by the runs under way: progress that an interruption must not make forgotten. */
  const rescued = new Map<Job['id'], number>();

  function report(job: Job, phase: JobProgress['phase'], totalBytes: number | null) {
    const meter = createSpeedMeter();
    return (doneBytes: number, badBytes: number, readErrors: number): void => {
      meter.add(ports.clock.monotonic(), doneBytes);
      const speedBps = meter.speedBps();
      const eta = etaSeconds(doneBytes, totalBytes, speedBps);
      ports.onProgress({
        jobId: job.id,
        phase,
        doneBytes,
        totalBytes,
        badBytes,
        readErrors,
        speedBps,
        etaSeconds: eta,
      });
    };
  }

  async function read(catalog: Catalog, job: Job, device: ObservedDevice, medium: Medium, stop: StopSignal) {
    const mediumBytes = sizeToRead(medium.sizeBytes, job.disc.sizes.mediumBytes);
    if (mediumBytes === null || mediumBytes <= 0) {
      throw new Fault('unreadable', `${device.id} does not say how large the disc is; it cannot be imaged.`);
    }
    const continues = job.continues === null ? null : await catalog.archive(job.continues);
    const tell = report(job, 'imaging', mediumBytes);
    const task = { job, device, medium, mediumBytes, continues, checkpointMs: ports.checkpointMs };
    const drive = ports.drives(device.kind);
    const result = await readDisc(
      { ...ports, drive },
      task,
      (now) => {
        rescued.set(job.id, now.rescuedBytes);
        tell(now.rescuedBytes, now.badBytes, now.readErrors);
      },
      stop,
    );
    rescued.delete(job.id);
    return result === null ? null : { ...result, mediumBytes, continues };
  }

  async function verify(job: Job, work: ReadResult['work'], sizeBytes: number, expected: Checksums, stop: StopSignal) {
    const tell = report(job, 'verifying', sizeBytes);
    const found = await ports.hasher.fromStorage(work.image, job.settings.checksums, (done) => tell(done, 0, 0), stop);
    const wrong = differingAlgorithms(expected, found);
    if (wrong.length > 0) {
      const message = `The image reads back differently from storage (${wrong.join(', ')}): check the disk, then insert the disc again. What was read is kept in ${work.folder} until you remove it.`;
      throw new Fault('verify_mismatch', message);
    }
  }

  async function runTo(
    records: Records,
    catalog: Catalog,
    job: Job,
    device: ObservedDevice,
    medium: Medium,
    stop: StopSignal,
  ) {
    const result = await read(catalog, job, device, medium, stop);
    if (result === null) return;
    const { work, verdict, rescuedBytes, mediumBytes, continues, hashes } = result;
    // What was held back behind a bad sector may take minutes to hash: nobody who stops the job waits for that.
    const giveUp = (): void => void hashes.close();
    stop.addEventListener('abort', giveUp);
    if (stop.aborted) giveUp();
    try {
      const hashing = await records.transition(job.id, { kind: 'image_read', verdict, rescuedBytes });
      if (verdict.kind === 'unreadable') {
        throw new Fault('unreadable', 'Not one sector could be read. Clean the disc or try another drive.');
      }
      if (continues !== null && gainedNothing(continues, verdict) && (await isStillThere(catalog, continues, stop))) {
        await records.transition(job.id, { kind: 'complete', archiveId: continues.id }, (next) => ({
          events: [completed(next, continues)],
        }));
        await ports.library.discardWork(job.id);
        return;
      }
      const sizeBytes = await ports.library.setLength(work, verdict, mediumBytes);
      const checksums = await hashes.finish(sizeBytes);
      if (job.settings.verify) {
        await records.transition(job.id, { kind: 'hashed', checksums });
        await verify(hashing, work, sizeBytes, checksums, stop);
        if (stop.aborted) return;
      }
      if (await ports.drives(device.kind).isRewritten(device, medium)) {
        throw new Fault('source_changed', `${medium.path} was written to after it had been read; it is read anew.`);
      }
      await filing.file(records, catalog, hashing, device, { verdict, sizeBytes, checksums });
    } finally {
      stop.removeEventListener('abort', giveUp);
      await hashes.close();
    }
  }

  /** What is to be kept instead of what was just read must be there, as it was written. */
  async function isStillThere(catalog: Catalog, { id }: Archive, stop: StopSignal): Promise<boolean> {
    const archive = await catalog.archive(id);
    const [algorithm] = Object.keys(archive?.checksums ?? {}) as (keyof Checksums)[];
    if (archive === null || algorithm === undefined || !isIntact(archive)) return false;
    try {
      const path = ports.library.imagePath(archive);
      const found = await ports.hasher.fromStorage(path, [algorithm], () => undefined, stop);
      return found[algorithm] === archive.checksums[algorithm];
    } catch (error) {
      if (error instanceof Fault && !stop.aborted) return false;
      throw error;
    }
  }

  /** Turns whatever ended a run into the job's next state. */
  async function settle(records: Records, id: Job['id'], error: unknown): Promise<void> {
    const job = records.job(id);
    if (job === null || !isActive(job)) return;
    const rescuedBytes = rescued.get(id) ?? null;
    rescued.delete(id);
    const fault =
      error instanceof Fault ? error : new Fault('internal', 'A fault in disk2iso itself ended this job; see the log.');
    if (fault.code === 'internal') ports.log.error({ err: error, job_id: id }, 'job ended by a bug');
    if (fault.code === 'no_space' && job.state.kind !== 'archiving') {
      await records.transition(id, { kind: 'pause', reason: 'storage', rescuedBytes });
    } else if (fault.retry === 'later' || fault.code === 'no_space') {
      const setbacks = (rescuedBytes ?? 0) > job.rescuedBytes ? 0 : job.setbacks;
      const retryAt = ports.clock.now() + retryDelay(interruptionBackoff, setbacks + 1);
      await records.transition(id, { kind: 'interrupt', fault: recordFault(fault), retryAt, rescuedBytes });
    } else {
      await records.transition(id, { kind: 'fail', fault: recordFault(fault) }, () => ({
        events: [{ type: 'job_failed', jobId: id, name: job.name, fault: recordFault(fault) }],
      }));
    }
  }

  async function guarded(
    records: Records,
    id: Job['id'],
    stop: StopSignal | null,
    task: () => Promise<void>,
  ): Promise<void> {
    try {
      await task();
    } catch (error) {
      // Whoever asked it to stop has written down why; what broke while stopping is no news.
      if (stop?.aborted && error instanceof Fault) {
        ports.log.warn({ job_id: id, code: error.code }, error.message);
        return;
      }
      try {
        await settle(records, id, error);
      } catch (second) {
        ports.log.error(
          { err: second, job_id: id },
          'the end of a job could not be written down; it is taken up again',
        );
      }
    }
  }

  return {
    run: (records, catalog, job, device, medium, stop) =>
      guarded(records, job.id, stop, () => runTo(records, catalog, job, device, medium, stop)),
    async tidy(records, catalog, id) {
      // One whose disc has left as well is no longer in memory.
      const state = (records.job(id) ?? (await catalog.job(id)))?.state;
      const kept = state?.kind === 'failed' && keepsWork(state.fault);
      if ((state?.kind === 'failed' || state?.kind === 'cancelled') && !kept) await ports.library.discardWork(id);
    },
    startOver: (id) => ports.library.discardWork(id),
    finish: (records, catalog, job) => guarded(records, job.id, null, () => filing.finish(records, catalog, job)),
  };
}

/** Its size is what it was when it was identified. Throws Fault source_changed where the disc has become much shorter: what it lacks would be missing unseen. */
function sizeToRead(now: number | null, identified: number | null): number | null {
  if (now === null || identified === null) return now ?? identified;
  if (identified - now > mostShortenedBytes) {
    const message = `The drive says that the disc has ${now} bytes, where it had ${identified}: try another drive, or cancel the job and insert the disc again.`;
    throw new Fault('source_changed', message, { retry: 'later' });
  }
  return Math.max(now, identified);
}

function gainedNothing(before: Archive, verdict: Verdict): boolean {
  return 'badBytes' in before.verdict && 'badBytes' in verdict && verdict.badBytes >= before.verdict.badBytes;
}
