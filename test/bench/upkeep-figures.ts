/** What looking after the archive costs as it grows, and how long it keeps others waiting. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openCatalog } from '../../src/adapters/level-catalog-open.js';
import { loadRecords } from '../../src/control/records.js';
import { createUpkeep } from '../../src/control/upkeep.js';
import type { Books } from '../../src/control/workshop.js';
import type { Desired } from '../../src/core/desired.js';
import type { ArchiveFiles } from '../../src/core/imaging-ports.js';
import { sampleConfig, sampleDesired, sampleDisc, sampleRetention } from '../core/samples.js';
import { archiveNumber, median } from './station-figures.js';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: console.error };
let aheadMs = 0;
const clock = { now: () => Date.now() + aheadMs, monotonic: () => performance.now() + aheadMs };
const storage = { totalBytes: 1e12, usedBytes: 5e11, availableBytes: 5e11 };
const year = 365 * 86_400_000;
const rule = sampleRetention({ name: 'spare copies', keepFor: year });
const nothing = async (): Promise<void> => undefined;
const files: ArchiveFiles = {
  describe: nothing,
  addChecksums: nothing,
  freePath: async ({ path }) => path,
  trash: nothing,
  restore: nothing,
  look: async () => 'present',
  purge: nothing,
};

/** Upkeep over a catalog of so many archives, without files: what is measured is the catalog and the deciding. */
async function withArchives<Result>(
  count: number,
  copies: number,
  use: (
    upkeep: ReturnType<typeof createUpkeep>,
    books: Books,
    configure: (desired: Desired) => void,
  ) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'disk2iso-upkeep-'));
  const catalog = await openCatalog({
    state: join(folder, 'state'),
    library: folder,
    clock,
    log: silent,
    outboxFor: () => [],
  });
  try {
    for (let n = 0; n < count; n += 500) {
      const archives = Array.from({ length: Math.min(500, count - n) }, (_, index) => {
        const disc = sampleDisc({
          fingerprint: { structure: `disc-${Math.floor((n + index) / copies)}`, samples: [] },
        });
        return { ...archiveNumber(n + index), disc };
      });
      await catalog.commit({ archives });
    }
    const books = { catalog, records: await loadRecords(catalog, clock) };
    let config = sampleConfig(sampleDesired());
    const upkeep = createUpkeep({
      hasher: {
        follow: () => {
          throw new Error('nothing is imaged here');
        },
        fromStorage: async (_, algorithms) =>
          Object.fromEntries(algorithms.map((name) => [name, name === 'md5' ? 'd4' : '5a'])),
      },
      library: { imagePath: ({ path }) => path },
      files,
      clock,
      log: silent,
      config: () => config,
      books: () => books,
      storage: () => storage,
      discsWait: () => false,
      walk: async function* () {},
      load: async () => 0,
      wake: () => undefined,
      onConditions: () => undefined,
    });
    try {
      return await use(upkeep, books, (desired) => {
        config = { ...config, generation: config.generation + 1, desired };
      });
    } finally {
      await upkeep.rest();
    }
  } finally {
    await catalog.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** How long a task took, and the longest it kept the event loop from others: by the clock, and of its own doing. */
async function measured<Result>(task: () => Promise<Result>) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let ownMs = 0;
  let last = performance.now();
  let cpu = process.cpuUsage();
  const ticks = setInterval(() => {
    const { user, system } = process.cpuUsage(cpu);
    // what the processor did for others meanwhile is no cost of ours
    ownMs = Math.max(ownMs, Math.min(performance.now() - last, (user + system) / 1000));
    last = performance.now();
    cpu = process.cpuUsage();
  }, 1);
  delay.enable();
  const from = performance.now();
  const result = await task();
  const ms = performance.now() - from;
  await new Promise((resolve) => setTimeout(resolve, 20));
  delay.disable();
  clearInterval(ticks);
  const held = `the event loop held ${(delay.max / 1e6).toFixed(0)} ms at most, ${ownMs.toFixed(0)} of them its own work (wanted: 50)`;
  return { result, ms, held };
}

async function passMs(count: number): Promise<number> {
  return withArchives(count, 1, async (upkeep, _, configure) => {
    const fixity = { reverifyEvery: 20 * year, throttle: null, pauseAboveLoad: null };
    configure(sampleDesired({ fixity, retention: [{ ...rule, keepFor: 50 * year }] }));
    while ((await upkeep.pass()) === 0);
    const figures: number[] = [];
    for (let round = 0; round < 300; round += 1) {
      const from = performance.now();
      await upkeep.pass();
      if (round >= 50) figures.push(performance.now() - from);
    }
    return median(figures);
  });
}

export async function printUpkeepFigures(): Promise<void> {
  console.log('\nUpkeep of the archive:');
  const [few, many] = [await passMs(100), await passMs(100_000)];
  console.log(
    `  a pass with 100,000 archives, nothing due: ${(many / few).toFixed(2)} of one with 100 (${few.toFixed(2)} ms; wanted: at most 2)`,
  );
  await withArchives(100_000, 10, async (upkeep, _, configure) => {
    configure(sampleDesired({ retention: [rule], trash: { keep: year, approveAbove: 1_000_000 } }));
    const survey = await measured(async () => {
      let passes = 1;
      while (upkeep.status().toDelete === null) {
        // a new file stands for some minutes before anything is deleted by it
        aheadMs += 60_000;
        await upkeep.pass();
        passes += 1;
      }
      return passes;
    });
    console.log(
      `  survey of 100,000 archives: ${(survey.ms / 1000).toFixed(1)} s in ${survey.result} passes, ${survey.held}`,
    );
    const deleting = await measured(async () => {
      for (let round = 0; round < 200; round += 1) await upkeep.pass();
    });
    console.log(`  90,000 due to be deleted: a pass takes ${(deleting.ms / 200).toFixed(1)} ms, ${deleting.held}`);
    const preview = await measured(() => upkeep.previewUpkeep(sampleDesired({ retention: [rule] })));
    console.log(`  what a file would do to 100,000 archives: ${(preview.ms / 1000).toFixed(1)} s, ${preview.held}`);
  });
  await withArchives(10_000, 1, async (upkeep, _, configure) => {
    const fixity = { reverifyEvery: 86_400_000, throttle: null, pauseAboveLoad: null };
    configure(sampleDesired({ fixity }));
    const reading = await measured(async () => {
      for (let round = 0; round < 500; round += 1) await upkeep.pass();
    });
    console.log(`  10,000 due to be read: a pass takes ${(reading.ms / 500).toFixed(1)} ms, ${reading.held}`);
  });
}
