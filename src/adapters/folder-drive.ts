import { mkdir } from 'node:fs/promises';
import type { Disc } from '../core/disc.js';
import type { DriveSpec, Medium, ObservedDevice } from '../core/drive.js';
import { Fault, type FaultRecord, recordFault } from '../core/fault.js';
import { deviceId, type MediumKey } from '../core/ids.js';
import type { DrivePort } from '../core/imaging-ports.js';
import type { Clock, Log, StopSignal } from '../core/ports.js';
import { BoundedLooks } from './bounded-look.js';
import { BoundedProcesses } from './bounded-process.js';
import { doneName, moveToDone } from './folder-drive-done.js';
import {
  type Candidate,
  fileKey,
  hasReadableName,
  listFolder,
  type RawName,
  shownName,
  statEntry,
} from './folder-drive-listing.js';
import { FolderWatch } from './folder-drive-watch.js';
import { findWritten, hasVisibleWriter, isFinished } from './folder-drive-writers.js';
import { identifySource } from './identify-source.js';

export interface FolderDriveOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds a file must stay as it is before it counts as landed. */
  readonly settleMs?: number;
  /** The same for a file whose writer cannot be seen, as another user has put it there. */
  readonly unseenSettleMs?: number;
  /** The user that the daemon runs as. */
  readonly uid?: number;
  /** Milliseconds after which a folder that does not answer is given up for this time. */
  readonly deadlineMs?: number;
  readonly procRoot?: string;
}

/** What is remembered of a file between two looks. */
interface Seen {
  readonly key: MediumKey;
  /** Monotonic milliseconds when it was first seen as it is. */
  readonly since: number;
  /** Milliseconds it has to stay so. */
  readonly settleMs: number;
  readonly settled: boolean;
}

const identifyMs = 60_000;
const longestWaitMs = 10_000;
const mostReported = 1000;

/**
 * A folder as a drive: each image file that has landed in it completely is a medium. Landed means: size, modification
 * and change time stayed as they are for the settle time, nobody is seen to have it open for writing, and no partial
 * download of that name lies beside it. Where a writer could not be seen, time has to stand in for that.
 */
