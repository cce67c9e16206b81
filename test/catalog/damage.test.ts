import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CatalogStore } from '../../src/adapters/level-catalog-store.js';
import { readLedger } from '../../src/adapters/library-ledger.js';
import { Fault } from '../../src/core/fault.js';
import { newArchive, newJob, stationFolders } from './station-folders.js';

/** A catalog that has been in use: 40 commits in its log, 20 archives, closed. */
async function usedCatalog(t: TestContext) {
  const station = await stationFolders(t);
  const catalog = await station.open();
  for (let i = 0; i < 20; i += 1) {
    await catalog.commit({ archives: [newArchive()] });
    await catalog.commit({ jobs: [newJob()] });
  }
  await catalog.close();
  const database = join(station.options.state, 'catalog');
  const file = async (pattern: RegExp) => {
    const name = (await readdir(database)).find((one) => pattern.test(one));
    assert.ok(name, `no file like ${pattern}`);
    return join(database, name);
  };
  return { ...station, database, log: () => file(/\.log$/), manifest: () => file(/^MANIFEST/) };
}

const isFault = (code: Fault['code'], words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Fault, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, words);
  return true;
};
const damaged = isFault('catalog_damaged', /disk2iso catalog rebuild/);

const damages: Record<string, (station: Awaited<ReturnType<typeof usedCatalog>>) => Promise<void>> = {
  'CURRENT is missing': ({ database }) => rm(join(database, 'CURRENT')),
  'CURRENT is empty': ({ database }) => truncate(join(database, 'CURRENT'), 0),
  'MANIFEST is missing': async ({ manifest }) => rm(await manifest()),
  'MANIFEST is cut': async ({ manifest }) => truncate(await manifest(), 20),
  'the log is missing': async ({ log }) => rm(await log()),
  'the log is empty': async ({ log }) => truncate(await log(), 0),
  'the whole database folder is gone': ({ database }) => rm(database, { recursive: true }),
  'the database folder is emptied': async ({ database }) => {
    for (const name of await readdir(database)) await rm(join(database, name));
  },
  'the whole state folder is gone': ({ options }) => rm(options.state, { recursive: true }),
  'the marker is garbage': ({ options }) => writeFile(join(options.state, 'catalog.id'), 'x'),
  'the ledger is garbage': ({ options }) => writeFile(join(options.library, '.disk2iso', 'ledger'), 'x'),
  'the ledger belongs to another catalog': async ({ options }) => {
    const path = join(options.library, '.disk2iso', 'ledger');
    await writeFile(path, (await readFile(path, 'utf8')).replace(/ledger 1 \S+/, 'ledger 1 other'));
  },
  'the ledger lists an archive that the catalog lacks': ({ options }) =>
    appendFile(join(options.library, '.disk2iso', 'ledger'), '21 added archive_1 "x.iso"\n'),
  'the ledger tells another story': async ({ options }) => {
    const path = join(options.library, '.disk2iso', 'ledger');
    await writeFile(path, (await readFile(path, 'utf8')).replace(/20 added archive_\w+/, '20 added archive_other'));
  },
};

for (const [name, damage] of Object.entries(damages)) {
  const words = name.includes('lists an archive') ? /lacks 1 changes/ : undefined;
  test(`damage is noticed and nothing is replaced: ${name}`, async (t) => {
    const station = await usedCatalog(t);
    await damage(station);
    await assert.rejects(station.open(), words === undefined ? damaged : isFault('catalog_damaged', words));
    await assert.rejects(station.open(), damaged, 'a second try is refused as well');
  });
}

test('a log cut or flipped anywhere is noticed, also where no archive was lost', async (t) => {
  const station = await stationFolders(t);
  const database = join(station.options.state, 'catalog');
  const catalog = await station.open();
  const name = 'x'.repeat(2000);
  for (let i = 0; i < 60; i += 1) await catalog.commit({ jobs: [newJob({ kind: 'queued' }, { name })] });
  await catalog.close();
  const log = join(database, (await readdir(database)).find((one) => one.endsWith('.log')) ?? '');
  assert.ok((await stat(log)).size > 3 * 32 * 1024, 'LevelDB drops blocks of 32 KiB; some must be left behind a flip');
  const whole = await readFile(log);
  const backup = join(station.folder, 'backup');
  await cp(station.options.state, backup, { recursive: true });
  const restore = async (content: Buffer) => {
    await rm(station.options.state, { recursive: true });
    await cp(backup, station.options.state, { recursive: true });
    await writeFile(log, content);
  };
  for (let at = 3; at < whole.length; at += Math.ceil(whole.length / 40)) {
    await restore(whole.subarray(0, at));
    await assert.rejects(station.open(), damaged, `cut at ${at}`);
    const flipped = Buffer.from(whole);
    flipped[at] = (flipped[at] ?? 0) ^ 0x40;
    await restore(flipped);
    await assert.rejects(station.open(), damaged, `flipped at ${at}`);
  }
  await restore(whole);
  await (await station.open()).close();
});

