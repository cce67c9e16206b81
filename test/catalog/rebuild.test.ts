import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, rename, rm, rmdir, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { rebuildCatalog } from '../../src/adapters/level-catalog-rebuild.js';
import { readLedger } from '../../src/adapters/library-ledger.js';
import { formatManifest } from '../../src/adapters/manifest.js';
import type { Archive } from '../../src/core/archive.js';
import type { Catalog } from '../../src/core/catalog-ports.js';
import { Fault } from '../../src/core/fault.js';
import { newArchive, newJob, realClock, stationFolders } from './station-folders.js';

type Station = Awaited<ReturnType<typeof stationFolders>>;

async function place(station: Station, archive: Archive): Promise<void> {
  const image = join(station.options.library, archive.path);
  await mkdir(dirname(image), { recursive: true });
  await writeFile(image, Buffer.alloc(archive.sizeBytes));
  await writeFile(`${image}.json`, formatManifest(archive));
}

/** A damaged archive made better by a later one, a plain one, and an unfinished job; all in a catalog too. */
async function usedStation(t: TestContext) {
  const station = await stationFolders(t);
  const sizeBytes = 2048;
  const bad = [{ start: 0, length: 2048 }];
  const damaged = newArchive({ sizeBytes, verdict: { kind: 'damaged', bad, badBytes: 2048 } });
  const plain = newArchive({ sizeBytes, path: 'cd/Ünïcode "quoted".iso', verification: { kind: 'match', at: 77 } });
  const better = newArchive({ sizeBytes, provenance: { ...plain.provenance, continues: damaged.id } });
  const archives = [{ ...damaged, supersededBy: better.id }, plain, better];
  for (const archive of archives) await place(station, archive);
  const job = newJob({ kind: 'imaging' });
  await station.library.openWork(job);
  const catalog = await station.open();
  await catalog.commit({ jobs: [job], archives: [damaged, plain], events: [{ type: 'daemon_stopped' }] });
  await catalog.commit({ archives: [archives[0] as Archive, better] });
  await catalog.close();
  const rebuild = () => rebuildCatalog({ state: station.options.state, library: station.library, clock: realClock });
  return { ...station, archives, job, rebuild };
}

const all = async (catalog: Catalog) => (await catalog.archives({ limit: 1000, offset: 0 })).items;

test('a catalog is rebuilt from manifests and unfinished work; the old one is kept aside', async (t) => {
  const { archives, job, rebuild, options, open } = await usedStation(t);
  await rm(join(options.state, 'catalog', 'CURRENT'));
  await assert.rejects(open(), { code: 'catalog_damaged' });
  const report = await rebuild();
  assert.deepEqual([report.archives, report.jobs, report.problems], [3, 1, []]);
  assert.ok(report.keptAside && (await readdir(report.keptAside)).length > 0);
  const catalog = await open();
  assert.deepEqual(await all(catalog), [...archives].reverse());
  assert.deepEqual(await catalog.archivesByPath(archives[1]?.path ?? ''), [archives[1]]);
  const [back] = await catalog.openJobs();
  assert.equal(back?.id, job.id);
  assert.equal(back?.state.kind, 'interrupted');
  assert.ok(back?.state.kind === 'interrupted' && /goes on when its disc/.test(back.state.setback.fault.message));
  const [event] = await catalog.commit({ events: [{ type: 'catalog_rebuilt', archives: 3 }] });
  assert.ok(event && event.seq > 1, 'event numbers go on');
  await catalog.close();
  assert.equal((await readLedger(options.library))?.last, 4);
});

test('a rebuild can be repeated, also with nothing left of the state', async (t) => {
  const { archives, rebuild, options, open } = await usedStation(t);
  for (let round = 0; round < 3; round += 1) {
    if (round === 1) await rm(options.state, { recursive: true });
    assert.equal((await rebuild()).archives, 3);
    const catalog = await open();
    assert.deepEqual(await all(catalog), [...archives].reverse());
    await catalog.close();
  }
});

test('a damaged ledger is no obstacle to a rebuild', async (t) => {
  const { rebuild, options, open } = await usedStation(t);
  await truncate(join(options.library, '.disk2iso', 'ledger'), 3);
  await rebuild();
  await (await open()).close();
});

test('a rebuild says what it could not take', async (t) => {
  const { archives, rebuild, options, open } = await usedStation(t);
  const [, plain, better] = archives;
  assert.ok(plain && better);
  await rm(join(options.library, plain.path));
  await writeFile(join(options.library, `${better.path}.json`), '{"manifest_version": 2}');
  await writeFile(join(options.library, 'dvd', 'other.iso.json'), 'no json');
  const report = await rebuild();
  assert.deepEqual([report.archives, report.leftOut], [2, 2]);
  assert.match(report.problems.join('\n'), /Ünïcode "quoted"\.iso: the image is missing/);
  assert.match(report.problems.join('\n'), /newer version 2/);
  assert.match(report.problems.join('\n'), /other\.iso\.json: .*no JSON/);
  const catalog = await open();
  assert.equal((await catalog.archive(plain.id))?.verification?.kind, 'missing');
  await catalog.close();
});

