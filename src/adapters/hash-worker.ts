/** Runs in a worker thread: hashes one file as far as it may be read, and waits without cost for more. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { Algorithm, Checksums } from '../core/checksum.js';
import { HashControl } from './hash-control.js';

export interface HashWorkerData {
  readonly path: string;
  readonly algorithms: readonly Algorithm[];
  readonly memory: SharedArrayBuffer;
  /** Which of the session's workers this is. */
  readonly index: number;
  /** Most bytes a second to read, or null for as fast as it goes. */
  readonly bytesPerSecond: number | null;
  /** Let everything else on the machine go first. */
  readonly background: boolean;
}

export type HashWorkerReport =
  | { readonly kind: 'digests'; readonly checksums: Checksums }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** Stays within a core's own cache together with the hash's state, and is large enough that calls cost nothing. */
const bufferBytes = 256 * 1024;
/** A file that grew by less since the last look is left alone for a while, ever longer; by more, the wait gets shorter. */
const littleGrowth = 2 * 1024 * 1024;
const muchGrowth = 8 * 1024 * 1024;
const shortestWaitMs = 1;
const longestWaitMs = 250;

class ShrunkFile extends Error {}

const createHashes = (algorithms: readonly Algorithm[]) =>
  algorithms.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));

/** Returns null where it was told to stop. */
function hashFile(data: HashWorkerData, fd: number): Checksums | null {
  const control = HashControl.attach(data.memory);
  const buffer = Buffer.allocUnsafeSlow(bufferBytes);
  const startedAt = performance.now();
  let hashes = createHashes(data.algorithms);
  let position = 0;
  let readBytes = 0;
  let waitMs = shortestWaitMs;

  const readUpTo = (end: number): void => {
    while (position < end && !control.stopped()) {
      const count = readSync(fd, buffer, 0, Math.min(buffer.length, end - position), position);
      if (count === 0) throw new ShrunkFile('the file became shorter while it was read');
      const chunk = count === buffer.length ? buffer : buffer.subarray(0, count);
      for (const { hash } of hashes) hash.update(chunk);
      position += count;
      readBytes += count;
      control.setDone(data.index, position);
      if (data.bytesPerSecond !== null) {
        const aheadMs = (readBytes / data.bytesPerSecond) * 1000 - (performance.now() - startedAt);
        if (aheadMs > 0) control.waitForChange(control.ticket(), aheadMs);
      }
    }
  };

  for (;;) {
    const ticket = control.ticket();
    if (control.stopped()) return null;
    const total = control.total();
    const lowest = control.takeLowestLimit(data.index);
    const limit = control.limit();
    const size = fstatSync(fd).size;
    if (size < position) throw new ShrunkFile('the file became shorter while it was read');
    if (total !== null && size < total) {
      throw new ShrunkFile(`the file has ${size} bytes where ${total} were expected`);
    }
    if (position > lowest) {
      hashes = createHashes(data.algorithms);
      position = 0;
      control.setDone(data.index, 0);
      continue;
    }
    if (position === total) {
      return Object.fromEntries(hashes.map(({ algorithm, hash }) => [algorithm, hash.digest('hex')]));
    }
    const growth = Math.min(size, limit) - position;
    readUpTo(position + growth);
    if (growth >= littleGrowth || total !== null) {
      if (growth > muchGrowth) waitMs = Math.max(shortestWaitMs, waitMs / 2);
    } else {
      control.waitForChange(ticket, waitMs);
      waitMs = Math.min(longestWaitMs, waitMs * 2);
    }
  }
}

function report(data: HashWorkerData): HashWorkerReport | null {
  let fd: number | null = null;
  try {
    fd = openSync(data.path, 'r');
    const checksums = hashFile(data, fd);
    return checksums === null ? null : { kind: 'digests', checksums };
  } catch (error) {
    if (error instanceof ShrunkFile) return { kind: 'failed', code: 'SHRUNK', message: error.message };
    // a failed system call names itself; anything else is a bug
    if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error;
    return { kind: 'failed', code: String(error.code), message: error.message };
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** On Linux a priority is a thread's own: 0 is the calling one, so the rest of the daemon keeps its own. */
const lowest = 19;
if ((workerData as HashWorkerData).background) setPriority(0, lowest);

const result = report(workerData as HashWorkerData);
if (result !== null) parentPort?.postMessage(result);
