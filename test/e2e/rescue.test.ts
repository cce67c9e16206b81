import assert from 'node:assert/strict';
import { chmod, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeIso, StationProcess } from './station-process.js';

const badMap = '0x0 ? 1\n0x0 0xFA000 +\n0xFA000 0x1800 -\n0xFB800 0x10000000 +\n';

async function spoil(file: string, at = 40_000): Promise<void> {
  const handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, at);
  await handle.write(Buffer.from([byte.readUInt8() ^ 1]), 0, 1, at);
  await handle.close();
}

test('a disc whose image has rotted or vanished is imaged again, not given back as a duplicate', async (t) => {
  const station = await StationProcess.start(t);
  const image = await makeIso(station.folder, 'old.iso', 'ROTTEN', 1);
  await station.drop(image, 'first.iso');
  const [first] = await station.until(async () => (await station.archives()).length === 1 && station.archives());
  await spoil(first.path);
  assert.notEqual(station.cli('verify', first.id).status, 0);
  await station.drop(image, 'second.iso');
  await station.until(async () => (await station.archives()).length === 2);
  const second = (await station.archives()).find((one) => one.id !== first.id);
  assert.ok((await readFile(image)).equals(await readFile(second.path)));
  await rm(second.path);
  station.cli('verify', second.id);
  await station.drop(image, 'third.iso');
  await station.until(async () => (await station.archives()).length === 3);
});

test('a disc whose image somebody has deleted is imaged again, under a name that is not the old one’s', async (t) => {
  const station = await StationProcess.start(t);
  const image = await makeIso(station.folder, 'old.iso', 'DELETED', 1);
  await station.drop(image, 'first.iso');
  const [first] = await station.until(async () => (await station.archives()).length === 1 && station.archives());
  const folder = join(first.path, '..');
  for (const name of await readdir(folder)) await rm(join(folder, name));
  await station.drop(image, 'second.iso');
  await station.until(async () => (await station.archives()).length === 2);
  const second = (await station.archives()).find((one) => one.id !== first.id);
  assert.ok((await readFile(image)).equals(await readFile(second.path)));
  assert.notEqual(second.path, first.path);
  const gone = (await station.archives()).find((one) => one.id === first.id);
  assert.equal(gone.verification.result ?? gone.verification.kind, 'missing');
  assert.equal((await station.events('archive_corrupt')).length, 1);
  assert.notEqual(station.cli('verify', first.id).status, 0, 'the new one is not taken for the old');
  await station.drop(image, 'third.iso');
  await station.until(async () => (await station.events('disc_duplicate')).length === 1);
});

test('a rescue that got no further is kept all the same where the earlier image is gone', async (t) => {
  const station = await StationProcess.start(t, { ddrescue: { badMap } });
  const image = await makeIso(station.folder, 'scratched.iso', 'SCRATCHED', 3);
  await station.drop(image, 'first.iso');
  await station.jobIn('SCRATCHED', 'completed');
  const [first] = await station.archives();
  await rm(first.path);
  await station.drop(image, 'second.iso');
  const second = await station.until(async () => (await station.archives()).find((one) => one.id !== first.id));
  const expected = await readFile(image);
  expected.fill(0, 0xfa000, 0xfb800);
  assert.ok(expected.equals(await readFile(second.path)));
  // A third time, with nothing gained and the second image there: it stands for the rescue.
  await station.drop(image, 'third.iso');
  await station.until(async () => {
    const jobs = await station.jobs();
    return jobs.length === 3 && jobs.every((one) => one.status === 'completed');
  });
  assert.equal((await station.archives()).length, 2);
});

test('a disc taken out of a drive that is gone goes on in another', async (t) => {
  const station = await StationProcess.prepare(t, { ddrescue: { rate: 400_000 } });
  const drives = ['upper', 'lower'].map((name) => ({ name, folder: `./${name}` }));
  for (const { name } of drives) await mkdir(join(station.folder, name), { recursive: true });
  await station.configure({ drives });
  await station.launch();
  const image = await makeIso(station.folder, 'moved.iso', 'MOVED', 2);
  const place = async (name: string): Promise<void> => {
    await writeFile(join(station.folder, `${name}.part`), await readFile(image));
    await rename(join(station.folder, `${name}.part`), join(station.folder, name, 'moved.iso'));
  };
  await place('upper');
  const job = await station.jobIn('MOVED', 'running');
  await rename(join(station.folder, 'upper'), join(station.folder, 'taken'));
  await station.setDdrescue({});
  await place('lower');
  const ended = await station.jobIn('MOVED', 'completed');
  assert.equal(ended.id, job.id);
  const [archive] = await station.archives();
  assert.ok((await readFile(image)).equals(await readFile(archive.path)));
  assert.equal((await station.jobs()).length, 1);
});

test('an image that its disk has changed before it is named is refused, and what was read is kept', async (t) => {
  const station = await StationProcess.start(t);
  const image = await makeIso(station.folder, 'flaky.iso', 'FLAKY', 2);
  // The checksums follow the growing image; its first byte changes at the end, long after they have passed it.
  const script = `#!/bin/sh
case "$*" in *--version*) exec /usr/bin/ddrescue --version;; esac
/usr/bin/ddrescue -Z 1000000 "$@"; status=$?
for image; do :; done
printf X | dd of="\${image%/*}/image" bs=1 seek=40000 conv=notrunc status=none
exit $status
`;
  await writeFile(join(station.folder, 'bin', 'ddrescue'), script);
  await chmod(join(station.folder, 'bin', 'ddrescue'), 0o755);
  await station.drop(image, 'flaky.iso');
  const job = await station.jobIn('FLAKY', 'failed');
  assert.equal(job.error.code, 'verify_mismatch');
  assert.deepEqual(await station.archives(), []);
  const [kept = ''] = await readdir(join(station.library, '.disk2iso', 'work'));
  assert.ok(job.error.message.includes(kept) && kept.includes(job.id), job.error.message);
  await station.stop();
  await station.launch();
  assert.deepEqual(await readdir(join(station.library, '.disk2iso', 'work')), [kept]);
});
