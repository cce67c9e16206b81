import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readLedger } from '../../src/adapters/library-ledger.js';
import type { ArchiveId, JobId } from '../../src/core/ids.js';
import { stationFolders } from './station-folders.js';

const committer = fileURLToPath(new URL('./committer.js', import.meta.url));

test('killed at random moments, the catalog keeps all that was acknowledged', async (t) => {
  const station = await stationFolders(t);
  const { state, library } = station.options;
  const acknowledged: string[] = [];
  for (let round = 0; round < 12; round += 1) {
    const child = spawn(process.execPath, [committer, state, library], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (data: string) => (said += data));
    await once(child.stdout, 'data');
    // Some rounds end while the next is being opened, some after many commits.
    const enough = Math.floor(Math.random() * 40);
    while (said.split('\n').length < enough) await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    const lines = said.split('\n').slice(0, -1);
    assert.equal(lines.shift(), 'open');
    acknowledged.push(...lines);
  }
  assert.ok(acknowledged.length > 50);
  const catalog = await station.open();
  let last = 0;
  for (const line of acknowledged) {
    const [job, archive, seq] = line.split(' ');
    assert.ok(await catalog.job(job as JobId), line);
    assert.ok(await catalog.archive(archive as ArchiveId), line);
    const [event] = await catalog.events(Number(seq) - 1, 1);
    assert.equal(event?.seq, Number(seq));
    assert.ok(Number(seq) > last, 'numbers never repeat');
    last = Number(seq);
  }
  const { total } = await catalog.archives({ limit: 1, offset: 0 });
  // One more a round may be in force without its answer having come out.
  assert.ok(total >= acknowledged.length && total <= acknowledged.length + 12);
  assert.equal((await catalog.archives({ limit: total + 10, offset: 0 })).items.length, total);
  assert.equal((await readLedger(library))?.last, total);
  await catalog.close();
});
