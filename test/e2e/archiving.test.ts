import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, readdir, readFile, rename, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { makeIso, manifestOf, StationProcess, sha256Of } from './station-process.js';

const realImages = [
  '/usr/lib/ipxe/ipxe.iso',
  '/usr/lib/memtest86+/memtest86+x64.iso',
  '/usr/lib/grub-rescue/grub-rescue-cdrom.iso',
];

test('three real images dropped in together end as three verified archives', async (t) => {
  const station = await StationProcess.start(t);
  for (const image of realImages) await station.drop(image, basename(image));
  await station.until(async () => (await station.archives()).length === 3);
  const archives = await station.archives();
  const expected = await Promise.all(realImages.map(sha256Of));
  assert.deepEqual(archives.map((one) => one.checksums.sha256).sort(), expected.sort());
  for (const archive of archives) {
    assert.equal(await sha256Of(archive.path), archive.checksums.sha256);
    assert.equal(archive.verdict, 'complete');
    const name = basename(archive.path);
    const sums = spawnSync('sha256sum', ['-c', `${name}.sha256`], { cwd: dirname(archive.path), encoding: 'utf8' });
    assert.equal(sums.status, 0, sums.stderr);
    const manifest = JSON.parse(await readFile(`${archive.path}.json`, 'utf8'));
    assert.equal(manifest.checksums.sha256, archive.checksums.sha256);
  }
  await station.until(async () => (await readdir(join(station.inbox, 'done'))).length === 3);
  assert.deepEqual(await readdir(join(station.library, '.disk2iso', 'work')), []);
});

test('a disc that is archived already is reported and not copied; the same label with other content is', async (t) => {
  const station = await StationProcess.start(t);
  const image = await makeIso(station.folder, 'one.iso', 'TWICE', 3);
  await station.drop(image, 'one.iso');
  await station.until(async () => (await station.archives()).length === 1);
  await station.drop(image, 'again.iso');
  const [duplicate] = await station.until(async () => {
    const events = await station.events('disc_duplicate');
    return events.length > 0 && events;
  });
  assert.equal(duplicate.data.archive_id, (await station.archives())[0].id);
  assert.equal((await station.jobs()).length, 1);
  await station.drop(await makeIso(station.folder, 'other.iso', 'TWICE', 3, 2), 'other.iso');
  await station.until(async () => (await station.archives()).length === 2);
  const paths = (await station.archives()).map((one) => basename(one.path)).sort();
  assert.deepEqual(paths, ['TWICE.iso', 'TWICE_2.iso']);
});

test('bad sectors: the image is kept, marked, zero there and exact elsewhere', async (t) => {
  const bad = { start: 1_024_000, length: 3 * 2048 };
  const badMap = `0x0 ? 1\n0x0 0x${bad.start.toString(16)} +\n0x${bad.start.toString(16)} 0x${bad.length.toString(16)} -\n0x${(bad.start + bad.length).toString(16)} 0x10000000 +\n`;
  const station = await StationProcess.start(t, { ddrescue: { badMap } });
  const image = await makeIso(station.folder, 'scratched.iso', 'SCRATCHED', 3);
  await station.drop(image, 'scratched.iso');
  const job = await station.jobIn('SCRATCHED', 'completed');
  assert.equal(job.verdict, 'damaged');
  const [archive] = await station.archives();
  assert.match(archive.path, /SCRATCHED\.damaged\.iso$/);
  const expected = await readFile(image);
  expected.fill(0, bad.start, bad.start + bad.length);
  assert.ok(expected.equals(await readFile(archive.path)));
  const manifest = await manifestOf(station, 'image/SCRATCHED.damaged.iso');
  assert.equal(manifest.verdict.kind, 'damaged');
  assert.match(await readFile(`${archive.path}.map`, 'utf8'), /0x0*FA000 +0x0*1800 +-/i);

  // The same disc read where those sectors can be read: the rescue goes on and fills just the holes.
  await station.setDdrescue({});
  await station.drop(image, 'cleaned.iso');
  await station.until(async () => (await station.archives()).length === 2);
  const whole = (await station.archives()).find((one) => one.verdict === 'complete');
  assert.equal(await sha256Of(whole.path), await sha256Of(image));
  assert.match(whole.path, /SCRATCHED\.iso$/);
});

test('every other sector bad: no cluster can be read whole, yet each good sector is rescued', async (t) => {
  const station = await StationProcess.start(t);
  const image = await makeIso(station.folder, 'striped.iso', 'STRIPED', 1);
  const expected = await readFile(image);
  const lines = ['0x0 ? 1'];
  for (let at = 0; at < expected.length; at += 4096) {
    lines.push(`${at} 2048 -`);
    lines.push(`${at + 2048} 2048 +`);
    expected.fill(0, at, at + 2048);
  }
  await station.setDdrescue({ badMap: `${lines.join('\n')}\n` });
  await station.drop(image, 'striped.iso');
  const job = await station.jobIn('STRIPED', 'completed');
  assert.equal(job.verdict, 'damaged');
  const [archive] = await station.archives();
  assert.ok(expected.equals(await readFile(archive.path)));
});

