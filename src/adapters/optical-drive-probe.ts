import { sectorBytes } from '../core/disc.js';
import { Fault } from '../core/fault.js';
import { type MediumKey, mediumKey } from '../core/ids.js';
import type { BoundedProcesses } from './bounded-process.js';
import type { FoundDevice } from './optical-drive-devices.js';
import { type MediumFacts, parseMedium } from './optical-drive-media.js';
import { tellsOfOpenTray } from './optical-drive-sense.js';
import { type DiscState, readDiscState, readLine } from './optical-drive-sysfs.js';
import { type Properties, parseProperties } from './udev-properties.js';

export interface ProbeOptions {
  readonly sysRoot: string;
  readonly procRoot: string;
  readonly cdromId: string;
  /** Milliseconds after which a program that asks the drive is killed. */
  readonly timeoutMs: number;
}

export type Probe =
  | { readonly kind: 'gone' }
  | { readonly kind: 'empty'; readonly open: boolean }
  | {
      readonly kind: 'loaded';
      readonly key: MediumKey;
      readonly facts: MediumFacts;
      readonly sizeBytes: number | null;
    };

/**
 * Asks drives what is in them. cdrom_id (Debian: udev) opens without closing a tray, makes the kernel look for a new
 * disc even where nothing else does, and needs no udevd.
 */
export class OpticalProbe {
  readonly #options: ProbeOptions;
  readonly #processes: BoundedProcesses;
  /**
   * Part of each key: what happened to a drive while no daemon watched it cannot be known, as not every exchange reaches
   * the kernel's count. So each daemon identifies anew what is in the drives, and goes on unless it is another disc.
   */
  readonly #session = `${process.pid.toString(36)}${Date.now().toString(36)}`;
  /** For kernels that do not count discs: what was seen last, and a count of our own. */
  readonly #counted = new Map<string, { readonly sizeBytes: number | null; readonly count: number }>();
  /** How often a disc was exchanged without the kernel's knowledge. */
  readonly #exchanged = new Map<string, number>();

  constructor(options: ProbeOptions, processes: BoundedProcesses) {
    this.#options = options;
    this.#processes = processes;
  }

  /** Throws Fault timeout where the drive does not answer. */
  async probe(device: FoundDevice): Promise<Probe> {
    const { sysRoot } = this.#options;
    if ((await readDiscState(sysRoot, device.name)) === null) return { kind: 'gone' };
    const properties = await this.#askDrive(device);
    // only now: asking the drive is what brings the kernel's own notes up to date
    const state = await readDiscState(sysRoot, device.name);
    if (state === null) return { kind: 'gone' };
    const facts = properties === null ? unknownMedium(state) : parseMedium(properties);
    const key = await this.#keyOf(device.name, state, facts !== null);
    if (facts === null) return { kind: 'empty', open: await this.#isOpen(device) };
    return { kind: 'loaded', key, facts, sizeBytes: state.sizeBytes };
  }

  /** Names the insertion from what the kernel noted down, without asking the drive; null where it cannot. */
  async currentKey(name: string): Promise<MediumKey | null> {
    const state = await readDiscState(this.#options.sysRoot, name);
    return state === null || state.sequence === null ? null : await this.#keyOf(name, state, true);
  }

  /** The disc in this drive is another than the kernel believes: it gets another name from now on. */
  countExchange(name: string): void {
    this.#exchanged.set(name, (this.#exchanged.get(name) ?? 0) + 1);
  }

  /** Null where no one can tell. */
  async #askDrive({ name, path }: FoundDevice): Promise<Properties | null> {
    const { cdromId, timeoutMs } = this.#options;
    const answers = [
      () => this.#processes.run(path, { command: cdromId, args: [path], timeoutMs }),
      () => this.#processes.run(path, { command: 'udevadm', args: ['info', '-q', 'property', '-n', name], timeoutMs }),
    ];
    for (const ask of answers) {
      try {
        const end = await ask();
        const properties = parseProperties(end.stdout);
        if (end.status === 0 && properties.has('ID_CDROM')) return properties;
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'tool_missing') throw error;
      }
    }
    return null;
  }

  async #keyOf(name: string, state: DiscState, loaded: boolean): Promise<MediumKey> {
    const boot = (await readLine(`${this.#options.procRoot}/sys/kernel/random/boot_id`)) ?? this.#session;
    const exchanged = this.#exchanged.get(name);
    const suffix = exchanged === undefined ? '' : `.x${exchanged}`;
    if (state.sequence !== null) return mediumKey(`disc:${boot}:${name}:${state.sequence}${suffix}@${this.#session}`);
    const sizeBytes = loaded ? (state.sizeBytes ?? 0) : null;
    const last = this.#counted.get(name) ?? { sizeBytes: null, count: 0 };
    const count = last.count + (isSameSize(last.sizeBytes, sizeBytes) ? 0 : 1);
    this.#counted.set(name, { sizeBytes, count });
    return mediumKey(`disc:${boot}:${name}:${this.#session}.${count}${suffix}`);
  }

  /** TEST UNIT READY tells an open tray from an empty one, on drives that do; it needs sg_raw. */
  async #isOpen({ path }: FoundDevice): Promise<boolean> {
    const { timeoutMs } = this.#options;
    const args = ['--readonly', '--timeout=10', path, '00', '00', '00', '00', '00', '00'];
    try {
      const end = await this.#processes.run(path, { command: 'sg_raw', args, timeoutMs });
      return tellsOfOpenTray(end.stderr);
    } catch (error) {
      if (error instanceof Fault && error.code === 'tool_missing') return false;
      throw error;
    }
  }
}

/** The kernel shortens a disc by the unreadable run-out it meets. */
function isSameSize(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a === b;
  return Math.abs(a - b) <= 150 * sectorBytes;
}

/** With nobody to ask, a size is all there is to go by; reading will tell. */
function unknownMedium(state: DiscState): MediumFacts | null {
  return state.sizeBytes === null ? null : { media: 'unknown', content: 'unknown' };
}
