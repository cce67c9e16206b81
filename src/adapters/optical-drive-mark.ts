import { Fault } from '../core/fault.js';
import type { MediumKey } from '../core/ids.js';
import type { BoundedProcesses } from './bounded-process.js';

/** Volume descriptors of ISO 9660, which bear the volume's date to the hundredth of a second, and the anchor of UDF. */
const places = ['00 00 00 10', '00 00 01 00'];
const sectors = 16;
const readMs = 60_000;

type Marks = readonly (string | null)[];

/**
 * Tells discs apart where neither the drive nor the kernel says that they were exchanged: behind a bridge that keeps
 * events and unit attentions to itself nothing changes but the disc. Asks the drive itself, past every cache.
 */
export class DiscMarks {
  readonly #processes: BoundedProcesses;
  readonly #seen = new Map<string, { readonly key: MediumKey; readonly marks: Marks }>();

  constructor(processes: BoundedProcesses) {
    this.#processes = processes;
  }

  /** Whether the disc at this path is certainly not the one that was first asked about under this key. */
  async isAnother(path: string, key: MediumKey): Promise<boolean> {
    const last = this.#seen.get(path);
    if (last?.key !== key) {
      const marks: (string | null)[] = [];
      for (const place of places) marks.push(await this.#read(path, place));
      this.#seen.set(path, { key, marks });
      return false;
    }
    for (const [index, place] of places.entries()) {
      const before = last.marks[index] ?? null;
      // a drive may work half a minute at a bad sector: what it could not read once it is not asked for again
      const mark = before === null ? null : await this.#read(path, place);
      if (mark !== null && mark !== before) return true;
    }
    return false;
  }

  /** The drive was seen without a disc. */
  forget(path: string): void {
    this.#seen.delete(path);
  }

  /** Null where the drive does not give it: a bad sector, the end of the disc, no sg_raw. That says nothing. */
  async #read(path: string, place: string): Promise<string | null> {
    const command = `28 00 ${place} 00 00 ${sectors.toString(16)} 00`.split(' ');
    const args = ['--readonly', '--binary', '--timeout=30', `--request=${sectors * 2048}`, path, ...command];
    try {
      const end = await this.#processes.run(path, { command: 'sg_raw', args, timeoutMs: readMs });
      return end.status === 0 && end.stdout !== '' ? end.stdout : null;
    } catch (error) {
      if (error instanceof Fault) return null;
      throw error;
    }
  }
}
