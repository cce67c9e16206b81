import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openCatalog } from '../../src/adapters/level-catalog-open.js';
import { rebuildCatalog } from '../../src/adapters/level-catalog-rebuild.js';
import { claimLibrary, claimPath, releaseLibrary } from '../../src/adapters/library-claim.js';
import { ledgerPath, readLedger } from '../../src/adapters/library-ledger.js';
import { lockState } from '../../src/adapters/state-lock.js';
import { tokenPath } from '../../src/adapters/station-token.js';
import { Claimer } from './claimer-process.js';
import { realClock, stationFolders } from './station-folders.js';

/** A library of one station, and what another with a state folder of its own may do with it. */
async function twoStations(t: TestContext) {
  const first = await stationFolders(t);
  const { library } = first.options;
  await (await first.open()).close();
  const state = join(first.folder, 'other-state');
  const leave = async (text: string) => {
    await mkdir(dirname(claimPath(library)), { recursive: true });
    await writeFile(claimPath(library), text);
  };
  const claim = (over: object) => {
    const whole = { station: 'another', host: 'attic', machine: '', boot: '', namespace: '', pid: 1, started: '' };
    return leave(JSON.stringify({ ...whole, ...over }));
  };
  return {
    first,
    library,
    claim,
    leave,
    open: () => openCatalog({ ...first.options, state }),
    rebuild: () => rebuildCatalog({ state, library: first.library, clock: realClock }),
  };
}

/** What a station that runs here has noted, of the process with this number. */
async function noted(first: Awaited<ReturnType<typeof stationFolders>>, pid: number) {
  const catalog = await first.open();
  const own = JSON.parse(await readFile(claimPath(first.options.library), 'utf8'));
  await catalog.close();
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return { ...own, pid, started: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] };
}

test('a library in which another station works is not taken over, until that one has ended', async (t) => {
  const { first, library, claim, open, rebuild } = await twoStations(t);
  const child = spawn('sleep', ['60']);
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  const running = await noted(first, child.pid ?? assert.fail());
  await claim(running);
  const before = await readLedger(library);
  const inUse = { code: 'library_unwritable', message: /in use by another station \(process \d+ on / };
  await assert.rejects(open(), inUse);
  await assert.rejects(rebuild(), inUse);
  assert.deepEqual(await readLedger(library), before);
  await assert.rejects(first.open(), inUse, 'nor by one with a copy of its state folder');
  await claim({ ...running, started: '1' });
  await assert.rejects(open(), { code: 'catalog_damaged' }, 'the number was given out again');
  await claim(running);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await rebuild();
  await (await open()).close();
});

test('a station that was killed and is waited for by nobody keeps nobody away', async (t) => {
  const { first, claim, rebuild } = await twoStations(t);
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => parent.kill('SIGKILL'));
  const pid = Number(String((await once(parent.stdout, 'data'))[0]));
  t.after(() => void spawnSync('kill', ['-KILL', String(pid)])); // it may be gone
  await claim(await noted(first, pid));
  await assert.rejects(first.open(), { code: 'library_unwritable' });
  process.kill(pid, 'SIGKILL');
  const isOver = async () => /\) Z /.test(await readFile(`/proc/${pid}/stat`, 'utf8'));
  for (const deadline = Date.now() + 10_000; !(await isOver()); ) assert.ok(Date.now() < deadline);
  await (await first.open()).close();
  await claim(await noted(first, pid));
  await rebuild();
});

test('of a station elsewhere it cannot be told: a person says that it has ended', async (t) => {
  const { library, claim, open, rebuild } = await twoStations(t);
  await claim({ boot: 'elsewhere' });
  const unsure = { code: 'library_unwritable', message: /on attic, and whether .* remove .*\.disk2iso\/claim\./ };
  await assert.rejects(open(), unsure);
  await assert.rejects(rebuild(), unsure);
  await rm(dirname(claimPath(library)), { recursive: true });
  await rebuild();
});

