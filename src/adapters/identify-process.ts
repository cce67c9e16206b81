/**
 * A process of its own, so that a drive that hangs inside the kernel takes this process with it and not the daemon.
 * Started as `node identify-process.js REQUEST`; writes one line of JSON.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { sectorBytes } from '../core/disc.js';
import { Fault, type FaultRecord, recordFault } from '../core/fault.js';
import { identifyVolume, type VolumeIdentity } from './volume-identity.js';
import type { ReadSector } from './volume-sectors.js';

export interface IdentifyRequest {
  readonly path: string;
  readonly kind: 'optical' | 'folder';
  /** READ CAPACITY as the kernel has it; a file's size is asked for here. */
  readonly mediumBytes: number | null;
  /** Milliseconds after which what was not read counts as unreadable. */
  readonly timeMs: number;
}

export type IdentifyAnswer =
  | { readonly identity: VolumeIdentity; readonly fault: null }
  | { readonly identity: null; readonly fault: FaultRecord };

const noMedium = 123;
const quickMs = 500;
const betweenMs = 300;

function asFault(error: unknown, path: string): Fault | null {
  const { code, errno } = error as NodeJS.ErrnoException;
  const later = { retry: 'later', cause: error } as const;
  if (errno === -noMedium || code === 'ENXIO' || code === 'ENODEV') {
    return new Fault('medium_absent', `There is no disc in ${path} any more.`, later);
  }
  switch (code) {
    case 'ENOENT':
      return new Fault('medium_absent', `${path} is gone.`, later);
    case 'ELOOP':
      return new Fault('source_changed', `${path} has become a symbolic link; links are not followed.`, later);
    case 'EACCES':
    case 'EPERM':
      return new Fault('permission_denied', `${path} may not be read; let the daemon's user read it.`, later);
    case 'EBUSY':
      return new Fault('device_busy', `${path} is in use by another program.`, later);
    case 'EIO':
      return new Fault('read_error', `${path} cannot be opened; clean the disc or try another drive.`, later);
    default:
      return null;
  }
}

/** A plain blocking open of a drive closes its tray: O_NONBLOCK always. */
function openSource({ path, kind }: IdentifyRequest): number {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  return openSync(path, O_RDONLY | O_NONBLOCK | (kind === 'folder' ? O_NOFOLLOW : 0));
}

/** Shorter at the end of the medium. Throws as readSync does. */
function readWhole(descriptor: number, sector: number): Uint8Array {
  const buffer = Buffer.alloc(sectorBytes);
  let length = 0;
  while (length < sectorBytes) {
    const count = readSync(descriptor, buffer, length, sectorBytes - length, sector * sectorBytes + length);
    if (count === 0) break;
    length += count;
  }
  return buffer.subarray(0, length);
}

/**
 * The first read after a tray has closed may fail at once, as the drive still has to tell that its disc is new
 * (seen on Linux 6.12): until one read has succeeded, quick failures are tried again.
 */
function sectorReader(descriptor: number, path: string): ReadSector {
  let retriesLeft = 3;
  return (sector) => {
    for (;;) {
      const started = performance.now();
      try {
        const data = readWhole(descriptor, sector);
        retriesLeft = 0;
        return data;
      } catch (error) {
        const fault = asFault(error, path);
        if (fault?.code === 'medium_absent') throw fault;
        if (retriesLeft === 0 || performance.now() - started > quickMs) return null;
        retriesLeft -= 1;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, betweenMs);
      }
    }
  };
}

const rawSync = Buffer.from([0, ...Array(10).fill(255), 0]);

/** Each sector of a raw CD image begins with this mark; an image in sectors of 2048 bytes never does. */
function refuseRawImage(read: ReadSector, { path }: IdentifyRequest): void {
  const first = read(0);
  if (first === null || first.length < rawSync.length || Buffer.compare(first.subarray(0, 12), rawSync) !== 0) return;
  const message = `${path} holds raw sectors of 2352 bytes; convert it (bchunk, for example) and put the .iso here.`;
  throw new Fault('disc_unsupported', message);
}

function identify(request: IdentifyRequest): VolumeIdentity {
  const descriptor = openSource(request);
  try {
    const file = fstatSync(descriptor);
    if (request.kind === 'folder' && !file.isFile()) {
      throw new Fault('source_changed', `${request.path} is not a regular file any more.`, { retry: 'later' });
    }
    const until = performance.now() + request.timeMs;
    const read = sectorReader(descriptor, request.path);
    if (request.kind === 'folder') refuseRawImage(read, request);
    const bytes = request.kind === 'folder' ? file.size : request.mediumBytes;
    return identifyVolume(read, { bytes, exact: request.kind === 'folder' }, () => performance.now() > until);
  } finally {
    closeSync(descriptor);
  }
}

function answer(request: IdentifyRequest): IdentifyAnswer {
  try {
    return { identity: identify(request), fault: null };
  } catch (error) {
    const fault = error instanceof Fault ? error : asFault(error, request.path);
    if (fault === null) throw error;
    return { identity: null, fault: recordFault(fault) };
  }
}

process.stdout.write(`${JSON.stringify(answer(JSON.parse(process.argv[2] ?? '') as IdentifyRequest))}\n`);
