import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { commitImage, commitSteps } from '../../src/adapters/library-commit.js';
import type { Link } from '../../src/adapters/library-place.js';
import { parseManifest } from '../../src/adapters/manifest.js';
import type { Archive } from '../../src/core/archive.js';
import type { Verdict } from '../../src/core/verdict.js';
import { newArchive, newJob, stationFolders } from '../catalog/station-folders.js';

const digest = (algorithm: string, data: Buffer): string => createHash(algorithm).update(data).digest('hex');
const noLinks: Link = async () => {
  throw Object.assign(new Error('Operation not permitted'), { code: 'EPERM' });
};
const bad = [{ start: 2048, length: 2048 }];
const damaged: Verdict = { kind: 'damaged', bad, badBytes: 2048 };

/** A finished image in its work folder and the archive it is to become. */
async function finished(t: TestContext, over: Partial<Archive> = {}) {
  const station = await stationFolders(t);
  const data = randomBytes(64 * 1024);
  const checksums = {
    md5: digest('md5', data),
    sha1: digest('sha1', data),
    sha256: digest('sha256', data),
    sha512: digest('sha512', data),
    blake2b512: digest('blake2b512', data),
  };
  const archive = newArchive({ path: 'dvd/HOLIDAY.iso', sizeBytes: data.length, checksums, ...over });
  const work = await station.library.openWork(
    newJob({ kind: 'archiving', archive, setback: null }, { id: archive.jobId }),
  );
  await writeFile(work.image, data, { mode: 0o600 });
  await writeFile(work.map, 'the map\n');
  return { ...station, root: station.options.library, archive, work, data };
}

async function checkPlaced({ root, archive, data, work }: Awaited<ReturnType<typeof finished>>): Promise<void> {
  const image = join(root, archive.path);
  assert.deepEqual(await readFile(image), data);
  assert.deepEqual(parseManifest(await readFile(`${image}.json`, 'utf8'), archive.path), archive);
  assert.deepEqual(await readdir(work.folder), ['job.json', 'map']);
  assert.equal((await stat(image)).nlink, 1);
}

