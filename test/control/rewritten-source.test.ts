import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SimStation } from '../declare/sim-station.js';

test('what was written to after it had been read gets no name; its new state is read anew', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'disk2iso-rewritten-'));
  const sim = new SimStation(folder);
  t.after(() => rm(folder, { recursive: true, force: true }));
  await sim.write(
    'apiVersion: disk2iso/v1\nstorage: {library: ./library, state: ./state, warn_at: "99.8%", stop_at: "99.9%"}\ndrives: [{name: a, device: /dev/a}]\n',
  );
  await sim.boot();
  t.after(() => sim.crash());
  const live = async () => {
    for (let i = 0; i < 4; i += 1) {
      await sim.pass();
      await sim.rest();
    }
  };
  const { catalog } = sim.station.needBooks();
  const jobs = async () => (await catalog.jobs('all', { limit: 9, offset: 0 })).items.map(({ state }) => state);

  sim.rewritten.add(1);
  sim.insert('a', 1);
  await live();
  const [failed] = await jobs();
  assert.equal(failed?.kind === 'failed' && failed.fault.code, 'source_changed');
  assert.equal((await catalog.archives({ limit: 9, offset: 0 })).items.length, 0);

  sim.remove('a');
  await live();
  sim.insert('a', 1);
  await live();
  assert.deepEqual((await jobs()).map(({ kind }) => kind).sort(), ['completed', 'failed']);
  assert.equal((await catalog.archives({ limit: 9, offset: 0 })).items.length, 1);
});
