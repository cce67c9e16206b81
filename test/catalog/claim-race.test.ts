import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { claimPath } from '../../src/adapters/library-claim.js';
import { identifyThisProcess } from '../../src/adapters/process-identity.js';
import type { Fault } from '../../src/core/fault.js';
import type { Try } from './claimer.js';
import { Claimer } from './claimer-process.js';
import { newArchive, stationFolders } from './station-folders.js';

/** CLAIM_ROUNDS=1000 for the long proof. */
const rounds = Number(process.env.CLAIM_ROUNDS ?? 40);

async function claimers(t: TestContext, count: number): Promise<Claimer[]> {
  const all = Array.from({ length: count }, () => new Claimer(t));
  for (const one of all) assert.equal(await one.next(), 'ready');
  return all;
}

/** All try at the same instant. The one that gets it holds it until the others have been refused. */
async function contend(
  all: readonly Claimer[],
  task: (n: number) => Omit<Try, 'at'>,
  refusal: Fault['code'] = 'library_unwritable',
): Promise<void> {
  const at = Date.now() + 15;
  for (const [n, one] of all.entries()) one.tell({ ...task(n), at });
  const said = await Promise.all(all.map((one) => one.next()));
  const refused = all.map(() => refusal);
  assert.deepEqual([...said].sort(), [...refused.slice(1), 'won']);
  const winner = all[said.indexOf('won')] ?? assert.fail();
  winner.tell('end');
  assert.equal(await winner.next(), 'over');
}

/** What a process leaves that died holding it. */
async function leaveDead(library: string, over: object = {}): Promise<void> {
  await mkdir(dirname(claimPath(library)), { recursive: true });
  const claim = { ...(await identifyThisProcess()), station: 'dead', started: '1', ...over };
  await writeFile(claimPath(library), JSON.stringify(claim));
}

test('of processes that claim a library at the same instant exactly one gets it, whatever lies there', async (t) => {
  const { options, folder } = await stationFolders(t);
  const { library } = options;
  await mkdir(join(library, '.disk2iso'));
  const all = await claimers(t, 8);
  for (let round = 0; round < rounds; round += 1) {
    if (round % 4 === 1) await leaveDead(library);
    if (round % 4 === 2) await leaveDead(library, { pid: 4_000_000 + round });
    if (round % 4 === 3) {
      await leaveDead(library);
      await writeFile(claimPath(library), '');
    }
    await contend(all, () => ({ how: 'claim', library, state: folder }));
  }
});

test('a library that is claimed, given back and died over never has two at once', async (t) => {
  const { options, folder } = await stationFolders(t);
  const { library } = options;
  await mkdir(join(library, '.disk2iso'));
  let [reigns, deaths] = [0, 0];
  const live = async (): Promise<void> => {
    let one: Claimer | null = null;
    while (reigns < 2 * rounds) {
      if (one === null) {
        one = new Claimer(t);
        assert.equal(await one.next(), 'ready');
      }
      one.tell({ how: 'reign', library, state: folder, at: 0 });
      const said = await one.next();
      assert.ok(said === 'over' || said === 'library_unwritable' || said === null, String(said));
      if (said !== 'library_unwritable') reigns += 1;
      if (said !== null) continue;
      deaths += 1;
      one = null;
    }
  };
  await Promise.all(Array.from({ length: 6 }, live));
  assert.ok(deaths > rounds / 8, `${deaths} died of it`);
});

test('of stations that start at the same instant on one library exactly one does', async (t) => {
  const { folder } = await stationFolders(t);
  const all = await claimers(t, 6);
  for (let round = 0; round < 6; round += 1) {
    const library = join(folder, `library-${round}`);
    await mkdir(library);
    if (round % 2 === 1) {
      await mkdir(join(library, '.disk2iso'));
      await leaveDead(library);
    }
    await contend(all, (n) => ({ how: 'open', library, state: join(folder, `state-${round}-${n}`) }));
  }
});

for (const [whose, stateOf, refusal] of [
  ['stations', (folder: string, n: number) => join(folder, `state-${n}`), 'library_unwritable'],
  ['one station', (folder: string) => join(folder, 'state'), 'catalog_locked'],
] as const) {
  test(`of rebuilds of ${whose} that begin at the same instant exactly one does`, async (t) => {
    const { folder, options, open } = await stationFolders(t);
    const catalog = await open();
    await catalog.commit({ archives: [newArchive()] });
    await catalog.close();
    const all = await claimers(t, 6);
    for (let round = 0; round < 6; round += 1) {
      if (round % 2 === 1) await leaveDead(options.library);
      const task = (n: number) => ({ how: 'rebuild', library: options.library, state: stateOf(folder, n) }) as const;
      await contend(all, task, refusal);
    }
  });
}
