import { createHash } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createArchiveFiles } from '../../src/adapters/library-archive-files.js';
import { walkLibrary } from '../../src/adapters/library-strays.js';
import { formatManifest } from '../../src/adapters/manifest.js';
import { loadRecords } from '../../src/control/records.js';
import { createUpkeep, type Upkeep } from '../../src/control/upkeep.js';
import type { Books } from '../../src/control/workshop.js';
import type { Archive } from '../../src/core/archive.js';
import type { Catalog } from '../../src/core/catalog-ports.js';
import type { AppliedConfig, Desired } from '../../src/core/desired.js';
import type { EventType } from '../../src/core/event.js';
import { Fault } from '../../src/core/fault.js';
import type { ArchiveId } from '../../src/core/ids.js';
import type { ArchiveFiles, Hasher, ReadingPace } from '../../src/core/imaging-ports.js';
import type { Clock } from '../../src/core/ports.js';
import type { StorageReading } from '../../src/core/storage.js';
import { newArchive, stationFolders } from '../catalog/station-folders.js';
import { sampleConfig, sampleDesired, sampleDisc, sampleSettings } from '../core/samples.js';

/** For so long a file has to stand before anything is deleted by it. */
export const settleMs = 5 * 60_000;
export const hour = 3_600_000;
export const day = 24 * hour;
const storage = { totalBytes: 100_000_000, usedBytes: 10_000_000, availableBytes: 90_000_000 };

export interface Reading {
  readonly path: string;
  /** Milliseconds since 1970 by the fake clock. */
  readonly at: number;
  readonly pace: ReadingPace | undefined;
}

/** The upkeep over a real catalog and real files; time, discs, load and what a disk gives back are the test's. */
export class UpkeepRig {
  readonly library: string;
  readonly files: { -readonly [K in keyof ArchiveFiles]: ArchiveFiles[K] };
  readonly readings: Reading[] = [];
  readonly lost = new Set<string>();
  wall = Date.UTC(2026, 0, 1);
  ticks = 0;
  load = 0;
  discsWait = false;
  storage: StorageReading | null = storage;
  /** While set, no reading comes to its end by itself. */
  held = false;
  upkeep!: Upkeep;
  books!: Books;
  config: AppliedConfig = sampleConfig(sampleDesired());
  /** Looks through everything that is asked of the catalog. */
  watch: (catalog: Catalog) => Catalog = (catalog) => catalog;
  hasher: Hasher;
  #reading = 0;
  #settled: AppliedConfig | null = null;
  #woken = false;
  readonly #folders: Awaited<ReturnType<typeof stationFolders>>;

