import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeIso, StationProcess, sha256Of } from './station-process.js';

test('killed with SIGKILL twenty times at random moments, the job ends with the right image', async (t) => {
  const rate = 6_000_000;
  const station = await StationProcess.start(t, { ddrescue: { rate } });
  const image = await makeIso(station.folder, 'long.iso', 'LONG', 24);
  await station.drop(image, 'long.iso');
  await station.until(async () => (await station.jobs()).length === 1);
  for (let kill = 0; kill < 20; kill += 1) {
    const wait = randomInt(0, 400);
    t.diagnostic(`kill ${kill + 1} after ${wait} ms`);
    await new Promise((resolve) => setTimeout(resolve, wait));
    await station.stop('SIGKILL');
    if (kill === 12) await station.setDdrescue({});
    await station.launch();
  }
  await station.jobIn('LONG', 'completed');
  const [archive] = await station.archives();
  assert.equal(await sha256Of(archive.path), await sha256Of(image));
  assert.equal(archive.checksums.sha256, await sha256Of(image));
  assert.equal((await station.jobs()).length, 1);
  assert.equal((await station.archives()).length, 1);
  await station.until(async () => (await readdir(join(station.library, '.disk2iso', 'work'))).length === 0);
});

test('stopped by SIGTERM in the middle it ends cleanly, and goes on when it is started again', async (t) => {
  const station = await StationProcess.start(t, { ddrescue: { rate: 3_000_000 } });
  const image = await makeIso(station.folder, 'term.iso', 'TERM', 6);
  await station.drop(image, 'term.iso');
  await station.jobIn('TERM', 'running');
  assert.equal(await station.stop('SIGTERM'), 0);
  await station.setDdrescue({});
  await station.launch();
  await station.jobIn('TERM', 'completed');
  assert.equal((await station.archives())[0].checksums.sha256, await sha256Of(image));
});

test('no process of ours outlives the daemon', async (t) => {
  const station = await StationProcess.start(t, { ddrescue: { rate: 1_000_000 } });
  await station.drop(await makeIso(station.folder, 'orphan.iso', 'ORPHAN', 8), 'orphan.iso');
  await station.jobIn('ORPHAN', 'running');
  const readers = async () => {
    const found: string[] = [];
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const line = await import('node:fs/promises')
        .then((fs) => fs.readFile(`/proc/${pid}/cmdline`, 'utf8'))
        .catch(() => '');
      if (line.includes('ddrescue') && line.includes(station.folder)) found.push(line);
    }
    return found;
  };
  await station.until(async () => (await readers()).length > 0);
  await station.stop('SIGKILL');
  await station.until(async () => (await readers()).length === 0);
});

test('what an ended job has left and cannot be removed keeps no station from starting', async (t) => {
  const station = await StationProcess.start(t, { ddrescue: { rate: 1_000_000 } });
  await station.drop(await makeIso(station.folder, 'gone.iso', 'GONE', 8), 'gone.iso');
  const { id } = await station.jobIn('GONE', 'running');
  const work = join(station.library, '.disk2iso', 'work', id);
  const note = await station.until(() => readFile(join(work, 'job.json')).catch(() => null));
  await station.get(`/api/v1/jobs/${id}`, { method: 'PATCH', body: { action: 'cancel' } });
  await station.jobIn('GONE', 'cancelled');
  await station.stop();
  await mkdir(join(work, 'busy'), { recursive: true });
  await writeFile(join(work, 'job.json'), note);
  if (spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', join(work, 'busy')]).status !== 0)
    return t.skip('nothing can be mounted');
  try {
    await station.launch();
    assert.match(station.output, /Work of jobs that have ended was left/);
  } finally {
    spawnSync('umount', ['-l', join(work, 'busy')]);
  }
});
