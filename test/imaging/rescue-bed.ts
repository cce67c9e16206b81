import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteRange } from '../../src/core/byte-range.js';
import { Fault, type FaultCode } from '../../src/core/fault.js';
import type { RescueMode, RescueRequest } from '../../src/core/imaging-ports.js';
import type { StopSignal } from '../../src/core/ports.js';

export const never: StopSignal = new AbortController().signal;
export const ignore = (): void => undefined;
export const sectorSize = 2048;

const realDdrescue = execFileSync('/bin/sh', ['-c', 'command -v ddrescue'], { encoding: 'utf8' }).trim();

/** A folder with a source, a work folder, and a `ddrescue` that comes before the real one on the PATH. */
export class RescueBed {
  readonly folder: string;
  readonly content: Buffer;
  source: string;
  readonly #path = process.env.PATH ?? '';
  work: string;

  private constructor(folder: string, sizeBytes: number) {
    this.folder = folder;
    this.content = randomBytes(sizeBytes);
    this.source = join(folder, 'source.iso');
    this.work = join(folder, 'work');
  }

  static async create(sizeBytes: number): Promise<RescueBed> {
    const bed = new RescueBed(await mkdtemp(join(tmpdir(), 'disk2iso-rescue-')), sizeBytes);
    await mkdir(bed.work);
    await writeFile(bed.source, bed.content);
    return bed;
  }

  request(mode: RescueMode): RescueRequest {
    const { source, work, content } = this;
    const [image, map] = [join(work, 'image'), join(work, 'map')];
    return { source, image, map, mediumBytes: content.length, sectorSize, direct: false, mode };
  }

  image(): Promise<Buffer> {
    return readFile(join(this.work, 'image'));
  }

  /** From now on the program ddrescue is this script; `ddrescue` within it is the real one. */
  async replaceDdrescue(script: string): Promise<void> {
    const bin = join(this.folder, 'bin');
    await mkdir(bin, { recursive: true });
    const text = `#!/bin/sh\n${script.replaceAll('ddrescue', realDdrescue)}\n`;
    await writeFile(join(bin, 'ddrescue'), text, { mode: 0o755 });
    process.env.PATH = `${bin}:${this.#path}`;
  }

  /** Makes ddrescue see bad sectors (its own test mode) and read no faster than this many bytes a second. */
  async simulate(bad: readonly ByteRange[], bytesPerSecond: number | null): Promise<void> {
    const lines = ['0x0 + 1'];
    let end = 0;
    for (const { start, length } of bad) {
      if (start > end) lines.push(`${end} ${start - end} +`);
      lines.push(`${start} ${length} -`);
      end = start + length;
    }
    if (end < this.content.length) lines.push(`${end} ${this.content.length - end} +`);
    const file = join(this.folder, 'bad.map');
    await writeFile(file, `${lines.join('\n')}\n`);
    const rate = bytesPerSecond === null ? '' : `-Z ${bytesPerSecond}`;
    await this.replaceDdrescue(`exec ddrescue -H ${file} ${rate} "$@"`);
  }

  /** What runs as ddrescue on this work folder, with the kernel's letter for its state. */
  async processes(): Promise<{ readonly pid: number; readonly state: string }[]> {
    const found: { pid: number; state: string }[] = [];
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const line = await readFile(`/proc/${name}/cmdline`, 'latin1').catch(() => '');
      if (!/^[^\0]*ddrescue\0/.test(line) || !line.includes(this.work)) continue;
      const status = await readFile(`/proc/${name}/stat`, 'latin1').catch(() => '');
      found.push({ pid: Number(name), state: status.split(') ')[1]?.[0] ?? '' });
    }
    return found;
  }

  async remove(): Promise<void> {
    process.env.PATH = this.#path;
    await rm(this.folder, { recursive: true, force: true });
  }
}

export const isFault =
  (code: FaultCode, message = /./) =>
  (error: unknown): boolean =>
    error instanceof Fault && error.code === code && message.test(error.message);

/** Waits for a condition of the outside world, looked at a few times a second. */
export async function until<T>(look: () => Promise<T | null> | T | null, what: string): Promise<T> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found !== null && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
