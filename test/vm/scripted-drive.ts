import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Guest } from './guest.js';
import { sources } from './paths.js';
import { until } from './until.js';

/** A disc described in JSON; the words are explained in README.md. Audio tracks have `seconds` or `sectors`. */
export interface DiscScript {
  readonly name: string;
  readonly media?: string;
  readonly tracks?: readonly Readonly<Record<string, unknown>>[];
  readonly faults?: readonly Readonly<Record<string, unknown>>[];
  /** Ranges of scrambled sectors; the disc says that it is CSS protected. */
  readonly css?: readonly (readonly [number, number])[];
}

/** One SCSI command that the drive was given. */
export interface ScsiCommand {
  /** Seconds since 1970, guest's clock. */
  readonly t: number;
  /** The command's name in the standard, such as READ(10). */
  readonly op: string;
  readonly cdb: string;
  /** good, or sense key, code and qualifier in hexadecimal: 03/11/00. */
  readonly status: string;
  /** Reads: first sector of 2048 bytes and how many. */
  readonly lba?: number;
  readonly count?: number;
  /** START STOP UNIT that moves the tray. */
  readonly tray?: 'load' | 'eject';
  /** PREVENT ALLOW MEDIUM REMOVAL. */
  readonly lock?: boolean;
}

export interface ScriptedDriveState {
  readonly open: boolean;
  readonly disc: string | null;
  readonly locked: boolean;
  /** A command is waiting in a slow or hanging read. */
  readonly busy: boolean;
}

/** Faults a hand or a bad drive causes, by name. */
export type Order =
  | { readonly do: 'open' | 'close' | 'remove' | 'press' | 'unplug' | 'release' | 'reset' | 'state' }
  | { readonly do: 'events'; readonly mode: 'normal' | 'none' | 'double' }
  | { readonly do: 'jam'; readonly on: boolean };

/** A disc from test/vm/discs. */
export async function readDisc(name: string): Promise<DiscScript> {
  return JSON.parse(await readFile(join(sources, 'discs', `${name}.json`), 'utf8')) as DiscScript;
}

/** An optical drive in the guest whose every answer a test controls, behind the kernel's own SCSI layer. */
export class ScriptedDrive {
  /** Block device name, sr4. */
  readonly device: string;
  readonly #guest: Guest;
  readonly #name: string;

  private constructor(guest: Guest, name: string, device: string) {
    this.#guest = guest;
    this.#name = name;
    this.device = device;
  }

  /** Makes the drive, empty, and plugs it in. */
  static async plugIn(guest: Guest, name: string): Promise<ScriptedDrive> {
    await guest.sh(`systemd-run -q --unit vm-drive-${name} vm-drive ${name}`);
    const tell = (order: unknown) => guest.sh(`vm-drive ${name} '${JSON.stringify(order)}'`);
    await until(`scripted drive ${name}`, 20_000, () => tell({ do: 'state' }));
    await tell({ do: 'plug' });
    const device = await until(`block device of ${name}`, 20_000, async () => {
      const { device } = JSON.parse(await tell({ do: 'device' })) as { device: string | null };
      return device ?? undefined;
    });
    await guest.sh('udevadm settle');
    return new ScriptedDrive(guest, name, device);
  }

  /** Puts the disc in, by description or by its name in test/vm/discs, and shuts the tray. */
  async insert(disc: DiscScript | string): Promise<void> {
    await this.#tell({ do: 'insert', disc: typeof disc === 'string' ? await readDisc(disc) : disc });
  }

  /** Lays the disc on the open tray. */
  async layOnTray(disc: DiscScript | string): Promise<void> {
    await this.#tell({ do: 'load', disc: typeof disc === 'string' ? await readDisc(disc) : disc });
  }

  /**
   * open, close, remove, press: the hand at the drive (press: the eject button; remove leaves the tray shut).
   * unplug: the cable. release: a hanging read ends now. reset: a bus reset ends whatever is being read.
   * events: media-change events told, lost, or told twice. jam: the tray no longer opens by command.
   */
  order(order: Order): Promise<ScriptedDriveState> {
    return this.#tell(order);
  }

  /** Plugs it in again after unplug. */
  async plug(): Promise<void> {
    await this.#tell({ do: 'plug' });
  }

  state(): Promise<ScriptedDriveState> {
    return this.#tell({ do: 'state' });
  }

  /** Every command since the drive was made, or since the number of commands given. */
  async log(from = 0): Promise<readonly ScsiCommand[]> {
    const text = await this.#guest.sh(`tail -n +${from + 1} /run/vm-drive/${this.#name}/log.jsonl`);
    return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as ScsiCommand);
  }

  async #tell(order: unknown): Promise<ScriptedDriveState> {
    const words = JSON.stringify(order).replaceAll("'", `'\\''`);
    const answer = JSON.parse(await this.#guest.sh(`vm-drive ${this.#name} '${words}'`)) as ScriptedDriveState & {
      error?: string;
    };
    if (answer.error) throw new Error(`scripted drive ${this.#name}: ${answer.error}`);
    return answer;
  }
}
