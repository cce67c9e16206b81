import { type Disc, sectorBytes } from '../core/disc.js';
import type { DriveSpec, Medium, ObservedDevice } from '../core/drive.js';
import { Fault, type FaultRecord, recordFault } from '../core/fault.js';
import { deviceId, type MediumKey } from '../core/ids.js';
import type { DrivePort } from '../core/imaging-ports.js';
import type { Clock, Log, StopSignal } from '../core/ports.js';
import { BoundedLooks } from './bounded-look.js';
import { BoundedProcesses } from './bounded-process.js';
import { identifySource } from './identify-source.js';
import { type FoundDevice, isGlob, resolveDevice, resolveDevices } from './optical-drive-devices.js';
import { ejectTray } from './optical-drive-eject.js';
import { DriveIdentities } from './optical-drive-identity.js';
import { DiscMarks } from './optical-drive-mark.js';
import { OpticalProbe, type Probe } from './optical-drive-probe.js';
import { refusesForProtection } from './optical-drive-sense.js';
import { isReading, listOpticalDrives } from './optical-drive-sysfs.js';
import { trimRunOut } from './optical-drive-tail.js';
import { UdevMonitor } from './udev-monitor.js';

export interface OpticalDriveOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly sysRoot?: string;
  readonly devRoot?: string;
  readonly procRoot?: string;
  readonly runRoot?: string;
  /** udev's program that asks a drive; the others (udevadm, eject, sg_raw) are found in PATH. */
  readonly cdromId?: string;
  /** Milliseconds after which a pass does not wait for a drive any longer. */
  readonly deadlineMs?: number;
  /** Milliseconds after which a drive that has not answered counts as faulty. */
  readonly timeoutMs?: number;
}

const identifyMs = 120_000;
const protectionMs = 90_000;
/** What ddrescue reads of a drive at once. */
const clusterSectors = 32;
/** Milliseconds that a pass waits for a drive that did not answer the last time. */
const againMs = 1000;
/** A drive that spins up may not know the size yet; one that still does not after this time never will. */
const spinUpMs = 30_000;

interface Known {
  readonly probe: Probe & { readonly kind: 'loaded' };
  /** Monotonic milliseconds when this disc was first seen. */
  readonly since: number;
}

/** Real optical drives, as the kernel's sr driver shows them. */
export class OpticalDrive implements DrivePort {
  readonly kind = 'optical';
  readonly #options: Required<OpticalDriveOptions>;
  readonly #processes: BoundedProcesses;
  readonly #looks: BoundedLooks<Probe>;
  readonly #probes: OpticalProbe;
  readonly #identities: DriveIdentities;
  readonly #marks: DiscMarks;
  readonly #monitor: UdevMonitor;
  readonly #known = new Map<string, Known>();
  /** Why the last question to a drive failed, until one is answered. */
  readonly #faults = new Map<string, Fault>();
  #onHint: (() => void) | null = null;

