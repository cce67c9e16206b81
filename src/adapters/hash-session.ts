import { Worker } from 'node:worker_threads';
import type { Algorithm, Checksums } from '../core/checksum.js';
import { Fault } from '../core/fault.js';
import type { HashSession } from '../core/imaging-ports.js';
import { HashControl } from './hash-control.js';
import type { HashWorkerData, HashWorkerReport } from './hash-worker.js';

const workerFile = new URL('./hash-worker.js', import.meta.url);
/** The heap of a worker is nearly empty: its buffer and the hash state live outside of it. */
const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };

/** By these a disk or its filesystem says that what is stored there is lost. */
const mediumErrors = ['EIO', 'EBADMSG', 'EUCLEAN', 'ENODATA', 'EILSEQ'];

export function faultOf(path: string, failure: { readonly code: string; readonly message: string }): Fault {
  if (failure.code === 'ENOENT') {
    return new Fault('not_found', `The image ${path} is not there any more; look for what removed it.`);
  }
  return new Fault(
    mediumErrors.includes(failure.code) ? 'read_error' : 'io_error',
    `The image ${path} could not be read for its checksums (${failure.message}); check the disk it is stored on.`,
    { retry: 'later' },
  );
}

/** One worker thread; resolves with its digests, with null where it was stopped before. */
function runWorker(data: HashWorkerData): { readonly worker: Worker; readonly digests: Promise<Checksums | null> } {
  const worker = new Worker(workerFile, { workerData: data, resourceLimits, execArgv: [], name: 'hash' });
  const digests = new Promise<Checksums | null>((resolve, reject) => {
    worker.once('message', (report: HashWorkerReport) => {
      if (report.kind === 'digests') resolve(report.checksums);
      else reject(faultOf(data.path, report));
    });
    worker.once('error', reject);
    worker.once('exit', () => resolve(null));
  });
  return { worker, digests };
}

/**
 * Hashes one file in worker threads, one group of algorithms each. `start` makes them begin; a hold set before is
 * in force by then.
 */
export class FileHashSession implements HashSession {
  readonly #control: HashControl;
  readonly #data: readonly HashWorkerData[];
  #running: ReturnType<typeof runWorker>[] | null = null;
  #closed = false;

  constructor(
    path: string,
    groups: readonly (readonly Algorithm[])[],
    bytesPerSecond: number | null,
    options: { readonly background?: boolean } = {},
  ) {
    this.#control = HashControl.create(groups.length);
    const { memory } = this.#control;
    this.#data = groups.map((algorithms, index) => ({
      path,
      algorithms,
      memory,
      index,
      bytesPerSecond,
      background: options.background ?? false,
    }));
  }

  start(): void {
    if (this.#closed || this.#running !== null) return;
    this.#running = this.#data.map(runWorker);
    // a failure is told by finish(); until somebody asks it is not unhandled
    for (const { digests } of this.#running) digests.catch(() => undefined);
  }

  hold(bytes: number): void {
    this.#control.setHold(bytes);
  }

  doneBytes(): number {
    return this.#control.leastDone();
  }

  async finish(totalBytes: number): Promise<Checksums> {
    this.#control.setTotal(totalBytes);
    this.start();
    const parts = await Promise.all((this.#running ?? []).map(({ digests }) => digests));
    if (this.#closed || parts.includes(null)) {
      throw new Fault('cancelled', 'The checksums were given up before they were ready.', { retry: 'later' });
    }
    return Object.assign({}, ...parts) as Checksums;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#control.stop();
    await Promise.all((this.#running ?? []).map(({ worker }) => worker.terminate()));
  }
}
