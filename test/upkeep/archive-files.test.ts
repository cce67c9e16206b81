import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createArchiveFiles } from '../../src/adapters/library-archive-files.js';
import { formatManifest } from '../../src/adapters/manifest.js';
import { type Archive, withCare } from '../../src/core/archive.js';
import { newArchive, stationFolders } from '../catalog/station-folders.js';

async function shelf(t: TestContext) {
  const { options } = await stationFolders(t);
  const { library } = options;
  const archive = newArchive({ path: 'dvd/FILM.iso' });
  const image = join(library, archive.path);
  const place = async (one: Archive) => {
    await mkdir(dirname(image), { recursive: true });
    await writeFile(image, one.id);
    for (const name of ['md5', 'sha256']) await writeFile(`${image}.${name}`, `${one.id}  FILM.iso\n`);
    await writeFile(`${image}.json`, formatManifest(one));
  };
  await mkdir(join(library, '.disk2iso'));
  await place(archive);
  const trashed = withCare(archive, { trashed: { at: 1, purgeAt: 2, rule: 'old', restoreTo: null } });
  const folder = join(library, '.disk2iso', 'trash', archive.id);
  return { library, archive, trashed, image, folder, place, files: createArchiveFiles(library) };
}

test('a crash at any point on the way to the trash is made up for', async (t) => {
  for (const moved of [
    [],
    ['FILM.iso'],
    ['FILM.iso', 'FILM.iso.md5'],
    ['FILM.iso', 'FILM.iso.md5', 'FILM.iso.sha256'],
  ]) {
    const { trashed, image, folder, files } = await shelf(t);
    await mkdir(folder, { recursive: true });
    for (const name of moved) await rename(join(dirname(image), name), join(folder, name));
    await files.trash(trashed);
    await files.trash(trashed);
    assert.deepEqual(await readdir(dirname(image)), []);
    assert.deepEqual(await readdir(folder), ['FILM.iso', 'FILM.iso.json', 'FILM.iso.md5', 'FILM.iso.sha256']);
  }
});

test('another image that has taken the name since is not moved, nor replaced by one that comes back', async (t) => {
  const { library, trashed, image, files, place } = await shelf(t);
  await files.trash(trashed);
  const later = newArchive({ path: 'dvd/FILM.iso' });
  await place(later);
  await files.trash(trashed);
  assert.equal(await readFile(image, 'utf8'), later.id);
  const path = await files.freePath(trashed, new Set());
  assert.equal(path, 'dvd/FILM_2.iso');
  await files.restore(trashed, path);
  await files.restore(trashed, path);
  assert.equal(await readFile(join(library, path), 'utf8'), trashed.id);
  assert.match(await readFile(join(library, `${path}.sha256`), 'utf8'), / {2}FILM_2\.iso\n$/);
  assert.equal(await readFile(image, 'utf8'), later.id);
});

test('without its manifest nothing is known to be ours, and nothing is moved', async (t) => {
  const { trashed, image, folder, files } = await shelf(t);
  await rename(`${image}.json`, `${image}.elsewhere`);
  await assert.rejects(files.trash(trashed), { code: 'state_conflict' });
  await stat(image);
  await copyFile(`${image}.elsewhere`, `${image}.json`);
  await files.trash(trashed);
  await files.purge(trashed);
  await files.purge(trashed);
  await assert.rejects(stat(folder), { code: 'ENOENT' });
  assert.deepEqual(await readdir(dirname(image)), ['FILM.iso.elsewhere']);
});
