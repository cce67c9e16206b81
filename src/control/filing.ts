import type { Archive } from '../core/archive.js';
import type { Catalog } from '../core/catalog-ports.js';
import type { ObservedDevice } from '../core/drive.js';
import type { DomainEvent } from '../core/event.js';
import { createArchiveId } from '../core/ids.js';
import type { Library, Rescuer } from '../core/imaging-ports.js';
import type { Job } from '../core/job.js';
import type { Clock } from '../core/ports.js';
import { chooseFreePath } from './free-path.js';
import type { Records } from './records.js';

export interface FilingPorts {
  readonly library: Library;
  readonly rescuer: Rescuer;
  readonly clock: Clock;
  readonly random: () => Uint8Array;
}

/** An image that is whole, as far as it can be, and hashed. */
type Image = Pick<Archive, 'verdict' | 'sizeBytes' | 'checksums'>;

/** Makes an archive of an image: its record, its name, its files, its entry in the catalog. */
export interface Filing {
  /** Throws what Library.choosePath and commit throw; from then on the job is `archiving`, and `finish` goes on. */
  file(records: Records, catalog: Catalog, job: Job, device: ObservedDevice, image: Image): Promise<void>;
  /** Gives the files of a job that is `archiving` their names and enters the archive; may be repeated. */
  finish(records: Records, catalog: Catalog, job: Job): Promise<void>;
}

export function createFiling(ports: FilingPorts): Filing {
  const { library, clock } = ports;
  /** One image at a time is named, so that two jobs never choose the same path. */
  let naming: Promise<unknown> = Promise.resolve();

  async function describe(job: Job, device: ObservedDevice, image: Image): Promise<Archive> {
    const now = clock.now();
    return {
      id: createArchiveId(now, ports.random()),
      jobId: job.id,
      path: '',
      sizeBytes: image.sizeBytes,
      checksums: image.checksums,
      verdict: image.verdict,
      disc: job.disc,
      provenance: {
        device: device.path,
        drive: device.drive,
        vendor: device.vendor,
        model: device.model,
        serial: device.serial,
        ddrescueVersion: await ports.rescuer.version(),
        rule: job.rule,
        configGeneration: job.configGeneration,
        configHash: job.configHash,
        sourceName: job.sourceName,
        continues: job.continues,
      },
      startedAt: job.startedAt ?? job.createdAt,
      finishedAt: now,
      verification: job.settings.verify ? { kind: 'match', at: now } : null,
      supersededBy: null,
    };
  }

  /** Chooses the path, writes it down, then moves the files there. */
  function name(records: Records, catalog: Catalog, job: Job, archive: Archive): Promise<void> {
    const mine = naming.then(async () => {
      const now = clock.now();
      const choose = (taken: ReadonlySet<string>) => library.choosePath(job, archive.verdict, taken, now);
      const path = await chooseFreePath({ catalog, records }, choose);
      const archiving = await records.transition(job.id, { kind: 'archive', archive: { ...archive, path } });
      await finish(records, catalog, archiving);
    });
    naming = mine.catch(() => undefined); // The job has the error; the next one is named all the same.
    return mine;
  }

  async function finish(records: Records, catalog: Catalog, job: Job): Promise<void> {
    if (job.state.kind !== 'archiving') throw new Error(`job ${job.id} is ${job.state.kind}, not archiving`);
    const { archive } = job.state;
    const work = await library.openWork(job);
    await library.commit(work, archive);
    const { continues } = archive.provenance;
    await records.transition(job.id, { kind: 'complete', archiveId: archive.id }, async (next) => {
      const older = continues === null ? null : await catalog.archive(continues);
      return {
        archives: older === null ? [archive] : [{ ...older, supersededBy: archive.id }, archive],
        events: [completed(next, archive)],
      };
    });
    await library.discardWork(job.id);
  }

  return {
    file: async (records, catalog, job, device, image) =>
      name(records, catalog, job, await describe(job, device, image)),
    finish,
  };
}

export function completed(job: Job, archive: Archive): DomainEvent {
  return {
    type: 'job_completed',
    jobId: job.id,
    name: job.name,
    archiveId: archive.id,
    path: archive.path,
    verdict: archive.verdict,
    seconds: Math.max(0, job.updatedAt - (job.startedAt ?? job.createdAt)) / 1000,
    sizeBytes: archive.sizeBytes,
  };
}
