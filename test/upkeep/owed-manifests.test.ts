import assert from 'node:assert/strict';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { formatManifest } from '../../src/adapters/manifest.js';
import { type Archive, careOf } from '../../src/core/archive.js';
import { Fault } from '../../src/core/fault.js';
import type { ArchiveFiles } from '../../src/core/imaging-ports.js';
import { newArchive } from '../catalog/station-folders.js';
import { sampleSettings } from '../core/samples.js';
import { hour, UpkeepRig } from './upkeep-rig.js';

const full = () => Promise.reject(new Fault('no_space', 'full', { retry: 'later' }));

async function annotated(t: TestContext) {
  const rig = await UpkeepRig.start(t);
  const { id, path } = await rig.add({ path: 'dvd/FILM.iso' });
  await rig.settle();
  const { describe } = rig.files;
  return {
    rig,
    id,
    file: join(rig.library, `${path}.json`),
    record: async () => (await rig.archive(id)) ?? assert.fail(),
    owed: () => rig.books.catalog.duties.undescribed(100),
    fails(how: ArchiveFiles['describe']): void {
      rig.files.describe = how;
    },
    mended(): void {
      rig.files.describe = describe;
    },
  };
}

type Annotated = Awaited<ReturnType<typeof annotated>>;

async function assertAgreed({ record, file, owed }: Annotated, notes: string | null): Promise<void> {
  const archive = await record();
  assert.equal(careOf(archive).notes, notes);
  assert.equal(await readFile(file, 'utf8'), formatManifest(archive));
  assert.deepEqual(await owed(), []);
}

test('a note that the state folder has no room for is nowhere, in the manifest neither', async (t) => {
  const bed = await annotated(t);
  const { rig, id } = bed;
  const { catalog } = rig.books;
  const commit = catalog.commit.bind(catalog);
  catalog.commit = full;
  await assert.rejects(rig.upkeep.annotate(id, { notes: 'new' }), { code: 'no_space' });
  catalog.commit = commit;
  await assertAgreed(bed, null);
});

test('a note that the library has no room for gets into the manifest when there is some, over a restart too', async (t) => {
  const bed = await annotated(t);
  const { rig, id, record } = bed;
  bed.fails(full);
  await rig.upkeep.annotate(id, { notes: 'new' });
  assert.equal(careOf(await record()).notes, 'new');
  await rig.settle();
  await rig.restart();
  await rig.settle();
  assert.deepEqual(await bed.owed(), [id]);
  bed.mended();
  await rig.live(hour, hour);
  await assertAgreed(bed, 'new');
});

test('where the daemon dies between the record and the manifest, the next one makes up for it', async (t) => {
  const bed = await annotated(t);
  const { rig, id } = bed;
  bed.fails(() => Promise.reject(new Error('killed')));
  await assert.rejects(rig.upkeep.annotate(id, { notes: 'new' }), /killed/);
  bed.mended();
  await rig.restart();
  await rig.settle();
  await assertAgreed(bed, 'new');
});

test('a verification whose manifest could not be written gets into it later', async (t) => {
  const bed = await annotated(t);
  bed.fails(full);
  await bed.rig.upkeep.verify(bed.id);
  bed.mended();
  await bed.rig.live(hour, hour);
  assert.equal((await bed.record()).verification?.kind, 'match');
  await assertAgreed(bed, null);
});

test('checksums that got into the manifest and not into the record are taken out of it again', async (t) => {
  const bed = await annotated(t);
  const { rig, record, file } = bed;
  const { addChecksums } = rig.files;
  rig.files.addChecksums = async (...all) => {
    await addChecksums(...all);
    assert.match(await readFile(file, 'utf8'), /"md5"/);
    throw new Error('killed');
  };
  rig.configure({ defaults: { ...sampleSettings, checksums: ['sha256', 'md5'] } });
  await rig.settle();
  assert.deepEqual(Object.keys((await record()).checksums), ['sha256']);
  await assertAgreed(bed, null);
  rig.files.addChecksums = addChecksums;
  await rig.live(2 * hour, hour);
  assert.deepEqual(Object.keys((await record()).checksums), ['md5', 'sha256']);
  await assertAgreed(bed, null);
});

test('what lies in the place of a manifest is not touched, keeps no other waiting, and is looked at again', async (t) => {
  const bed = await annotated(t);
  const { rig, id, file } = bed;
  const other = (await rig.add({ path: 'dvd/OTHER.iso' })) as Archive;
  const foreign = formatManifest(newArchive());
  await rename(file, `${file}.old`);
  await writeFile(file, foreign);
  bed.fails(full);
  await rig.upkeep.annotate(id, { notes: 'new' });
  await rig.upkeep.annotate(other.id, { notes: 'too' });
  bed.mended();
  await rig.live(hour, hour);
  assert.equal(await readFile(file, 'utf8'), foreign);
  assert.deepEqual(await bed.owed(), [id]);
  await rename(`${file}.old`, file);
  await rig.live(2 * hour, hour);
  await assertAgreed(bed, 'new');
});

test('of an archive whose files are gone no manifest is owed, but of a library that is away', async (t) => {
  const bed = await annotated(t);
  const { rig, id, file } = bed;
  await rename(rig.library, `${rig.library}.away`);
  await rig.upkeep.annotate(id, { notes: 'new' });
  await rig.upkeep.pass();
  assert.deepEqual(await bed.owed(), [id]);
  await rename(`${rig.library}.away`, rig.library);
  await rm(file);
  await rm(join(rig.library, 'dvd/FILM.iso'));
  await rig.live(hour, hour);
  assert.deepEqual(await bed.owed(), []);
});

test('a folder that refuses keeps no other manifest waiting, and is told when it has for an hour', async (t) => {
  const rig = await UpkeepRig.start(t);
  const refusing = new Set<string>();
  for (let n = 0; n < 12; n += 1) refusing.add((await rig.add({ path: `locked/${n}.iso` })).path);
  const others = [await rig.add({ path: 'dvd/A.iso' }), await rig.add({ path: 'dvd/B.iso' })];
  await rig.settle();
  const { describe } = rig.files;
  rig.files.describe = full;
  const { items } = await rig.books.catalog.archives({ limit: 100, offset: 0 });
  for (const { id } of items) await rig.upkeep.annotate(id, { notes: 'new' });
  rig.files.describe = async (archive) => {
    if (!refusing.has(archive.path)) return describe(archive);
    throw new Fault('io_error', `${archive.path} cannot be written`, { retry: 'later' });
  };
  await rig.live(hour / 2, 60_000);
  const owed = () => rig.books.catalog.duties.undescribed(100);
  assert.equal((await owed()).length, refusing.size, 'the others are written');
  const fixity = () => rig.upkeep.conditions().find(({ subject }) => subject === 'fixity');
  assert.equal(fixity()?.status, true, 'not told at once');
  await rig.live(hour, 60_000);
  assert.equal(fixity()?.reason, 'io_error');
  assert.match(fixity()?.message ?? '', /locked\/\d+\.iso/);
  rig.files.describe = describe;
  await rig.live(2 * hour, 60_000);
  assert.deepEqual(await owed(), []);
  assert.equal(fixity()?.status, true);
  for (const { path } of others) assert.match(await readFile(join(rig.library, `${path}.json`), 'utf8'), /"new"/);
});