test('an image that only lacked its name gets it after the rebuild', async (t) => {
  const { rebuild, open, library, options } = await usedStation(t);
  const archive = newArchive({ sizeBytes: 2048 });
  const job = newJob({ kind: 'archiving', archive, setback: null }, { id: archive.jobId });
  const work = await library.openWork(job);
  await writeFile(work.image, Buffer.alloc(2048));
  await writeFile(join(options.library, `${archive.path}.json`), formatManifest(archive));
  const report = await rebuild();
  assert.deepEqual([report.archives, report.jobs, report.problems], [3, 2, []]);
  const catalog = await open();
  assert.deepEqual(await catalog.job(job.id), job);
  assert.equal(await catalog.archive(archive.id), null);
  await catalog.close();
});

test('a catalog in use is not rebuilt', async (t) => {
  const { rebuild, open } = await usedStation(t);
  const catalog = await open();
  await assert.rejects(rebuild(), (error) => error instanceof Fault && error.code === 'catalog_locked');
  await catalog.close();
});

test('a library that is not there is not taken for an empty one', async (t) => {
  const { rebuild, options, open, archives } = await usedStation(t);
  await rename(options.library, `${options.library}.away`);
  await assert.rejects(rebuild(), { code: 'library_unwritable' });
  await rename(`${options.library}.away`, options.library);
  const catalog = await open();
  assert.equal((await all(catalog)).length, archives.length);
  await catalog.close();
});

test('a rebuild killed at any moment leaves a station that is sound or says what to do', async (t) => {
  const { rebuild, options, open, archives } = await usedStation(t);
  const program = fileURLToPath(new URL('./rebuilder.js', import.meta.url));
  let refused = 0;
  for (let round = 0; round < 8; round += 1) {
    const child = spawn(process.execPath, [program, options.state, options.library], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const kill = setTimeout(() => child.kill('SIGKILL'), round * 12);
    await once(child, 'close');
    clearTimeout(kill);
    try {
      const catalog = await open();
      assert.deepEqual(await all(catalog), [...archives].reverse());
      await catalog.close();
    } catch (error) {
      assert.ok(error instanceof Fault && error.code === 'catalog_damaged', String(error));
      refused += 1;
    }
  }
  t.diagnostic(`${refused} of 8 ended with a catalog that is refused`);
  await rebuild();
  const catalog = await open();
  assert.deepEqual(await all(catalog), [...archives].reverse());
  await catalog.close();
});

test('each state that a killed rebuild can leave is refused, and cured by another one', async (t) => {
  const { rebuild, options, open, archives, folder } = await usedStation(t);
  const { state, library } = options;
  const ledger = join(library, '.disk2iso', 'ledger');
  const before = join(folder, 'before');
  await cp(state, before, { recursive: true });
  await cp(ledger, join(before, 'ledger'));
  await rebuild();
  const after = join(folder, 'after');
  await cp(state, after, { recursive: true });
  const cut: Record<string, () => Promise<void>> = {
    'the old database is moved, the new one not yet in place': () => rm(join(state, 'catalog'), { recursive: true }),
    'the new database is in place, the marker is of the old': () =>
      cp(join(after, 'catalog'), join(state, 'catalog'), { recursive: true }),
    'the marker is of the new database, the ledger of the old': async () => {
      await cp(join(after, 'catalog'), join(state, 'catalog'), { recursive: true });
      await cp(join(after, 'catalog.id'), join(state, 'catalog.id'));
    },
  };
  for (const [name, make] of Object.entries(cut)) {
    await rm(state, { recursive: true });
    await cp(before, state, { recursive: true });
    await cp(join(before, 'ledger'), ledger);
    if (!name.startsWith('the old')) await rm(join(state, 'catalog'), { recursive: true });
    await make();
    await assert.rejects(open(), { code: 'catalog_damaged' }, name);
    await rebuild();
    const catalog = await open();
    assert.deepEqual(await all(catalog), [...archives].reverse(), name);
    await catalog.close();
  }
});

test('an empty mount point is not taken for an empty library', async (t) => {
  const { rebuild, library } = await usedStation(t);
  await rename(library.folder, `${library.folder}.away`);
  await mkdir(library.folder);
  await assert.rejects(rebuild(), { code: 'library_unwritable' });
  await rmdir(library.folder);
  await rename(`${library.folder}.away`, library.folder);
  assert.equal((await rebuild()).archives, 3);
});
