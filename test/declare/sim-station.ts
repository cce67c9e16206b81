import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createConfigHistory } from '../../src/adapters/config-history.js';
import { openCatalog } from '../../src/adapters/level-catalog-open.js';
import { createLibrary } from '../../src/adapters/library.js';
import { createArchiveFiles } from '../../src/adapters/library-archive-files.js';
import { findLastGood } from '../../src/config/find-last-good.js';
import { loadConfig } from '../../src/config/load-config.js';
import { parseConfig } from '../../src/config/parse-config.js';
import { type ConfigManager, createConfigManager } from '../../src/control/config-manager.js';
import { createJobRunner } from '../../src/control/job-runner.js';
import { createStation, type Station } from '../../src/control/station.js';
import { createWorkshop, type Workshop } from '../../src/control/workshop.js';
import type { Checksums } from '../../src/core/checksum.js';
import type { Desired } from '../../src/core/desired.js';
import type { Disc } from '../../src/core/disc.js';
import type { Medium } from '../../src/core/drive.js';
import { Fault } from '../../src/core/fault.js';
import { deviceId, mediumKey } from '../../src/core/ids.js';
import type { DrivePort, Hasher, RescueRequest, Rescuer } from '../../src/core/imaging-ports.js';
import type { Clock, Log } from '../../src/core/ports.js';
import { formatRescueMap, prefixMap, type RescueMap } from '../../src/core/rescue-map.js';

const sectors = 4;
export const discBytes = sectors * 2048;
export const contentOf = (disc: number): Buffer => Buffer.alloc(discBytes, `disc ${disc} `);
const environment = { credentialsFolder: null };
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

interface Tray {
  disc: number | null;
  insertions: number;
}

/**
 * A station whose drives, ddrescue and hashing are a few lines in memory, over the real records, plan, decisions, job
 * runner, configuration, LevelDB and library in a real folder; time stands still until it is moved.
 */
export class SimStation {
  readonly library: string;
  readonly configFile: string;
  readonly trays: Readonly<Record<string, Tray>> = {
    a: { disc: null, insertions: 0 },
    b: { disc: null, insertions: 0 },
  };
  /** Discs of which the second sector cannot be read. */
  readonly scratched = new Set<number>();
  /** Discs that turn out to have been written to after they were read, once. */
  readonly rewritten = new Set<number>();
  /** What the station asked of ddrescue and of hashing. */
  readonly told = { rescues: [] as RescueRequest[], hashed: [] as (readonly string[])[], readBack: 0 };
  /** In force instead of what the file says, where it is set. */
  desired: Desired | null = null;
  now = Date.UTC(2026, 0, 1);
  station!: Station;
  manager!: ConfigManager;
  #workshop!: Workshop;
  readonly #state: string;
  #mono = 0;

  constructor(folder: string) {
    this.library = join(folder, 'library');
    this.#state = join(folder, 'state');
    this.configFile = join(folder, 'config.yaml');
  }