test('image, checksum files and manifest come to their names, and the usual tools accept them', async (t) => {
  const done = await finished(t);
  const { root, archive, library, work } = done;
  process.umask(0o077);
  await library.commit(work, archive);
  process.umask(0o022);
  await checkPlaced(done);
  const folder = dirname(join(root, archive.path));
  const name = basename(archive.path);
  for (const program of ['md5sum', 'sha1sum', 'sha256sum', 'sha512sum', 'b2sum']) {
    const end = program === 'b2sum' ? 'blake2b512' : program.slice(0, -3);
    const run = spawnSync(program, ['--strict', '-c', `${name}.${end}`], { cwd: folder, encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
  }
  assert.equal((await stat(folder)).mode & 0o7777, 0o755);
  for (const file of await readdir(folder)) assert.equal((await stat(join(folder, file))).mode & 0o7777, 0o644, file);
  assert.deepEqual((await readdir(folder)).length, 7, 'no map beside a complete image');
});

test('the map stays beside a damaged image', async (t) => {
  const done = await finished(t, { path: 'dvd/HOLIDAY.damaged.iso', verdict: damaged });
  await done.library.commit(done.work, done.archive);
  await checkPlaced(done);
  assert.equal(await readFile(join(done.root, 'dvd/HOLIDAY.damaged.iso.map'), 'utf8'), 'the map\n');
});

for (const [name, makeLink] of [
  ['with hard links', undefined],
  ['without hard links', noLinks],
] as const) {
  test(`ended after any step and done again, it ends the same; the image is never visible alone, ${name}`, async (t) => {
    const count = (await stepsOf(t, makeLink)).steps.length;
    for (let ended = 0; ended <= count; ended += 1) {
      const { steps, done } = await stepsOf(t, makeLink);
      for (const step of steps.slice(0, ended)) await step();
      const names = await readdir(join(done.root, 'dvd')).catch((): string[] => []);
      if (names.includes('HOLIDAY.damaged.iso')) assert.equal(names.length, 8, `${ended}: ${names.join()}`);
      await commitImage(done.root, done.work, done.archive, makeLink);
      await checkPlaced(done);
      await commitImage(done.root, done.work, done.archive, makeLink);
      await checkPlaced(done);
    }
  });
}

async function stepsOf(t: TestContext, makeLink: Link | undefined) {
  const done = await finished(t, { path: 'dvd/HOLIDAY.damaged.iso', verdict: damaged });
  return { done, steps: commitSteps(done.root, done.work, done.archive, makeLink) };
}

for (const [name, makeLink] of [
  ['with hard links', undefined],
  ['without hard links', noLinks],
] as const) {
  test(`nothing that appears under a chosen name is replaced, ${name}`, async (t) => {
    for (const end of ['', '.json', '.sha256']) {
      const { root, archive, work, data } = await finished(t);
      const path = join(root, archive.path + end);
      await mkdir(dirname(path));
      await writeFile(path, 'mine');
      await assert.rejects(commitImage(root, work, archive, makeLink), { code: 'state_conflict', retry: 'later' });
      assert.equal(await readFile(path, 'utf8'), 'mine');
      assert.deepEqual(await readFile(work.image), data, 'the image is still there');
      await rename(path, `${path}.moved`);
      await commitImage(root, work, archive, makeLink);
      assert.deepEqual(await readFile(join(root, archive.path)), data);
    }
  });
}

test('a folder that is a symlink out of the library is not followed', async (t) => {
  const { root, archive, work, library, folder } = await finished(t);
  await mkdir(join(folder, 'outside'));
  await symlink(join(folder, 'outside'), join(root, 'dvd'));
  await assert.rejects(library.commit(work, archive), { code: 'library_unwritable' });
  assert.deepEqual(await readdir(join(folder, 'outside')), []);
});

test('a folder on another filesystem is refused with advice', async (t) => {
  const { root, archive, work, library, data, mountSmall } = await finished(t);
  if (!(await mountSmall('tmpfs', join(root, 'dvd'), 1))) return t.skip('no tmpfs can be mounted here');
  await assert.rejects(library.commit(work, archive), { code: 'library_unwritable', message: /another filesystem/ });
  assert.deepEqual(await readFile(work.image), data);
});

test('an image of another size than was promised is not archived', async (t) => {
  const { archive, work, library, root } = await finished(t);
  await writeFile(work.image, 'short');
  await assert.rejects(library.commit(work, archive), { code: 'io_error' });
  await rename(work.image, `${work.image}.gone`);
  await assert.rejects(library.commit(work, archive), { code: 'not_found' });
  assert.deepEqual(await readdir(root), ['.disk2iso']);
});

test('no path leads out of the library', async (t) => {
  const { library } = await stationFolders(t);
  for (const path of ['../x.iso', '/etc/x.iso', 'a/../../x.iso', 'a//x.iso', './x.iso', 'a\0.iso', '']) {
    assert.throws(() => library.imagePath(newArchive({ path })), { code: 'bad_request' }, JSON.stringify(path));
  }
});

test('a full library keeps the image in its work folder and leaves no half-named file', async (t) => {
  const station = await stationFolders(t);
  const root = station.options.library;
  if (!(await station.mountSmall('tmpfs', root, 2))) return t.skip('no tmpfs can be mounted here');
  const data = randomBytes(1024 * 1024);
  const archive = newArchive({ path: 'dvd/FULL.iso', sizeBytes: data.length, checksums: { md5: digest('md5', data) } });
  const work = await station.library.openWork(
    newJob({ kind: 'archiving', archive, setback: null }, { id: archive.jobId }),
  );
  await writeFile(work.image, data);
  await writeFile(join(root, 'ballast'), Buffer.alloc(2 * 1024 * 1024)).catch(() => undefined);
  await assert.rejects(station.library.commit(work, archive), { code: 'no_space', retry: 'later' });
  assert.ok(!(await readdir(root)).includes('dvd') || (await readdir(join(root, 'dvd'))).length === 0);
  await unlink(join(root, 'ballast'));
  await station.library.commit(work, archive);
  assert.deepEqual(await readFile(join(root, archive.path)), data);
});