  private constructor(folders: Awaited<ReturnType<typeof stationFolders>>) {
    this.#folders = folders;
    this.library = folders.options.library;
    this.files = createArchiveFiles(this.library);
    this.hasher = { follow: () => Promise.reject as never, fromStorage: (...all) => this.#read(...all) };
  }

  static async start(t: TestContext, desired: Partial<Desired> = {}): Promise<UpkeepRig> {
    let rig: UpkeepRig | null = null;
    const folders = await stationFolders(t, {
      clock: { now: () => rig?.wall ?? 0, monotonic: () => rig?.ticks ?? 0 },
    });
    rig = new UpkeepRig(folders);
    await mkdir(join(rig.library, '.disk2iso'), { recursive: true });
    rig.configure(desired);
    await rig.boot();
    const made = rig;
    t.after(() => made.stop());
    return rig;
  }

  readonly clock: Clock = { now: () => this.wall, monotonic: () => this.ticks };

  configure(desired: Partial<Desired>): void {
    const generation = this.config.generation + 1;
    const defaults = { ...sampleSettings, checksums: ['sha256'] as const };
    this.config = { ...this.config, generation, desired: sampleDesired({ defaults, ...desired }) };
  }

  async boot(): Promise<void> {
    const catalog = this.watch(await this.#folders.open());
    this.books = { catalog, records: await loadRecords(catalog, this.clock) };
    this.upkeep = createUpkeep({
      hasher: this.hasher,
      library: this.#folders.library,
      files: this.files,
      clock: this.clock,
      log: this.#folders.log,
      config: () => this.config,
      books: () => this.books,
      storage: () => this.storage,
      discsWait: () => this.discsWait,
      walk: () => walkLibrary(this.library),
      load: async () => this.load,
      wake: () => {
        this.#woken = true;
      },
      onConditions: () => undefined,
    });
  }

  async stop(): Promise<void> {
    this.held = false;
    await this.upkeep.rest();
    await this.books.catalog.close();
  }

  /** Off for so long, then on again: nothing counts on while it is off. */
  async restart(off = 0): Promise<void> {
    await this.stop();
    this.wall += off;
    this.ticks = 0;
    await this.boot();
  }

  /** An archive with its files, of a disc of its own where none is given. */
  async add(over: Partial<Archive> = {}): Promise<Archive> {
    const content = Buffer.alloc(64, over.path ?? 'image');
    const digest = createHash('sha256').update(content).digest('hex');
    const made = newArchive({ finishedAt: this.wall, sizeBytes: 64, checksums: { sha256: digest } });
    const disc = sampleDisc({ fingerprint: { structure: made.id, samples: [] } });
    const archive = { ...made, disc, ...over };
    const image = join(this.library, archive.path);
    await mkdir(dirname(image), { recursive: true });
    await writeFile(image, content);
    await writeFile(`${image}.json`, formatManifest(archive));
    await this.books.records.commit({ archives: [archive] });
    return archive;
  }

  async #read(...[path, algorithms, , stop, pace]: Parameters<Hasher['fromStorage']>) {
    this.#reading += 1;
    try {
      this.readings.push({ path: path.slice(this.library.length + 1), at: this.wall, pace });
      do await nextTurn();
      while (this.held && !stop.aborted);
      if (stop.aborted) throw new Fault('cancelled', 'stopped', { retry: 'later' });
      if (this.lost.has(path)) throw new Fault('read_error', `${path} gave a read error`, { retry: 'later' });
      const content = await readFile(path).catch(() => null);
      if (content === null) throw new Fault('not_found', `${path} is gone`);
      return Object.fromEntries(algorithms.map((name) => [name, createHash(name).update(content).digest('hex')]));
    } finally {
      this.#reading -= 1;
    }
  }

  /**
   * Passes until there is nothing more to do this moment, and where the file is another than before until what it says
   * of deletions has stood for long enough. Returns the milliseconds after which the next is due.
   */
  async settle(): Promise<number> {
    const due = await this.#settleNow();
    if (this.#settled === this.config) return due;
    this.#settled = this.config;
    this.wall += settleMs;
    this.ticks += settleMs;
    return this.#settleNow();
  }

  async #settleNow(): Promise<number> {
    for (;;) {
      this.#woken = false;
      const due = await this.upkeep.pass();
      if (due === 0 || this.#woken) continue;
      if (this.held || this.upkeep.status().reading === null) return due;
      // what is read now ends by itself, and calls for another pass
      while (!this.#woken) await nextTurn();
    }
  }

  /** A pass ends the reading; settles when it has. */
  async stopped(): Promise<void> {
    await this.upkeep.pass();
    while (this.#reading > 0) await nextTurn();
    await this.upkeep.pass();
  }

  /** Time goes by in steps, with passes after each. */
  async live(span: number, step = 6 * hour): Promise<void> {
    for (let gone = 0; gone < span; gone += step) {
      const part = Math.min(step, span - gone);
      this.wall += part;
      this.ticks += part;
      await this.settle();
    }
  }

  async archive(id: ArchiveId): Promise<Archive | null> {
    return this.books.catalog.archive(id);
  }

  async events(type: EventType) {
    const all = await this.books.catalog.events(0, 100_000);
    return all.filter(({ event }) => event.type === type);
  }

  exists(path: string): Promise<boolean> {
    return stat(join(this.library, path)).then(
      () => true,
      () => false,
    );
  }
}
