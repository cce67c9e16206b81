import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCgroupMemory } from '../../src/adapters/cgroup-memory.js';
import { createSystemProbe } from '../../src/adapters/system-probe.js';

function fakeClock() {
  const clock = { time: 0, now: () => clock.time, monotonic: () => clock.time };
  return clock;
}

test('the figures are those of this machine', async () => {
  const reading = await createSystemProbe(fakeClock()).read();
  assert.ok(reading.cpuPercent !== null && reading.cpuPercent >= 0 && reading.cpuPercent <= 100);
  const limit = process.constrainedMemory();
  const limited = limit > 0 && limit < totalmem();
  assert.equal(reading.memoryTotalBytes, limited ? limit : totalmem());
  if (!limited) assert.ok(reading.memoryUsedBytes !== null && reading.memoryUsedBytes < totalmem());
  assert.ok(reading.loadAverage !== null);
  assert.ok(Math.abs(reading.loadAverage[2] - (loadavg()[2] ?? 0)) < 1);
});

test('a busy machine shows', async () => {
  const probe = createSystemProbe(fakeClock());
  const measuring = probe.read();
  for (const end = performance.now() + 150; performance.now() < end; );
  const { cpuPercent } = await measuring;
  assert.ok(cpuPercent !== null && cpuPercent > 5, `${cpuPercent} %`);
});

test('a reading stands for 2 s, is given on for 10 s while the next is taken, and is taken once for many', async () => {
  const clock = fakeClock();
  const probe = createSystemProbe(clock);
  const [first, same] = await Promise.all([probe.read(), probe.read()]);
  assert.equal(first, same);
  clock.time = 1999;
  assert.equal(await probe.read(), first);
  clock.time = 2000;
  assert.equal(await probe.read(), first);
  const end = Date.now() + 5000;
  while ((await probe.read()) === first) {
    assert.ok(Date.now() < end, 'never measured anew');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  clock.time = 60_000;
  const old = await probe.read();
  assert.notEqual(old, first);
});

test('memory of a control group: what could be dropped at once does not count; unknown is null', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'disk2iso-cgroup-'));
  const proc = join(folder, 'proc');
  const sys = join(folder, 'sys');
  assert.equal(await readCgroupMemory(proc, sys), null);
  mkdirSync(join(proc, 'self'), { recursive: true });
  mkdirSync(join(sys, 'a', 'b'), { recursive: true });
  writeFileSync(join(proc, 'self', 'cgroup'), '4:memory:/old\n0::/a/b\n');
  assert.equal(await readCgroupMemory(proc, sys), null);
  writeFileSync(join(sys, 'a', 'b', 'memory.current'), '5000\n');
  writeFileSync(join(sys, 'a', 'b', 'memory.stat'), 'anon 1000\nactive_file 500\ninactive_file 3500\n');
  assert.equal(await readCgroupMemory(proc, sys), 1500);
  rmSync(folder, { recursive: true });
});
