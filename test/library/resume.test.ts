import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { appendFile, mkdir, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { withCare } from '../../src/core/archive.js';
import { Fault } from '../../src/core/fault.js';
import type { WorkFolder } from '../../src/core/imaging-ports.js';
import {
  formatRescueMap,
  parseRescueMap,
  prefixMap,
  type RescueMap,
  rangesWithout,
  rescuedPrefix,
} from '../../src/core/rescue-map.js';
import { newArchive, newJob, stationFolders } from '../catalog/station-folders.js';

const never = new AbortController().signal;
const sector = 2048;
const medium = 100 * sector;
const data = randomBytes(medium);

async function working(t: TestContext) {
  const station = await stationFolders(t);
  const work = await station.library.openWork(newJob({ kind: 'imaging' }));
  const prepare = (bytes = medium) => station.library.prepareResume(work, bytes, null, never);
  return { ...station, work, prepare };
}

const sha256 = (bytes: Buffer) => ({ sha256: createHash('sha256').update(bytes).digest('hex') });

/** As if the machine had gone down: another boot id. */
const reboot = (work: WorkFolder) => writeFile(join(work.folder, 'boot_id'), 'another-boot\n');
const holes: RescueMap = {
  phase: '*',
  areas: [
    { start: 0, length: 40 * sector, status: '+' },
    { start: 40 * sector, length: 10 * sector, status: '*' },
    { start: 50 * sector, length: 50 * sector, status: '+' },
  ],
};

async function checkFit(work: WorkFolder, map: RescueMap): Promise<void> {
  assert.deepEqual(parseRescueMap(await readFile(work.map, 'utf8')), map, 'the map on disk is the one given back');
}

test('a new job begins with nothing, and again so where nothing can be trusted', async (t) => {
  const { work, prepare } = await working(t);
  const point = await prepare();
  assert.deepEqual(point, { map: prefixMap(0, medium), from: 'nothing' });
  await checkFit(work, point.map);
  await writeFile(work.image, data);
  await writeFile(work.map, 'garbage');
  assert.equal((await prepare()).from, 'nothing');
  assert.equal((await stat(work.image)).size, 0);
});

test('in the same boot the live map is believed, and the image is as long as its rescued start', async (t) => {
  const { work, prepare } = await working(t);
  await prepare();
  await writeFile(work.image, data.subarray(0, 30 * sector + 700));
  await writeFile(work.map, formatRescueMap(prefixMap(20 * sector, medium)));
  const point = await prepare();
  assert.deepEqual(point, { map: prefixMap(20 * sector, medium), from: 'live' });
  assert.deepEqual(await readFile(work.image), data.subarray(0, 20 * sector));
  await checkFit(work, point.map);
});

test('a map that claims more than the image holds is cut to whole sectors of what is there', async (t) => {
  const { work, prepare } = await working(t);
  await prepare();
  await writeFile(work.image, data.subarray(0, 10 * sector + 5));
  await writeFile(work.map, formatRescueMap(prefixMap(20 * sector, medium)));
  assert.deepEqual((await prepare()).map, prefixMap(10 * sector, medium));
});

test('after another boot only the checkpoint counts', async (t) => {
  const { work, prepare, library } = await working(t);
  await prepare();
  await writeFile(work.image, data.subarray(0, 10 * sector));
  await writeFile(work.map, formatRescueMap(prefixMap(10 * sector, medium)));
  await library.checkpoint(work, medium);
  await appendFile(work.image, data.subarray(10 * sector, 60 * sector));
  await writeFile(work.map, formatRescueMap(prefixMap(60 * sector, medium)));
  await reboot(work);
  const point = await prepare();
  assert.deepEqual(point, { map: prefixMap(10 * sector, medium), from: 'checkpoint' });
  assert.deepEqual(await readFile(work.image), data.subarray(0, 10 * sector));
  await reboot(work);
  await rm(join(work.folder, 'checkpoint.map'));
  await writeFile(work.map, formatRescueMap(prefixMap(10 * sector, medium)));
  assert.equal((await prepare()).from, 'nothing');
  assert.equal((await stat(work.image)).size, 0);
});

test('a torn map falls back on the checkpoint, in any boot', async (t) => {
  for (const again of [reboot, async () => undefined]) {
    const { work, prepare, library } = await working(t);
    await prepare();
    await writeFile(work.image, data);
    const whole = formatRescueMap(holes);
    await writeFile(work.map, whole);
    await library.checkpoint(work, medium);
    await again(work);
    await writeFile(work.map, whole.slice(0, -4));
    const point = await prepare();
    assert.deepEqual(point, { map: holes, from: 'checkpoint' });
    assert.deepEqual(await readFile(work.image), data, 'nothing past a hole is cut off');
  }
});

test('a checkpoint that claims more than the image still holds is not believed later on', async (t) => {
  const { work, prepare, library } = await working(t);
  await prepare();
  await writeFile(work.image, data);
  await writeFile(work.map, formatRescueMap(prefixMap(80 * sector, medium)));
  await library.checkpoint(work, medium);
  await truncate(work.image, 30 * sector);
  await writeFile(work.map, formatRescueMap(prefixMap(30 * sector, medium)));
  assert.equal((await prepare()).from, 'live');
  // The image grows again, the power goes: the old checkpoint would call unwritten blocks rescued.
  await writeFile(work.image, Buffer.alloc(medium));
  await reboot(work);
  assert.equal((await prepare()).from, 'nothing');
});

test('killed between the steps of a resume after a power cut, the old live map is not believed', async (t) => {
  const { work, prepare, library } = await working(t);
  await prepare();
  await writeFile(work.image, data);
  await writeFile(work.map, formatRescueMap(prefixMap(10 * sector, medium)));
  await library.checkpoint(work, medium);
  await writeFile(work.map, formatRescueMap(prefixMap(90 * sector, medium)));
  await reboot(work);
  // What would be there had it been killed just before boot_id: map and image settled, boot_id old.
  const point = await prepare();
  await reboot(work);
  assert.deepEqual(await prepare(), point);
});

test('a medium of another size keeps what lies in both', async (t) => {
  const { work, prepare } = await working(t);
  await prepare();
  await writeFile(work.image, data);
  await writeFile(work.map, formatRescueMap(holes));
  const smaller = await prepare(98 * sector);
  assert.deepEqual(rangesWithout(smaller.map, '+', 98 * sector), [{ start: 40 * sector, length: 10 * sector }]);
  assert.equal((await stat(work.image)).size, 98 * sector);
  const larger = await prepare(medium);
  assert.equal(larger.map.areas.at(-1)?.status, '?');
  assert.equal(rescuedPrefix(larger.map), 40 * sector);
});

test('a checkpoint while ddrescue rewrites its map keeps the last good one', async (t) => {
  const { work, prepare, library } = await working(t);
  await prepare();
  await library.checkpoint(work, medium);
  await writeFile(work.image, data);
  await writeFile(work.map, formatRescueMap(prefixMap(50 * sector, medium)));
  await library.checkpoint(work, medium);
  await writeFile(work.map, '');
  await library.checkpoint(work, medium);
  await reboot(work);
  assert.equal((await prepare()).from, 'checkpoint');
});

test('what a run read is taken back, and zeros are where nothing was rescued before', async (t) => {
  const { work, prepare, library } = await working(t);
  await prepare();
  await library.mark(work);
  await writeFile(work.image, data);
  await writeFile(work.map, formatRescueMap(prefixMap(70 * sector, medium)));
  await library.checkpoint(work, medium);
  await library.revert(work);
  assert.equal((await stat(work.image)).size, 0);
  assert.equal((await prepare()).from, 'nothing');

  await writeFile(work.image, data);
  await writeFile(work.map, formatRescueMap(holes));
  await library.mark(work);
  const foreign = randomBytes(20 * sector);
  await writeFile(work.map, formatRescueMap(prefixMap(medium, medium)));
  const file = await open(work.image, 'r+');
  await file.write(foreign, 0, 10 * sector, 40 * sector);
  await file.close();
  await library.checkpoint(work, medium);
  await library.revert(work);
  const expected = Buffer.from(data);
  expected.fill(0, 40 * sector, 50 * sector);
  assert.deepEqual(await readFile(work.image), expected);
  await reboot(work);
  assert.deepEqual((await prepare()).map, holes);
});

test('a run is taken back whole where there was no map before it', async (t) => {
  const { work, prepare, library } = await working(t);
  await library.mark(work);
  await writeFile(work.image, data);
  await writeFile(work.map, formatRescueMap(prefixMap(70 * sector, medium)));
  await library.checkpoint(work, medium);
  await library.revert(work);
  await writeFile(work.image, data);
  assert.equal((await prepare()).from, 'nothing');
});

test('a rescue goes on from a damaged archive, once, whatever the crash', async (t) => {
  const { library, options } = await stationFolders(t);
  const image = Buffer.from(data);
  image.fill(0, 40 * sector, 50 * sector);
  const bad = [{ start: 40 * sector, length: 10 * sector }];
  const archive = newArchive({
    path: 'dvd/X.damaged.iso',
    sizeBytes: medium,
    checksums: sha256(image),
    verdict: { kind: 'damaged', bad, badBytes: 10 * sector },
  });
  const path = join(options.library, archive.path);
  await mkdir(dirname(path));
  await writeFile(path, image);
  const work = await library.openWork(newJob({ kind: 'imaging' }, { continues: archive.id }));
  await writeFile(`${work.image}.seed`, 'left by a crash');
  const point = await library.prepareResume(work, medium, archive, never);
  assert.equal(point.from, 'continued');
  assert.deepEqual(rangesWithout(point.map, '+', medium), bad);
  assert.deepEqual(await readFile(work.image), image);
  await checkFit(work, point.map);
  // Half of the hole has been read since; neither a crash nor a power cut copies the old image over it.
  const rescued: RescueMap = {
    phase: '?',
    areas: [
      { start: 0, length: 45 * sector, status: '+' },
      { start: 45 * sector, length: 5 * sector, status: '?' },
      { start: 50 * sector, length: 50 * sector, status: '+' },
    ],
  };
  await writeFile(work.map, formatRescueMap(rescued));
  assert.deepEqual(await library.prepareResume(work, medium, archive, never), { map: rescued, from: 'live' });
  await reboot(work);
  const after = await library.prepareResume(work, medium, archive, never);
  assert.deepEqual([after.from, rangesWithout(after.map, '+', medium)], ['checkpoint', bad]);
  assert.deepEqual(await readFile(path), image, 'the archive is as it was');
});

test('a damaged archive that ends in a hole is cut to its rescued start', async (t) => {
  const { library, options } = await stationFolders(t);
  const bad = [{ start: 60 * sector, length: 40 * sector }];
  const verdict = { kind: 'damaged', bad, badBytes: 40 * sector } as const;
  const image = Buffer.concat([data.subarray(0, 60 * sector), Buffer.alloc(40 * sector)]);
  const archive = newArchive({ path: 'X.damaged.iso', sizeBytes: medium, checksums: sha256(image), verdict });
  await writeFile(join(options.library, archive.path), image);
  const work = await library.openWork(newJob({ kind: 'imaging' }));
  const point = await library.prepareResume(work, medium, archive, never);
  assert.deepEqual(point, { map: prefixMap(60 * sector, medium), from: 'continued' });
  assert.equal((await stat(work.image)).size, 60 * sector);
  await rm(join(options.library, archive.path));
  const other = await library.openWork(newJob({ kind: 'imaging' }));
  assert.equal((await library.prepareResume(other, medium, archive, never)).from, 'nothing');
});

test('nothing is taken over from an archive that was spoilt on disk, or whose path is not its own any more', async (t) => {
  const { library, options } = await stationFolders(t);
  const bad = [{ start: 60 * sector, length: sector }];
  const verdict = { kind: 'damaged', bad, badBytes: sector } as const;
  const image = Buffer.from(data);
  const archive = newArchive({ path: 'X.damaged.iso', sizeBytes: medium, checksums: sha256(image), verdict });
  const trashed = { at: 1, purgeAt: 2, rule: 'old', restoreTo: null };
  await writeFile(join(options.library, archive.path), image);
  const from = async (one: typeof archive) => {
    const work = await library.openWork(newJob({ kind: 'imaging' }));
    return (await library.prepareResume(work, medium, one, never)).from;
  };
  assert.equal(await from(archive), 'continued');
  assert.equal(await from(withCare(archive, { trashed })), 'nothing');
  image.writeUInt8(image.readUInt8(5000) ^ 1, 5000);
  await writeFile(join(options.library, archive.path), image);
  assert.equal(await from(archive), 'nothing');
});

test('going on from a damaged archive can be stopped, and begun anew', async (t) => {
  const { library, options } = await stationFolders(t);
  const bad = [{ start: 60 * sector, length: sector }];
  const verdict = { kind: 'damaged', bad, badBytes: sector } as const;
  const archive = newArchive({ path: 'X.damaged.iso', sizeBytes: medium, checksums: sha256(data), verdict });
  await writeFile(join(options.library, archive.path), data);
  const work = await library.openWork(newJob({ kind: 'imaging' }));
  await assert.rejects(
    library.prepareResume(work, medium, archive, AbortSignal.abort()),
    (error) => error instanceof Fault && error.code === 'cancelled',
  );
  assert.equal((await library.prepareResume(work, medium, archive, never)).from, 'continued');
});

test('the image gets the length its verdict calls for', async (t) => {
  const { work, library, prepare } = await working(t);
  await prepare();
  await writeFile(work.image, data);
  const tail = { start: 98 * sector, length: 2 * sector };
  assert.equal(await library.setLength(work, { kind: 'complete_with_tail', tail }, medium), 98 * sector);
  assert.deepEqual(await readFile(work.image), data.subarray(0, 98 * sector));
  const bad = [tail];
  assert.equal(await library.setLength(work, { kind: 'damaged', bad, badBytes: 2 * sector }, medium), medium);
  assert.deepEqual((await readFile(work.image)).subarray(98 * sector), Buffer.alloc(2 * sector));
  await truncate(work.image, 5);
  await assert.rejects(library.setLength(work, { kind: 'complete' }, medium), { code: 'io_error' });
});

test('ddrescue takes up the maps that are written here', async (t) => {
  if (spawnSync('ddrescue', ['--version']).status !== 0) return t.skip('no ddrescue');
  const { work, prepare, folder } = await working(t);
  const source = join(folder, 'source');
  await writeFile(source, data);
  const run = () => spawnSync('ddrescue', ['-q', source, work.image, work.map], { encoding: 'utf8' });
  await prepare();
  assert.equal(run().status, 0);
  await writeFile(work.map, formatRescueMap(prefixMap(33 * sector, medium)));
  await prepare();
  assert.equal((await stat(work.image)).size, 33 * sector);
  assert.equal(run().status, 0);
  assert.deepEqual(await readFile(work.image), data);
  const point = await prepare();
  assert.deepEqual(point.map.areas, [{ start: 0, length: medium, status: '+' }]);
});
