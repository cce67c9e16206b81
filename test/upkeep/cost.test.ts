import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Archive } from '../../src/core/archive.js';
import type { Catalog, DutyLists } from '../../src/core/catalog-ports.js';
import { newArchive } from '../catalog/station-folders.js';
import { sampleDesired, sampleDisc, sampleRetention, sampleRule, sampleSettings } from '../core/samples.js';
import { day, settleMs, UpkeepRig } from './upkeep-rig.js';

/** Everything that was asked of a catalog, and how many records or ids each answer held. */
interface Asked {
  calls: number;
  records: number;
  /** The largest answer, and the largest change. */
  largest: number;
}

const sizeOf = (answer: unknown): number =>
  Array.isArray(answer) ? answer.length : answer === null || typeof answer !== 'object' ? 0 : 1;

function counting(catalog: Catalog, asked: Asked): Catalog {
  const through = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (name === 'duties') return through(value as DutyLists);
        if (typeof value !== 'function') return value;
        return async (...all: unknown[]) => {
          const answer: unknown = await value.apply(target, all);
          const change = name === 'commit' ? (all[0] as Parameters<Catalog['commit']>[0]) : {};
          const size = sizeOf(answer) + (change.duties?.length ?? 0) + (change.archives?.length ?? 0);
          asked.calls += 1;
          asked.records += size;
          asked.largest = Math.max(asked.largest, size);
          return answer;
        };
      },
    });
  return through(catalog);
}

/** A station that has surveyed so many archives, of which nothing is due. */
async function restingWith(t: Parameters<typeof UpkeepRig.start>[0], count: number) {
  const asked: Asked = { calls: 0, records: 0, largest: 0 };
  const rig = await UpkeepRig.start(t, {
    fixity: { reverifyEvery: 3650 * day, throttle: null, pauseAboveLoad: null },
    retention: [
      sampleRetention({ name: 'aged', keepFor: 3650 * day }, { tag: ['spare'] }),
      sampleRetention({ name: 'few', keepLast: 5 }, { minAge: 365 * day }),
      sampleRetention({ name: 'space', keepUntilFree: { kind: 'percent', percent: 10 } }),
    ],
    keepEventsFor: 365 * day,
  });
  await fill(rig, count);
  await rig.settle();
  rig.watch = (catalog) => counting(catalog, asked);
  await rig.restart();
  await rig.settle();
  return { rig, asked };
}

async function fill(rig: UpkeepRig, count: number, over: (n: number) => Partial<Archive> = () => ({})): Promise<void> {
  for (let n = 0; n < count; n += 500) {
    const archives = Array.from({ length: Math.min(500, count - n) }, (_, index) => {
      const disc = sampleDisc({ fingerprint: { structure: `disc ${n + index}`, samples: [] } });
      return newArchive({ finishedAt: rig.wall, checksums: { sha256: '5a' }, disc, ...over(n + index) });
    });
    await rig.books.records.commit({ archives });
  }
}

test('where nothing is due, a pass asks the same of a catalog of 3000 archives as of one of 30', async (t) => {
  const [few, many] = [await restingWith(t, 30), await restingWith(t, 3000)];
  for (const { rig, asked } of [few, many]) {
    asked.calls = 0;
    asked.records = 0;
    for (let round = 0; round < 20; round += 1) await rig.upkeep.pass();
  }
  assert.ok(few.asked.calls > 0);
  assert.deepEqual(many.asked, few.asked);
});

test('10,000 that are due: the most urgent first, and never more than some hundred looked at in one go', async (t) => {
  const asked: Asked = { calls: 0, records: 0, largest: 0 };
  const rig = await UpkeepRig.start(t);
  rig.watch = (catalog) => counting(catalog, asked);
  await rig.restart();
  const order: string[] = [];
  rig.hasher = {
    ...rig.hasher,
    fromStorage: async (path) => {
      order.push(path.slice(rig.library.length + 1));
      return { sha256: '5a', sha512: '5c' };
    },
  };
  await rig.restart();
  rig.files.addChecksums = async () => undefined;
  const media = (n: number) => (n % 1000 === 999 ? 'cd' : n % 2 === 0 ? 'dvd' : 'bd') as Archive['disc']['media'];
  await fill(rig, 10_000, (n) => ({
    path: `image/${n}.iso`,
    disc: sampleDisc({ media: media(n), fingerprint: { structure: `disc ${n}`, samples: [] } }),
  }));
  const of = (kind: 'cd' | 'dvd', priority: 'high' | 'normal') =>
    sampleRule({
      name: kind,
      match: { ...sampleRule({ name: '' }).match, media: [kind] },
      settings: { priority },
    });
  rig.configure({
    rules: [of('cd', 'high'), of('dvd', 'normal')],
    defaults: { ...sampleSettings, priority: 'low', checksums: ['sha256', 'sha512'] },
  });
  asked.largest = 0;
  while ((await rig.upkeep.pass()) === 0);
  while (order.length < 40) {
    await rig.upkeep.pass();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const urgent = Array.from({ length: 10 }, (_, index) => `image/${index * 1000 + 999}.iso`);
  const next = Array.from({ length: 30 }, (_, index) => `image/${index * 2}.iso`);
  assert.deepEqual(order.slice(0, 40), [...urgent, ...next]);
  assert.ok(asked.largest <= 500, `${asked.largest} in one answer or change`);
});

test('where hundreds are due to be deleted, the oldest go first, some at a time', async (t) => {
  const rig = await UpkeepRig.start(t);
  rig.files.describe = async () => undefined;
  rig.files.look = async () => 'present';
  const gone: number[] = [];
  rig.files.trash = async ({ sizeBytes }) => void gone.push(sizeBytes);
  // entered in another order than they were made
  await fill(rig, 500, (n) => {
    const age = (n * 7) % 500;
    const disc = sampleDisc({ fingerprint: { structure: `disc ${age % 50}`, samples: [] } });
    return { disc, finishedAt: rig.wall - age * day, sizeBytes: age };
  });
  rig.configure({ retention: [sampleRetention({ keepFor: 100 * day })], trash: { keep: day, approveAbove: 500 } });
  while (gone.length === 0) {
    rig.wall += settleMs;
    rig.ticks += settleMs;
    await rig.upkeep.pass();
  }
  assert.equal(gone.length, 10);
  await rig.settle();
  assert.deepEqual(
    gone,
    Array.from({ length: 400 }, (_, index) => 499 - index),
  );
  assert.equal(rig.upkeep.status().toDelete, 0);
});

test('a plan of thousands lets others through', async (t) => {
  const rig = await UpkeepRig.start(t);
  await fill(rig, 5000, (n) => ({ disc: sampleDisc({ fingerprint: { structure: `${n % 50}`, samples: [] } }) }));
  let turns = 0;
  let over = false;
  const turn = (): void => {
    turns += 1;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  const preview = await rig.upkeep.previewUpkeep(sampleDesired({ retention: [sampleRetention({ keepLast: 1 })] }));
  over = true;
  assert.equal(preview.delete.count, 4950);
  assert.equal(preview.delete.first.length, 1000);
  assert.ok(turns > 15, `${turns} turns`);
});
