import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, rename, rm, stat, statfs, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLibrary } from '../../src/adapters/library.js';
import { formatManifest } from '../../src/adapters/manifest.js';
import type { JobId } from '../../src/core/ids.js';
import { memoryLog, newArchive, newJob, stationFolders } from '../catalog/station-folders.js';

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('a missing library is made where its parent exists, and refused where that is missing too', async (t) => {
  const { folder, log } = await stationFolders(t);
  const made = join(folder, 'new');
  await createLibrary({ library: made, log }).check();
  assert.equal((await stat(made)).mode & 0o7777, 0o755);
  const lost = createLibrary({ library: join(folder, 'no', 'such'), log });
  await assert.rejects(lost.check(), { code: 'library_unwritable', message: /create or mount it/ });
  await assert.rejects(lost.storage(), { code: 'library_unwritable' });
});

test('a library that is a file, or whose folder is gone, is refused with advice', async (t) => {
  const { folder, log, library, options } = await stationFolders(t);
  await writeFile(join(folder, 'file'), '');
  const file = createLibrary({ library: join(folder, 'file'), log });
  await assert.rejects(file.check(), { code: 'library_unwritable', message: /not a folder/ });
  await library.openWork(newJob());
  await library.check();
  await rename(options.library, `${options.library}.mounted`);
  await mkdir(options.library);
  await assert.rejects(library.check(), { code: 'library_unwritable', retry: 'later', message: /still mounted/ });
  await rm(options.library, { recursive: true });
  await rename(`${options.library}.mounted`, options.library);
  await library.check();
});

test('a read-only library is refused', async (t) => {
  const { options, mountSmall, library } = await stationFolders(t);
  if (!(await mountSmall('tmpfs', options.library, 1))) return t.skip('no tmpfs can be mounted here');
  await library.check();
  assert.equal(spawnSync('mount', ['-o', 'remount,ro', options.library]).status, 0);
  await assert.rejects(library.check(), { code: 'library_unwritable', message: /read-only/ });
  await assert.rejects(library.openWork(newJob()), { code: 'library_unwritable' });
});

test("a library of somebody else's is refused", async (t) => {
  const { options, folder } = await stationFolders(t);
  await chmod(folder, 0o755);
  await chmod(options.library, 0o755);
  const program = `
    import { createLibrary } from ${JSON.stringify(new URL('../../src/adapters/library.js', import.meta.url))};
    process.setuid(65534);
    createLibrary({ library: process.argv[1], log: {} }).check().catch((error) => console.log(error.code, error.message));`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', program, options.library], {
    encoding: 'utf8',
  });
  if (/EPERM/.test(run.stderr)) return t.skip('needs root to become somebody else');
  assert.match(run.stdout, /^library_unwritable .*chown/);
});

test('space is counted as df does', async (t) => {
  const { library, options } = await stationFolders(t);
  const reading = await library.storage();
  const { blocks, bsize } = await statfs(options.library);
  assert.equal(reading.totalBytes, blocks * bsize);
  assert.ok(reading.usedBytes + reading.availableBytes <= reading.totalBytes);
  assert.ok(reading.availableBytes > 0 && reading.usedBytes > 0);
});

test('unfinished jobs are found by their work folders; strays are told of and left alone', async (t) => {
  const { library, options, log } = await stationFolders(t);
  assert.deepEqual(await all(library.readWork()), []);
  const jobs = [newJob({ kind: 'imaging' }), newJob({ kind: 'paused', reason: 'user' })];
  for (const job of jobs) await library.openWork(job);
  const root = join(options.library, '.disk2iso', 'work');
  await mkdir(join(root, 'stray'));
  await writeFile(join(root, 'file'), 'x');
  await mkdir(join(root, 'damaged'));
  await writeFile(join(root, 'damaged', 'job.json'), '{"v":1,"value":{}}');
  assert.deepEqual(await all(library.readWork()), jobs);
  assert.equal(log.lines.filter((line) => line.level === 'warn').length, 3);
  await library.discardWork(jobs[0]?.id as JobId);
  await library.discardWork(jobs[0]?.id as JobId);
  assert.deepEqual((await readdir(root)).sort(), ['damaged', 'file', jobs[1]?.id, 'stray'].sort());
  await assert.rejects(library.discardWork('../../etc' as JobId));
});

test('an unfinished image takes the blocks it has, not its length', async (t) => {
  const { library } = await stationFolders(t);
  const job = newJob({ kind: 'imaging' });
  assert.equal(await library.heldBytes(job.id), 0);
  const { image } = await library.openWork(job);
  await writeFile(image, Buffer.alloc(65_536, 1));
  await truncate(image, 1_000_000);
  assert.ok((await library.heldBytes(job.id)) >= 65_536);
  assert.ok((await library.heldBytes(job.id)) < 1_000_000);
});

test('a work folder follows its job', async (t) => {
  const { library } = await stationFolders(t);
  const job = newJob({ kind: 'imaging' });
  const work = await library.openWork(job);
  assert.deepEqual(await library.openWork({ ...job, rescuedBytes: 5 }), work);
  assert.equal((await all(library.readWork()))[0]?.rescuedBytes, 5);
});

test('manifests are found in every folder, not behind links; what is unreadable is told', async (t) => {
  const { library, options, folder } = await stationFolders(t);
  const archives = [newArchive({ path: 'a.iso' }), newArchive({ path: 'b/c/d.damaged.iso' })];
  for (const archive of archives) {
    const path = join(options.library, archive.path);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(`${path}.json`, formatManifest(archive));
  }
  await writeFile(join(options.library, 'z.iso.json'), '[]');
  await writeFile(join(options.library, 'other.json'), '[]');
  await mkdir(join(folder, 'outside'));
  await writeFile(join(folder, 'outside', 'x.iso.json'), formatManifest(newArchive()));
  await symlink(join(folder, 'outside'), join(options.library, 'link'));
  await symlink(join(options.library, 'a.iso.json'), join(options.library, 'y.iso.json'));
  const found = await all(library.readManifests());
  assert.deepEqual(
    found.flatMap((one) => ('archive' in one ? [one.archive] : [])),
    archives,
  );
  assert.deepEqual(
    found.flatMap((one) => ('fault' in one ? [one.path] : [])),
    ['z.iso.json'],
  );
  const lost = createLibrary({ library: join(folder, 'no'), log: memoryLog() });
  assert.equal((await all(lost.readManifests())).length, 1);
});