test('a catalog put back from an old copy is noticed', async (t) => {
  const station = await usedCatalog(t);
  const copy = join(station.folder, 'copy');
  await cp(station.options.state, copy, { recursive: true });
  const catalog = await station.open();
  await catalog.commit({ archives: [newArchive()] });
  await catalog.close();
  await rm(station.options.state, { recursive: true });
  await rename(copy, station.options.state);
  await assert.rejects(station.open(), damaged);
});

test('another library, or none, is not taken for the one the catalog knows', async (t) => {
  const station = await usedCatalog(t);
  await rename(station.options.library, `${station.options.library}.away`);
  await assert.rejects(station.open(), isFault('library_unwritable', /mount/));
});

test('without a library there is no first catalog', async (t) => {
  const station = await stationFolders(t);
  await rm(station.options.library, { recursive: true });
  await assert.rejects(station.open(), isFault('library_unwritable', /create or mount/));
});

test('a ledger that a crash left behind, or cut, is made up for', async (t) => {
  const station = await usedCatalog(t);
  const path = join(station.options.library, '.disk2iso', 'ledger');
  const whole = await readFile(path, 'utf8');
  const lines = whole.trimEnd().split('\n');
  const garbage = '\0'.repeat(5000);
  const without = (last: number) => `${lines.slice(0, -last).join('\n')}\n`;
  for (const left of [without(1), without(3), whole.slice(0, -9), without(1) + garbage]) {
    await writeFile(path, left);
    await (await station.open()).close();
    assert.equal(await readFile(path, 'utf8'), whole);
  }
  assert.equal((await readLedger(station.options.library))?.last, 20);
});

test('a catalog whose first start was cut short is finished at the next', async (t) => {
  const station = await stationFolders(t);
  await (await station.open()).close();
  await rm(join(station.options.state, 'catalog.id'));
  await rm(join(station.options.library, '.disk2iso'), { recursive: true });
  await (await station.open()).close();
  assert.equal((await readLedger(station.options.library))?.last, 0);
  await rm(join(station.options.state, 'catalog'), { recursive: true });
  await assert.rejects(station.open(), damaged);
});

test('a record of a later version, or of another shape, is refused by name', async (t) => {
  const station = await stationFolders(t);
  const catalog = await station.open();
  const job = newJob();
  const archive = newArchive();
  await catalog.commit({ jobs: [job], archives: [archive] });
  await catalog.close();
  const store = new CatalogStore(join(station.options.state, 'catalog'));
  await store.open({ create: false });
  const broken = { ...archive, disc: { ...archive.disc, sizes: { mediumBytes: 'many' } } };
  await store.write([
    { type: 'put', key: `job!${job.id}`, value: JSON.stringify({ v: 2, value: job }) },
    { type: 'put', key: `archive!${archive.id}`, value: JSON.stringify({ v: 1, value: broken }) },
  ]);
  await store.close();
  const again = await station.open();
  await assert.rejects(again.job(job.id), isFault('catalog_damaged', new RegExp(`job!${job.id}.*version 2`)));
  await assert.rejects(again.openJobs(), isFault('catalog_damaged', /version 2/));
  await assert.rejects(again.archives({ limit: 5, offset: 0 }), isFault('catalog_damaged', /disc\.sizes\.mediumBytes/));
  await again.close();
});

test('a second daemon is told who has the catalog', async (t) => {
  const station = await stationFolders(t);
  const program = `
    import { openCatalog } from ${JSON.stringify(new URL('../../src/adapters/level-catalog-open.js', import.meta.url))};
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const clock = { now: () => Date.now(), monotonic: () => 0 };
    await openCatalog({ ...JSON.parse(process.argv[1]), clock, log, outboxFor: () => [] });
    console.log('open');
    setInterval(() => {}, 1000);`;
  const { state, library } = station.options;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, JSON.stringify({ state, library })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  await assert.rejects(station.open(), isFault('catalog_locked', new RegExp(`process ${child.pid}.*stop that one`)));
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await station.open()).close();
});