  readonly clock: Clock = { now: () => this.now, monotonic: () => (this.#mono += 1) };

  insert(drive: string, disc: number): void {
    const tray = this.trays[drive];
    if (tray === undefined) return;
    tray.disc = disc;
    tray.insertions += 1;
  }

  remove(drive: string): void {
    const tray = this.trays[drive];
    if (tray !== undefined) tray.disc = null;
  }

  async write(text: string): Promise<void> {
    await writeFile(this.configFile, text);
  }

  /** What the watcher would do, had its event not been lost. */
  async notice(): Promise<void> {
    await this.manager.offer(await loadConfig(this.configFile, environment));
  }

  /** Starts on the file, or on the last good one where it is broken. */
  async boot(): Promise<void> {
    await mkdir(this.#state, { recursive: true });
    await mkdir(this.library, { recursive: true });
    const snapshot = await loadConfig(this.configFile, environment);
    const judged = parseConfig(snapshot, environment);
    const options = { environment, folders: [this.#state], historyIn: createConfigHistory };
    const lastGood = judged.ok ? null : await findLastGood(snapshot, options);
    const parsed = lastGood === null ? judged : parseConfig(lastGood.snapshot, environment);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    this.#build();
    this.manager = await createConfigManager(
      {
        parse: (next) => parseConfig(next, environment),
        summarise: (problem) => problem.message,
        history: createConfigHistory(join(this.#state, 'config')),
        clock: this.clock,
        log: silent,
        prepare: async () => undefined,
        record: this.station.record,
        onApplied: () => undefined,
        settled: () => this.pass(),
      },
      {
        snapshot: lastGood?.snapshot ?? snapshot,
        parsed,
        refused:
          judged.ok || lastGood === null ? null : { snapshot, problems: judged.problems, inForce: lastGood.generation },
      },
    );
    await this.station.open();
  }

  #build(): void {
    const { clock } = this;
    const random = (): Uint8Array => randomBytes(10);
    const library = createLibrary({ library: this.library, log: silent });
    const hasher = this.#hasher;
    const ports = { drives: () => this.#drive, rescuer: this.#rescuer, hasher, library, clock, log: silent, random };
    const runner = createJobRunner({ ...ports, checkpointMs: 30_000, onProgress: () => undefined });
    this.#workshop = createWorkshop({
      ...ports,
      look: createArchiveFiles(this.library).look,
      runner,
      wake: () => undefined,
    });
    this.station = createStation({
      ...ports,
      workshop: this.#workshop,
      pollMs: 30_000,
      wake: () => undefined,
      config: () => {
        const config = this.manager.current();
        return { ...config, desired: this.desired ?? config.desired };
      },
      isApplying: () => false,
      quiesce: async () => undefined,
      otherConditions: () => [this.manager.condition()],
      door: {
        open: () =>
          openCatalog({
            state: this.#state,
            library: this.library,
            clock,
            log: silent,
            outboxFor: () => [],
            onCommitted: () => undefined,
          }),
        rebuild: async () => ({ archives: 0, leftOut: 0, problems: [], missing: [] }),
      },
    });
  }

  async pass(): Promise<void> {
    await this.station.pass();
  }

  /** Until nothing is under way any more. */
  async rest(): Promise<void> {
    for (;;) {
      const { running, busy } = this.#workshop.inHand();
      if (running.size === 0 && busy.size === 0) return;
      await nextTurn();
    }
  }

  /** Everything ends where it is, and nothing of it is written down. */
  async crash(): Promise<void> {
    await this.#workshop.stopAll(null);
    await this.station.close();
  }

  readonly #drive: DrivePort = {
    kind: 'optical',
    observe: async ({ name, source }) => {
      const tray = this.trays[name];
      if (tray === undefined || source.kind !== 'optical') return [];
      const path = `/dev/${name}`;
      const medium: Medium = {
        key: mediumKey(`${name}-${tray.insertions}`),
        path,
        name: null,
        media: 'dvd',
        content: 'data',
        sizeBytes: discBytes,
        settled: true,
        fault: null,
      };
      const media = tray.disc === null ? [] : [medium];
      const state = tray.disc === null ? 'empty' : 'loaded';
      const identity = { vendor: null, model: null, serial: null };
      return [{ id: deviceId(name), drive: name, kind: 'optical', path, ...identity, state, media, fault: null }];
    },
    identify: async (device): Promise<Disc> => {
      await nextTurn();
      const disc = this.trays[device.drive]?.disc ?? null;
      if (disc === null) throw new Fault('medium_absent', 'The disc is gone.', { retry: 'later' });
      const sizes = { mediumBytes: discBytes, iso9660Bytes: discBytes, udfBytes: null };
      const fingerprint = { structure: `disc ${disc}`, samples: [{ sector: 0, sha256: `${disc}` }] };
      return { media: 'dvd', content: 'data', label: `DISC_${disc}`, filesystems: [], sizes, fingerprint };
    },
    holds: async (device, medium) => {
      const tray = this.trays[device.drive];
      return tray !== undefined && tray.disc !== null && medium.key === `${device.drive}-${tray.insertions}`;
    },
    isRewritten: async (device) => this.rewritten.delete(this.trays[device.drive]?.disc ?? -1),
    eject: async (device) => this.remove(device.drive),
    refusesByProtection: async () => false,
    watch: () => undefined,
    close: async () => undefined,
  };

  readonly #hasher: Hasher = {
    follow: (path, algorithms) => {
      this.told.hashed.push([...algorithms]);
      return {
        hold: () => undefined,
        doneBytes: () => 0,
        finish: () => sumsOf(path, algorithms),
        close: async () => undefined,
      };
    },
    fromStorage: (path, algorithms) => {
      this.told.readBack += 1;
      return sumsOf(path, algorithms);
    },
  };

  readonly #rescuer: Rescuer = {
    version: async () => '1.27',
    run: async (request, _, stop) => {
      const { source, image, map, mode } = request;
      this.told.rescues.push(request);
      const tray = this.trays[source.replace('/dev/', '')];
      let copied = 0;
      const write = async () => {
        const state = prefixMap(copied, discBytes);
        await writeFile(map, formatRescueMap(state));
        return state;
      };
      for (; copied < discBytes; copied += 2048) {
        const disc = tray?.disc ?? null;
        if (disc === null) throw new Fault('medium_absent', 'The disc is gone.', { retry: 'later' });
        if (copied === 2048 && this.scratched.has(disc)) {
          if (mode.kind === 'sweep') return { kind: 'read_error', map: await write() };
          await writeFile(image, contentOf(disc));
          await writeFile(map, formatRescueMap(scratch));
          return { kind: 'finished', map: scratch };
        }
        await writeFile(image, contentOf(disc).subarray(0, copied + 2048));
        if (stop.aborted) return { kind: 'stopped', map: await write() };
        await nextTurn();
      }
      return { kind: 'finished', map: await write() };
    },
  };
}

const scratch: RescueMap = {
  phase: '+',
  areas: [
    { start: 0, length: 2048, status: '+' },
    { start: 2048, length: 2048, status: '-' },
    { start: 4096, length: discBytes - 4096, status: '+' },
  ],
};

async function sumsOf(path: string, algorithms: readonly string[]): Promise<Checksums> {
  const bytes = await readFile(path);
  return Object.fromEntries(algorithms.map((name) => [name, createHash(name).update(bytes).digest('hex')]));
}