export class FolderDrive implements DrivePort {
  readonly kind = 'folder';
  readonly #options: Required<FolderDriveOptions>;
  readonly #seen = new Map<string, Map<RawName, Seen>>();
  readonly #reported = new Set<string>();
  readonly #processes = new BoundedProcesses();
  readonly #looks: BoundedLooks<ObservedDevice[]>;
  #watch: FolderWatch | null = null;
  #onHint: (() => void) | null = null;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(options: FolderDriveOptions) {
    const uid = process.getuid?.() ?? 0;
    this.#options = { settleMs: 2000, unseenSettleMs: 60_000, uid, deadlineMs: 5000, procRoot: '/proc', ...options };
    this.#looks = new BoundedLooks(() => this.#onHint?.());
  }

  async observe(spec: DriveSpec): Promise<ObservedDevice[]> {
    if (spec.source.kind !== 'folder') return [];
    const { folder } = spec.source;
    const found = await this.#looks.look(folder, this.#options.deadlineMs, () => this.#look(spec.name, folder));
    if (found !== null) return found;
    const message = `${folder} does not answer; check the disk or network share it is on.`;
    return [faulty(spec.name, folder, { code: 'timeout', message, retry: 'later' })];
  }

  async identify(device: ObservedDevice, medium: Medium, stop: StopSignal): Promise<Disc> {
    if (medium.fault !== null) throw new Fault(medium.fault.code, medium.fault.message, { retry: medium.fault.retry });
    const request = { path: medium.path, kind: 'folder', mediumBytes: medium.sizeBytes, timeMs: identifyMs } as const;
    const identity = await identifySource(this.#processes, request, stop);
    if (!(await this.holds(device, medium))) throw changed(medium);
    return { media: 'image', content: 'data', ...identity };
  }

  async holds(device: ObservedDevice, medium: Medium): Promise<boolean> {
    return (await this.#find(device.path, medium)) !== null;
  }

  async isRewritten(device: ObservedDevice, medium: Medium): Promise<boolean> {
    const folder = device.path;
    const name = this.#nameOf(folder, medium);
    const stats = await statEntry(folder, name);
    return stats !== null && fileKey(folder, name, stats) !== medium.key;
  }

  async eject(device: ObservedDevice, medium: Medium): Promise<void> {
    const folder = device.path;
    const name = await this.#find(folder, medium);
    if (name === null) {
      // gone already is as good as moved; another file in its place is not ours to move
      if ((await statEntry(folder, this.#nameOf(folder, medium))) === null) return;
      throw changed(medium);
    }
    try {
      await moveToDone(folder, name);
    } catch (error) {
      if (error instanceof Fault) throw error;
      throw asFault(error, `${medium.path} cannot be moved to ${folder}/${doneName}`);
    }
  }

  refusesByProtection(): Promise<boolean> {
    return Promise.resolve(false);
  }

  watch(specs: readonly DriveSpec[], onHint: () => void): void {
    const folders = specs.flatMap(({ source }) => (source.kind === 'folder' ? [source.folder] : []));
    this.#watch?.close();
    this.#onHint = onHint;
    this.#watch = new FolderWatch(onHint, this.#options.log);
    void this.#watch.set(folders);
    for (const folder of this.#seen.keys()) if (!folders.includes(folder)) this.#seen.delete(folder);
  }

  async close(): Promise<void> {
    this.#onHint = null;
    this.#watch?.close();
    this.#watch = null;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#processes.close();
  }

  async #look(drive: string, folder: string): Promise<ObservedDevice[]> {
    try {
      const { candidates, ignored } = await this.#list(folder);
      for (const name of ignored) this.#report(folder, name, 'not an image file, ignored');
      const seen = await this.#settle(folder, candidates);
      const media = candidates.map((one) => describe(folder, one, seen.get(one.name)));
      await this.#watch?.ensure(folder);
      return [{ ...blankDevice(drive, folder), state: media.length === 0 ? 'empty' : 'loaded', media }];
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return [];
      const fault = asFault(error, `${folder} cannot be opened or created`);
      return [faulty(drive, folder, recordFault(fault))];
    }
  }

  /** The folder is made where only it is missing; where its parent is missing too, the place is not there today. */
  async #list(folder: string) {
    try {
      return await listFolder(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      await mkdir(folder);
      this.#options.log.info({ folder }, 'folder of a folder drive created');
      return await listFolder(folder);
    }
  }

  /** Brings what is remembered up to date. The processes are walked at most once, and only for files that are due. */
  async #settle(folder: string, candidates: readonly Candidate[]): Promise<Map<RawName, Seen>> {
    const { clock, procRoot } = this.#options;
    const now = clock.monotonic();
    const before = this.#seen.get(folder);
    const seen = new Map<RawName, Seen>();
    const due: Candidate[] = [];
    for (const candidate of candidates) {
      const { key } = candidate;
      const known = before?.get(candidate.name);
      const current =
        known?.key === key ? known : { key, since: now, settleMs: this.#settleMs(candidate), settled: false };
      seen.set(candidate.name, current);
      if (current.settled || now - current.since < current.settleMs) continue;
      if (candidate.partial === null) due.push(candidate);
      else this.#report(folder, candidate.name, `waits until ${shownName(candidate.partial)} is gone`);
    }
    const written = due.length === 0 ? new Set() : await findWritten(procRoot, due);
    for (const candidate of due) {
      const current = seen.get(candidate.name);
      if (current !== undefined && !written.has(candidate)) seen.set(candidate.name, { ...current, settled: true });
    }
    this.#seen.set(folder, seen);
    this.#hintWhenDue(folder, [...seen.values()], now);
    return seen;
  }

  #settleMs(candidate: Candidate): number {
    const { settleMs, unseenSettleMs, uid } = this.#options;
    return hasVisibleWriter(candidate, uid) || isFinished(candidate) ? settleMs : unseenSettleMs;
  }

  /** No event tells that a file has stayed as it is, nor that its writer has closed it. */
  #hintWhenDue(folder: string, seen: readonly Seen[], now: number): void {
    const waits = seen
      .filter((one) => !one.settled)
      .map(({ since, settleMs }) => {
        const age = now - since;
        return age < settleMs ? settleMs - age : Math.min(Math.max(settleMs, age / 2), longestWaitMs);
      });
    if (this.#onHint === null || waits.length === 0) return;
    clearTimeout(this.#timers.get(folder));
    const wait = waits.reduce((least, one) => Math.min(least, one)) + 10;
    this.#timers.set(folder, setTimeout(() => this.#onHint?.(), wait).unref());
  }

  #nameOf(folder: string, medium: Medium): RawName {
    for (const [name, seen] of this.#seen.get(folder) ?? []) if (seen.key === medium.key) return name;
    return Buffer.from(medium.path.slice(folder.length + 1)).toString('latin1');
  }

  async #find(folder: string, medium: Medium): Promise<RawName | null> {
    const name = this.#nameOf(folder, medium);
    const stats = await statEntry(folder, name);
    return stats?.isFile() && fileKey(folder, name, stats) === medium.key ? name : null;
  }

  #report(folder: string, name: RawName, what: string): void {
    if (name === doneName || this.#reported.size >= mostReported) return;
    const id = `${folder}/${name} ${what}`;
    if (this.#reported.has(id)) return;
    this.#reported.add(id);
    this.#options.log.debug({ folder, name: shownName(name) }, what);
  }
}

function blankDevice(drive: string, folder: string) {
  return {
    id: deviceId(drive),
    drive,
    kind: 'folder',
    path: folder,
    vendor: null,
    model: null,
    serial: null,
    fault: null,
  } as const;
}

function faulty(drive: string, folder: string, fault: FaultRecord): ObservedDevice {
  return { ...blankDevice(drive, folder), state: 'faulty', media: [], fault };
}

function describe(folder: string, { name, stats, key }: Candidate, seen: Seen | undefined): Medium {
  const shown = shownName(name);
  return {
    key,
    path: `${folder}/${shown}`,
    name: shown,
    media: 'image',
    content: 'data',
    sizeBytes: Number(stats.size),
    settled: seen?.settled ?? false,
    fault: whyUnsupported(name, stats.size),
  };
}

function whyUnsupported(name: RawName, size: bigint): FaultRecord | null {
  const refuse = (message: string): FaultRecord => ({ code: 'disc_unsupported', message, retry: 'never' });
  if (!hasReadableName(name)) {
    return refuse(`The name of ${JSON.stringify(shownName(name))} is not valid UTF-8; rename the file.`);
  }
  if (size === 0n) return refuse(`${JSON.stringify(shownName(name))} is empty; copy the image again or remove it.`);
  return null;
}

function changed(medium: Medium): Fault {
  const message = `${medium.path} is not the file it was; it is looked at anew.`;
  return new Fault('source_changed', message, { retry: 'later' });
}

function asFault(error: unknown, what: string): Fault {
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string') throw error;
  const options = { retry: 'later', cause: error } as const;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return new Fault('permission_denied', `${what}: the daemon's user may not; change owner or mode.`, options);
    case 'EROFS':
      return new Fault('permission_denied', `${what}: the filesystem is read-only; mount it writable.`, options);
    case 'ENOTDIR':
    case 'EEXIST':
      return new Fault('io_error', `${what}: something that is no folder is in the way; move it.`, options);
    case 'EXDEV':
      return new Fault('io_error', `${what}: it is on another filesystem; make it a plain folder.`, options);
    case 'ENOSPC':
    case 'EDQUOT':
      return new Fault('no_space', `${what}: the filesystem is full; make room.`, options);
    default:
      return new Fault('io_error', `${what} (${code}); check the disk.`, options);
  }
}
