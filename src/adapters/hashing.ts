import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Algorithm, Checksums } from '../core/checksum.js';
import { Fault } from '../core/fault.js';
import type { Hasher, ReadingPace } from '../core/imaging-ports.js';
import type { StopSignal } from '../core/ports.js';
import { planHashing } from './hash-plan.js';
import { FileHashSession } from './hash-session.js';
import { dropCachedPages } from './hash-storage.js';

export interface HashingOptions {
  /** Most threads for one file; the processors at hand where it is not given. */
  readonly workers?: number;
  /** Most bytes a second each thread reads, for work in the background; unlimited where it is not given. */
  readonly bytesPerSecond?: number;
}

/** Milliseconds between two calls of `onProgress`. */
const progressIntervalMs = 500;

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
    if (missing) throw new Fault('not_found', `There is no image ${path}; look for what removed it.`);
    throw new Fault('io_error', `The image ${path} cannot be read: ${String(error)}; check its disk.`, {
      retry: 'later',
      cause: error,
    });
  }
}

/** Hashes in worker threads, so that neither the event loop nor Node's file threads are held up. */
export function createHasher(options: HashingOptions = {}): Hasher {
  const workers = options.workers ?? availableParallelism();
  const createSession = (path: string, algorithms: readonly Algorithm[]) =>
    new FileHashSession(path, planHashing(algorithms, workers), options.bytesPerSecond ?? null);

  async function fromStorage(
    path: string,
    algorithms: readonly Algorithm[],
    onProgress: (doneBytes: number) => void,
    stop: StopSignal,
    pace?: ReadingPace,
  ): Promise<Checksums> {
    const totalBytes = await sizeOf(path);
    const session =
      pace === undefined
        ? createSession(path, algorithms)
        : new FileHashSession(path, planHashing(algorithms, 1), pace.bytesPerSecond, { background: true });
    const abort = new AbortController();
    const onAbort = (): void => {
      abort.abort();
      void session.close();
    };
    stop.addEventListener('abort', onAbort);
    if (stop.aborted) onAbort();
    const timer = setInterval(() => onProgress(session.doneBytes()), progressIntervalMs);
    try {
      await dropCachedPages(path, abort.signal);
      return await session.finish(totalBytes);
    } finally {
      clearInterval(timer);
      stop.removeEventListener('abort', onAbort);
      await session.close();
    }
  }

  return {
    follow(path, algorithms) {
      const session = createSession(path, algorithms);
      queueMicrotask(() => session.start());
      return session;
    },
    fromStorage,
  };
}