test('nothing readable: the job fails and says so, and leaves nothing half-named', async (t) => {
  const station = await StationProcess.start(t);
  const image = await makeIso(station.folder, 'dead.iso', 'DEAD', 1);
  const { size } = await stat(image);
  await station.setDdrescue({ badMap: `0x0 ? 1\n0x0 0x${size.toString(16)} -\n` });
  await station.drop(image, 'dead.iso');
  const job = await station.jobIn('DEAD', 'failed');
  assert.match(job.error.message, /Not one sector/);
  assert.deepEqual(await station.archives(), []);
  await station.until(async () => (await readdir(join(station.library, '.disk2iso', 'work'))).length === 0);
});

test('pause, resume and cancel', async (t) => {
  const station = await StationProcess.start(t, { ddrescue: { rate: 2_000_000 } });
  const image = await makeIso(station.folder, 'slow.iso', 'SLOW', 8);
  await station.drop(image, 'slow.iso');
  const { id } = await station.jobIn('SLOW', 'running');
  const patch = (action: string) => station.get(`/api/v1/jobs/${id}`, { method: 'PATCH', body: { action } });
  assert.equal((await patch('pause')).body.status, 'paused');
  assert.equal((await patch('resume')).status, 200);
  await station.jobIn('SLOW', 'running');
  await station.setDdrescue({});
  await patch('pause');
  await patch('resume');
  await station.jobIn('SLOW', 'completed');
  assert.equal((await station.archives())[0].checksums.sha256, await sha256Of(image));
  assert.equal((await patch('cancel')).status, 409);

  await station.setDdrescue({ rate: 1_000_000 });
  await station.drop(await makeIso(station.folder, 'gone.iso', 'GONE', 8, 5), 'gone.iso');
  const second = await station.jobIn('GONE', 'running');
  await station.get(`/api/v1/jobs/${second.id}`, { method: 'PATCH', body: { action: 'cancel' } });
  await station.jobIn('GONE', 'cancelled');
  await station.until(async () => (await readdir(join(station.library, '.disk2iso', 'work'))).length === 0);
});

test('a disc that vanishes mid-read waits for its return and ends exact', async (t) => {
  const station = await StationProcess.start(t, { ddrescue: { rate: 2_000_000 } });
  const image = await makeIso(station.folder, 'leaves.iso', 'LEAVES', 8);
  await station.drop(image, 'leaves.iso');
  await station.jobIn('LEAVES', 'running');
  await rename(join(station.inbox, 'leaves.iso'), join(station.folder, 'elsewhere'));
  await station.jobIn('LEAVES', 'interrupted');
  await station.setDdrescue({});
  await station.drop(image, 'back.iso');
  await station.jobIn('LEAVES', 'completed');
  assert.equal((await station.jobs()).length, 1);
  assert.equal((await station.archives())[0].checksums.sha256, await sha256Of(image));
});

test('a disc that shrinks mid-read is no image', async (t) => {
  const station = await StationProcess.start(t, { ddrescue: { rate: 2_000_000 } });
  await station.drop(await makeIso(station.folder, 'shrinks.iso', 'SHRINKS', 8), 'shrinks.iso');
  await station.jobIn('SHRINKS', 'running');
  await truncate(join(station.inbox, 'shrinks.iso'), 1_000_000);
  await station.jobIn('SHRINKS', 'interrupted', 'failed');
  assert.deepEqual(await station.archives(), []);
});

test('an image that was cut off before it came is kept and marked, and the whole one is another disc', async (t) => {
  const station = await StationProcess.start(t);
  const image = await makeIso(station.folder, 'whole.iso', 'CUT', 4);
  const { size } = await stat(image);
  await copyFile(image, join(station.folder, 'cut.iso'));
  const cutAt = size - 3 * 1024 * 1024 - (size % 2048);
  await truncate(join(station.folder, 'cut.iso'), cutAt);
  await station.drop(join(station.folder, 'cut.iso'), 'cut.iso');
  assert.equal((await station.jobIn('CUT', 'completed')).verdict, 'damaged');
  const [cut] = await station.archives();
  assert.match(cut.path, /CUT\.damaged\.iso$/);
  await station.drop(image, 'whole.iso');
  await station.until(async () => (await station.archives()).length === 2);
  const archives = await station.archives();
  const whole = archives.find((one: { verdict: string }) => one.verdict === 'complete');
  assert.equal(whole.checksums.sha256, await sha256Of(image));
});

test('a file still being copied is left alone, an empty one is explained', async (t) => {
  const station = await StationProcess.start(t);
  await writeFile(join(station.inbox, 'empty.iso'), '');
  const image = await makeIso(station.folder, 'grows.iso', 'GROWS', 4);
  const whole = await readFile(image);
  await copyFile('/dev/null', join(station.inbox, 'grows.iso'));
  for (let at = 0; at < whole.length; at += 700_000) {
    await writeFile(join(station.inbox, 'grows.iso'), whole.subarray(at, at + 700_000), { flag: 'a' });
    assert.deepEqual(
      (await station.jobs()).filter((job) => job.name === 'GROWS'),
      [],
    );
  }
  await station.jobIn('GROWS', 'completed');
  assert.equal((await station.archives())[0].checksums.sha256, await sha256Of(image));
  await station.until(async () => (await station.events('disc_unsupported')).length === 1);
  assert.equal((await stat(join(station.inbox, 'empty.iso'))).size, 0);
  await unlink(join(station.inbox, 'empty.iso'));
});
