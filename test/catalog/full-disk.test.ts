import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { claimPath } from '../../src/adapters/library-claim.js';
import { readLedger } from '../../src/adapters/library-ledger.js';
import { Fault } from '../../src/core/fault.js';
import { newArchive, newJob, stationFolders } from './station-folders.js';

for (const kind of ['tmpfs', 'ext4'] as const) {
  test(`a full ${kind} loses nothing that was acknowledged, and the catalog goes on when there is space`, async (t) => {
    const station = await stationFolders(t);
    if (!(await station.mountSmall(kind, station.options.state, 16))) return t.skip(`no ${kind} can be mounted here`);
    const catalog = await station.open();
    const ballast = join(station.options.state, 'ballast');
    const acknowledged = [];
    for (let round = 0; round < 2; round += 1) {
      let fault: unknown = null;
      await writeFile(ballast, Buffer.alloc(6 * 1024 * 1024));
      for (let i = 0; i < 5000 && fault === null; i += 1) {
        const jobs = Array.from({ length: 20 }, () => newJob());
        try {
          await catalog.commit({ jobs, archives: [newArchive()], events: [{ type: 'daemon_stopped' }] });
          acknowledged.push(...jobs);
        } catch (error) {
          fault = error;
        }
      }
      assert.ok(fault instanceof Fault && fault.code === 'no_space' && fault.retry === 'later', String(fault));
      const refused = newJob();
      await assert.rejects(catalog.commit({ jobs: [refused] }), { code: 'no_space' });
      assert.equal(await catalog.job(refused.id), null, 'reading goes on');
      assert.equal((await catalog.jobs('all', { limit: 1, offset: 0 })).total, acknowledged.length);
      await rm(ballast);
      const job = newJob();
      await catalog.commit({ jobs: [job] });
      acknowledged.push(job);
      assert.equal((await catalog.jobs('all', { limit: 1, offset: 0 })).total, acknowledged.length);
    }
    await catalog.close();
    const again = await station.open();
    for (const job of acknowledged) assert.deepEqual(await again.job(job.id), job);
    assert.equal((await again.openJobs()).length, acknowledged.length);
    await again.close();
  });
}

test('a full library does not hold up the catalog; its ledger catches up later', async (t) => {
  const station = await stationFolders(t);
  const { library } = station.options;
  if (!(await station.mountSmall('tmpfs', library, 1))) return t.skip('no tmpfs can be mounted here');
  const catalog = await station.open();
  await writeFile(join(library, 'ballast'), Buffer.alloc(4 * 1024 * 1024)).catch(() => undefined);
  for (let i = 0; i < 100; i += 1) await catalog.commit({ archives: [newArchive()] });
  assert.ok(((await readLedger(library))?.last ?? 0) < 100, 'the ledger is behind');
  assert.equal(station.log.lines.filter((line) => line.level === 'error' && /ledger/.test(line.message)).length, 1);
  assert.equal(catalog.ledgerFault()?.code, 'no_space');
  await rm(join(library, 'ballast'));
  await catalog.commit({ archives: [newArchive()] });
  assert.equal((await readLedger(library))?.last, 101);
  assert.equal(catalog.ledgerFault(), null);
  await catalog.close();
  await (await station.open()).close();
});

test('a library that was full at the start is claimed when there is space', async (t) => {
  const station = await stationFolders(t);
  const { library } = station.options;
  if (!(await station.mountSmall('tmpfs', library, 1))) return t.skip('no tmpfs can be mounted here');
  await (await station.open()).close();
  await writeFile(join(library, 'ballast'), Buffer.alloc(4 * 1024 * 1024)).catch(() => undefined);
  const catalog = await station.open();
  await catalog.commit({ events: [{ type: 'daemon_stopped' }] });
  await assert.rejects(readFile(claimPath(library)), { code: 'ENOENT' });
  assert.equal(catalog.ledgerFault()?.code, 'no_space');
  await rm(join(library, 'ballast'));
  await catalog.commit({ events: [{ type: 'daemon_stopped' }] });
  assert.match(await readFile(claimPath(library), 'utf8'), new RegExp(`"pid":${process.pid}\\b`));
  assert.equal(catalog.ledgerFault(), null);
  await catalog.close();
});

test('a library that was full at the start, and is claimed by another station before there is space, is left alone', async (t) => {
  const station = await stationFolders(t);
  const { library } = station.options;
  if (!(await station.mountSmall('tmpfs', library, 1))) return t.skip('no tmpfs can be mounted here');
  const first = await station.open();
  const own = JSON.parse(await readFile(claimPath(library), 'utf8'));
  await first.close();
  await writeFile(join(library, 'ballast'), Buffer.alloc(4 * 1024 * 1024)).catch(() => undefined);
  const catalog = await station.open();
  await catalog.commit({ events: [{ type: 'daemon_stopped' }] });
  await rm(join(library, 'ballast'));
  await mkdir(dirname(claimPath(library)));
  await writeFile(claimPath(library), JSON.stringify({ ...own, station: 'another', machine: '', boot: 'elsewhere' }));
  const job = newJob();
  const left = { code: 'library_unwritable', message: /belongs to a station on / };
  await assert.rejects(catalog.commit({ jobs: [job] }), left);
  await assert.rejects(catalog.commit({}), left);
  assert.equal(await catalog.job(job.id), null);
  await rm(dirname(claimPath(library)), { recursive: true });
  await catalog.commit({ jobs: [job] });
  await catalog.close();
});