  constructor(options: OpticalDriveOptions) {
    this.#options = {
      sysRoot: '/sys',
      devRoot: '/dev',
      procRoot: '/proc',
      runRoot: '/run',
      cdromId: '/lib/udev/cdrom_id',
      deadlineMs: 10_000,
      timeoutMs: 60_000,
      ...options,
    };
    const hint = (): void => this.#onHint?.();
    const { sysRoot, procRoot, cdromId, timeoutMs, runRoot, log } = this.#options;
    this.#processes = new BoundedProcesses(hint);
    this.#looks = new BoundedLooks(hint);
    this.#probes = new OpticalProbe({ sysRoot, procRoot, cdromId, timeoutMs }, this.#processes);
    this.#identities = new DriveIdentities(sysRoot, this.#processes);
    this.#marks = new DiscMarks(this.#processes);
    this.#monitor = new UdevMonitor({ log, onHint: hint, runRoot });
  }

  async observe(spec: DriveSpec): Promise<ObservedDevice[]> {
    const { source } = spec;
    if (source.kind !== 'optical') return [];
    if ('udevId' in source) {
      return await this.#observeAll(spec.name, false, await this.#findById(source.udevId));
    }
    if (isGlob(source.device)) {
      return await this.#observeAll(spec.name, true, await resolveDevices(source.device));
    }
    const found = await resolveDevice(source.device);
    if (found?.length === 0) return [this.#noDrive(spec.name, source.device)];
    return await this.#observeAll(spec.name, false, found ?? []);
  }

  async identify(device: ObservedDevice, medium: Medium, stop: StopSignal): Promise<Disc> {
    if (!(await this.holds(device, medium))) throw gone(device);
    const mediumBytes = medium.media === 'cd' ? await this.#findEnd(device, medium, stop) : medium.sizeBytes;
    const request = { path: medium.path, kind: 'optical', mediumBytes, timeMs: identifyMs } as const;
    const identity = await identifySource(this.#processes, request, stop);
    if (!(await this.holds(device, medium))) throw gone(device);
    return { media: medium.media, content: medium.content, ...identity };
  }

  async #findEnd(device: ObservedDevice, medium: Medium, stop: StopSignal): Promise<number | null> {
    const [found] = (await resolveDevice(device.path)) ?? [];
    if (found === undefined) throw gone(device);
    return (await trimRunOut(this.#processes, this.#options.sysRoot, found, stop)) ?? medium.sizeBytes;
  }

  async holds(device: ObservedDevice, medium: Medium): Promise<boolean> {
    const [found] = (await resolveDevice(device.path)) ?? [];
    if (found === undefined) return false;
    try {
      const probe = await this.#lookAnew(found);
      if (probe?.kind !== 'loaded' || probe.key !== medium.key) return false;
      if (!(await this.#marks.isAnother(found.path, medium.key))) return true;
      // from now on it has a name of its own
      this.#probes.countExchange(found.name);
      return false;
    } catch (error) {
      if (error instanceof Fault) return false;
      throw error;
    }
  }

  /** What could change a disc has to take it out of the reading first. */
  isRewritten(): Promise<boolean> {
    return Promise.resolve(false);
  }

  async eject(device: ObservedDevice, medium: Medium): Promise<void> {
    const [found] = (await resolveDevice(device.path)) ?? [];
    if (found === undefined) return;
    const probe = await this.#lookAnew(found);
    if (probe === null) throw slow(device.path);
    if (probe.kind !== 'loaded') return;
    if (probe.key !== medium.key) {
      throw new Fault('source_changed', `Another disc is in ${device.path}; it stays there.`, { retry: 'later' });
    }
    await ejectTray(this.#processes, this.#options.procRoot, found);
  }

  async refusesByProtection(medium: Medium, position: number): Promise<boolean> {
    const block = Math.floor(position / sectorBytes);
    const address = [24, 16, 8, 0].map((shift) => hexByte((block >>> shift) & 0xff));
    // A failed read of a whole cluster says only that something in it cannot be read: all of it is asked for again.
    const left = medium.sizeBytes === null ? 1 : Math.floor(medium.sizeBytes / sectorBytes) - block;
    const count = Math.max(1, Math.min(clusterSectors, left));
    const args = ['--readonly', '--timeout=60', `--request=${count * sectorBytes}`, medium.path];
    args.push('28', '00', ...address, '00', '00', hexByte(count), '00');
    try {
      const end = await this.#processes.run(medium.path, { command: 'sg_raw', args, timeoutMs: protectionMs });
      return end.status !== 0 && refusesForProtection(end.stderr);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#options.log.debug({ err: error, path: medium.path }, 'the drive cannot be asked about copy protection');
      return false;
    }
  }

  watch(specs: readonly DriveSpec[], onHint: () => void): void {
    this.#onHint = onHint;
    if (specs.some(({ source }) => source.kind === 'optical')) this.#monitor.start();
    else this.#monitor.close();
  }

  async close(): Promise<void> {
    this.#onHint = null;
    this.#monitor.close();
    this.#processes.close();
  }

  async #findById(id: string): Promise<FoundDevice[]> {
    const { sysRoot, devRoot } = this.#options;
    for (const name of await listOpticalDrives(sysRoot)) {
      if ((await this.#identities.of(name)).ids.includes(id)) return (await resolveDevice(`${devRoot}/${name}`)) ?? [];
    }
    return [];
  }

  async #observeAll(drive: string, many: boolean, found: readonly FoundDevice[]): Promise<ObservedDevice[]> {
    const devices = await Promise.all(
      found.map((device) => this.#observeDevice(drive, many ? `${drive}:${device.name}` : drive, device)),
    );
    return devices.filter((device) => device !== null);
  }

  async #observeDevice(drive: string, id: string, device: FoundDevice): Promise<ObservedDevice | null> {
    const { vendor, model, serial } = await this.#identities.of(device.name);
    const shape = { id: deviceId(id), drive, kind: 'optical', path: device.path, vendor, model, serial } as const;
    const last = await this.#lastKnown(device);
    const loaded = (known: Known): ObservedDevice['media'] => [this.#describe(device, known)];
    // A drive that is reading has its disc, and would answer only after its read, which can take half a minute.
    if (last !== null && (await isReading(this.#options.sysRoot, device.name))) {
      return { ...shape, state: 'loaded', media: loaded(last), fault: null };
    }
    try {
      const before = this.#faults.get(device.path);
      const deadlineMs = before === undefined ? this.#options.deadlineMs : againMs;
      const probe = await this.#looks.look(device.path, deadlineMs, () => this.#probe(device));
      if (probe === null) {
        if (last === null || before !== undefined) throw before ?? slow(device.path);
        return { ...shape, state: 'loaded', media: loaded(last), fault: null };
      }
      if (probe.kind === 'gone') return null;
      if (probe.kind === 'empty') return { ...shape, state: probe.open ? 'open' : 'empty', media: [], fault: null };
      const known = this.#known.get(device.path) ?? { probe, since: this.#options.clock.monotonic() };
      return { ...shape, state: 'loaded', media: loaded(known), fault: null };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { ...shape, state: 'faulty', media: last === null ? [] : loaded(last), fault: recordFault(error) };
    }
  }

  /** Asks the drive, and keeps what it said for as long as the kernel sees the same disc. */
  async #probe(device: FoundDevice): Promise<Probe> {
    let probe: Probe;
    try {
      probe = await this.#probes.probe(device);
    } catch (error) {
      if (error instanceof Fault) this.#faults.set(device.path, error);
      throw error;
    }
    this.#faults.delete(device.path);
    const known = this.#known.get(device.path);
    if (probe.kind !== 'loaded') {
      this.#known.delete(device.path);
      this.#marks.forget(device.path);
    } else {
      const since = known?.probe.key === probe.key ? known.since : this.#options.clock.monotonic();
      this.#known.set(device.path, { probe, since });
    }
    return probe;
  }

  async #lookAnew(device: FoundDevice): Promise<Probe | null> {
    return await this.#looks.lookAnew(device.path, this.#options.timeoutMs, () => this.#probe(device));
  }

  async #lastKnown(device: FoundDevice): Promise<Known | null> {
    const known = this.#known.get(device.path);
    if (known === undefined) return null;
    const key: MediumKey | null = await this.#probes.currentKey(device.name);
    return known.probe.key === key ? known : null;
  }

  #describe(device: FoundDevice, { probe, since }: Known): Medium {
    const { media, content } = probe.facts;
    const readable = content === 'data' || content === 'unknown';
    const spinsUp = readable && probe.sizeBytes === null && this.#options.clock.monotonic() - since < spinUpMs;
    return {
      key: probe.key,
      path: device.path,
      name: null,
      media,
      content,
      sizeBytes: probe.sizeBytes,
      settled: !spinsUp,
      fault: null,
    };
  }

  #noDrive(drive: string, path: string): ObservedDevice {
    const message = `${path} is not an optical drive; name one such as /dev/sr0 in the configuration.`;
    const fault: FaultRecord = { code: 'device_absent', message, retry: 'later' };
    const none = { vendor: null, model: null, serial: null, media: [] };
    return { ...none, id: deviceId(drive), drive, kind: 'optical', path, state: 'faulty', fault };
  }
}

const hexByte = (value: number): string => value.toString(16).padStart(2, '0');

function gone(device: ObservedDevice): Fault {
  return new Fault('medium_absent', `The disc is not in ${device.path} any more.`, { retry: 'later' });
}

function slow(path: string): Fault {
  const message = `${path} has not answered yet; if it stays so, switch the drive off and on.`;
  return new Fault('timeout', message, { retry: 'later' });
}
