import { readFile, realpath } from 'node:fs/promises';
import { Fault } from '../core/fault.js';
import type { BoundedProcesses } from './bounded-process.js';
import { readLine } from './optical-drive-sysfs.js';
import { parseProperties } from './udev-properties.js';

/** Which drive it is, whatever name the kernel gave it this time. */
export interface DriveIdentity {
  readonly vendor: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  /** Everything by which a configuration may name it. */
  readonly ids: readonly string[];
}

const idKeys = ['ID_SERIAL', 'ID_SERIAL_SHORT', 'ID_WWN', 'ID_WWN_WITH_EXTENSION', 'ID_PATH'];
const infoMs = 10_000;

export class DriveIdentities {
  readonly #sysRoot: string;
  readonly #processes: BoundedProcesses;
  readonly #known = new Map<string, { readonly place: string; readonly identity: DriveIdentity }>();

  constructor(sysRoot: string, processes: BoundedProcesses) {
    this.#sysRoot = sysRoot;
    this.#processes = processes;
  }

  /** Asks udev's database, which does not touch the drive, and the kernel where udev knows nothing. */
  async of(name: string): Promise<DriveIdentity> {
    const folder = `${this.#sysRoot}/block/${name}/device`;
    const [vendor, model, wwid, serial, place] = await Promise.all([
      readLine(`${folder}/vendor`),
      readLine(`${folder}/model`),
      readLine(`${folder}/wwid`),
      readSerialPage(`${folder}/vpd_pg80`),
      placeOf(`${this.#sysRoot}/block/${name}`),
    ]);
    const at = [place, vendor, model, wwid, serial].join('\n');
    const known = this.#known.get(name);
    if (known?.place === at) return known.identity;
    const properties = await this.#askUdev(name);
    const told = idKeys.map((key) => properties.get(key)).filter((id) => id !== undefined);
    const made = vendor === null || model === null ? [] : [`${vendor}_${model}`.replace(/\s+/g, '_')];
    const identity: DriveIdentity = {
      vendor,
      model,
      serial: properties.get('ID_SERIAL_SHORT') ?? serial,
      ids: [...told, ...[wwid, serial].filter((id) => id !== null), ...(told.length > 0 ? [] : made)],
    };
    // while udev has not got to the drive yet, it is asked again
    if (told.length > 0) this.#known.set(name, { place: at, identity });
    return identity;
  }

  async #askUdev(name: string): Promise<ReadonlyMap<string, string>> {
    const args = ['info', '--query=property', `--name=${name}`];
    try {
      const end = await this.#processes.run(`udev ${name}`, { command: 'udevadm', args, timeoutMs: infoMs });
      return end.status === 0 ? parseProperties(end.stdout) : new Map();
    } catch (error) {
      if (error instanceof Fault) return new Map();
      throw error;
    }
  }
}

async function placeOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
    return path;
  }
}

/** SCSI vital product data, page 80h: four bytes of header, the last of which is the length. */
async function readSerialPage(path: string): Promise<string | null> {
  try {
    const page = await readFile(path);
    const text = page
      .subarray(4, 4 + (page[3] ?? 0))
      .toString('latin1')
      .replace(/[^\x20-\x7e]/g, '')
      .trim();
    return text || null;
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
    return null;
  }
}