test('a station knows its own claim wherever it ran, takes it back at its end, and sees through one of before a reboot', async (t) => {
  const { first, library, claim, rebuild } = await twoStations(t);
  await assert.rejects(readFile(claimPath(library)), { code: 'ENOENT' });
  const station = (await readFile(tokenPath(first.options.state), 'utf8')).trim();
  await claim({ station, boot: 'elsewhere' });
  await (await first.open()).close();
  const machine = await readFile('/etc/machine-id', 'utf8').catch(() => '');
  if (machine.trim() === '') return;
  await claim({ machine: machine.trim(), boot: 'before' });
  await rebuild();
});

test('what is no claim keeps nobody away', async (t) => {
  const { first, leave, rebuild } = await twoStations(t);
  for (const text of ['', '{', 'null', '[]', '{"boot": 1}', '{"boot": "x", "pid": "y"}']) {
    await leave(text);
    await rebuild();
  }
  await assert.rejects(first.open(), { code: 'catalog_damaged' });
});

/** What is left of a process in another container, whose pids mean nothing here. */
async function moveElsewhere(library: string): Promise<void> {
  const claim = JSON.parse(await readFile(claimPath(library), 'utf8'));
  await writeFile(claimPath(library), JSON.stringify({ ...claim, namespace: 'pid:[1]' }));
}

for (const how of ['open', 'rebuild'] as const) {
  test(`a first start or rebuild that was killed in a container (${how}) is done again, and keeps out others only`, async (t) => {
    const { options, folder, library, open } = await stationFolders(t);
    const rebuild = (state = options.state) => rebuildCatalog({ state, library, clock: realClock });
    if (how === 'rebuild') await (await open()).close();
    const place = { state: options.state, library: options.library };
    const killed = new Claimer(t);
    assert.equal(await killed.next(), 'ready');
    killed.tell({ how, ...place, at: 0 });
    assert.equal(await killed.next(), 'won');
    await assert.rejects(rebuild(), { code: 'catalog_locked', message: /in use by another disk2iso \(process \d+\)/ });
    await assert.rejects(open(), { code: 'catalog_locked' });
    await killed.kill();
    await moveElsewhere(options.library);
    await assert.rejects(rebuild(join(folder, 'other-state')), { message: /cannot be told from here/ });
    if (how === 'open') await rm(join(options.state, 'catalog.id'));
    const claim = await readFile(claimPath(options.library), 'utf8');
    await rebuild();
    await mkdir(dirname(claimPath(options.library)));
    await writeFile(claimPath(options.library), claim);
    await (await open()).close();
  });
}

test('a first start that was killed in a container before it had a catalog is done again', async (t) => {
  const { options, open } = await stationFolders(t);
  const catalog = await open();
  const claim = await readFile(claimPath(options.library), 'utf8');
  await catalog.close();
  for (const name of ['catalog', 'catalog.id']) await rm(join(options.state, name), { recursive: true });
  await rm(ledgerPath(options.library));
  await mkdir(dirname(claimPath(options.library)));
  await writeFile(claimPath(options.library), claim);
  await moveElsewhere(options.library);
  await (await open()).close();
});

test('a lock that a power cut has damaged is mended, and is one', async (t) => {
  const { options, open } = await stationFolders(t);
  await (await open()).close();
  await writeFile(join(options.state, 'lock', 'CURRENT'), '');
  const catalog = await open();
  await assert.rejects(lockState(options.state), { code: 'catalog_locked' });
  await catalog.close();
  await (await lockState(options.state)).release();
});

test('what crashes left of claims is removed when nobody can need it any more, and nothing else', async (t) => {
  const { options, open } = await stationFolders(t);
  const { library } = options;
  await (await open()).close();
  const own = join(library, '.disk2iso');
  const before = await readdir(own);
  const left = ['claim.0123456789abcdef', 'claim.gone-0123456789abcdef'];
  for (const name of [...left, 'claim.of-a-person']) await mkdir(join(own, name, 'station'), { recursive: true });
  for (const [keptMs, stay] of [
    [undefined, left],
    [0, []],
  ] as const) {
    await claimLibrary(library, 'x', keptMs);
    await releaseLibrary(library);
    assert.deepEqual((await readdir(own)).sort(), [...before, ...stay, 'claim.of-a-person'].sort());
  }
});
