import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { isFinal } from '../../src/core/job.js';
import { type Deed, enter, type World } from './killed-station.js';
import { contentOf, SimStation } from './sim-station.js';

const program = fileURLToPath(new URL('./killed-station.js', import.meta.url));
const day = 86_400_000;
const base =
  'apiVersion: disk2iso/v1\nstorage: {library: ./library, state: ./state, warn_at: "99.8%", stop_at: "99.9%"}\n';
const both = `${base}drives: [{name: a, device: /dev/a}, {name: b, device: /dev/b}]\n`;

const drive = fc.constantFrom('a', 'b');
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('insert' as const), drive, disc: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), drive }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('edit' as const),
      text: fc.constantFrom(both, `${both}suspend: true\n`, `${both}colour: red\n`),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clock' as const), by: fc.integer({ min: -day, max: day }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('turns' as const), count: fc.nat(60) }) },
);
const life = fc.record({
  deeds: fc.array(deed, { minLength: 1, maxLength: 8 }),
  lines: fc.integer({ min: 1, max: 20 }),
});

/** Runs a station until it has said so many lines, then kills it; gives the world as it left it. */
async function liveAndDie(folder: string, world: World, deeds: readonly Deed[], lines: number): Promise<World> {
  const child = spawn(process.execPath, [program, folder, JSON.stringify(world), JSON.stringify(deeds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (data: string) => {
    said += data;
    if (said.split('\n').length > lines) child.kill('SIGKILL');
  });
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
  assert.equal(signal, 'SIGKILL', `the station ended by itself with ${status}`);
  return JSON.parse(said.split('\n').at(-2) ?? '') as World;
}

async function settle(sim: SimStation): Promise<void> {
  for (let i = 0; i < 8; i += 1) {
    await sim.pass();
    await sim.rest();
    sim.now += day;
  }
}

async function survives(lives: readonly { readonly deeds: readonly Deed[]; readonly lines: number }[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'disk2iso-killed-'));
  const sim = new SimStation(folder);
  try {
    await sim.write(both);
    let world: World = { now: sim.now, trays: sim.trays };
    for (const { deeds, lines } of lives) {
      // the last file that was written may be one that is refused, with nothing good before it
      world = await liveAndDie(folder, world, deeds, lines);
    }
    enter(sim, world);
    await sim.write(both);
    await sim.boot();
    await settle(sim);
    for (const name of ['a', 'b']) sim.remove(name);
    await settle(sim);
    sim.insert('a', 0);
    sim.insert('b', 1);
    await settle(sim);
    const { catalog, records } = sim.station.needBooks();
    const { items } = await catalog.archives({ limit: 100, offset: 0 });
    for (const { path, disc } of items) {
      assert.deepEqual(await readFile(join(sim.library, path)), contentOf(Number(disc.label?.slice(5))), path);
    }
    const labels = items.map(({ disc }) => disc.label);
    assert.equal(new Set(labels).size, labels.length, `two images of one disc: ${labels}`);
    for (const label of ['DISC_0', 'DISC_1']) assert.ok(labels.includes(label), `${label} is archived: ${labels}`);
    const open = records.jobs().filter((job) => !isFinal(job));
    assert.equal(new Set(open.map((job) => job.disc.label)).size, open.length, 'two jobs for one disc');
  } finally {
    await sim.rest();
    await sim.station?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** CONVERGENCE_RUNS=200 for the long proof. */
const numRuns = Number(process.env.CONVERGENCE_RUNS ?? 3);

test('killed in the middle of anything, again and again, a station loses no image and makes none twice', async () => {
  await fc.assert(fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), survives), { numRuns });
});
