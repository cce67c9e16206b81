import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { discoverScenarios } from './discover.js';
import { ensureGuestImage } from './guest-image.js';
import { cache } from './paths.js';
import type { Scenario } from './scenario.js';
import { Station } from './station.js';
import { orderVariable, parseOrder, type SuiteOrder } from './suite-order.js';

const order = parseOrder(process.env[orderVariable]);
const image = await ensureGuestImage();
const scenarios = await discoverScenarios(order.filter);
const stations = new Set<Station>();

describe('the station', { concurrency: order.machines }, () => {
  for (const one of scenarios) {
    const prepared = one.guest === 'bare' ? order.bare : order.installed;
    if (prepared === null) continue;
    test(one.name, { timeout: order.keep ? Number.POSITIVE_INFINITY : one.timeoutMs }, (t) =>
      play(t, one, prepared, order),
    );
  }
});

after(() => Promise.all([...stations].map((station) => station.close())));
process.once('exit', () => {
  for (const station of stations) {
    station.machine.kill();
    rmSync(station.folder, { recursive: true, force: true });
  }
});
// Nor has a suite whose runner was killed anybody to play for.
const runner = process.ppid;
setInterval(() => process.ppid === runner || process.exit(1), 1000).unref();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

async function play(t: TestContext, one: Scenario, prepared: string, { seed, keep }: SuiteOrder): Promise<void> {
  const station = await Station.wake(image, prepared, seed);
  stations.add(station);
  let failed = true;
  // The runner gives up a scenario that is out of time, but cannot end it: without its machine it ends soon.
  const watchdog = setTimeout(async () => {
    await leave(one, station, 'ran out of time');
    if (!keep) await close(station);
  }, one.timeoutMs - 60_000);
  try {
    await one.run(station);
    failed = false;
  } catch (error) {
    await leave(one, station, error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    clearTimeout(watchdog);
    t.diagnostic(`QEMU computed for ${Math.round(station.machine.computedSeconds)} s`);
    if (keep) await look(station, failed);
    await close(station);
  }
}

async function close(station: Station): Promise<void> {
  stations.delete(station);
  await station.close();
}

async function leave(one: Scenario, station: Station, why: string): Promise<void> {
  const name = one.name.replace(/\W+/g, '-').slice(0, 60);
  const folder = join(cache, 'failures', `${new Date().toISOString().replace(/[:.]/g, '-')}-${name}`);
  await station.leaveEvidence(folder);
  process.stderr.write(`\n${one.name}: ${why}\nseed ${station.seed}; logs in ${folder}\n`);
}

async function look(station: Station, failed: boolean): Promise<void> {
  process.stderr.write(`\n${failed ? 'Failed' : 'Passed'}. The guest is running; interrupt to end it.\n`);
  process.stderr.write(
    `  ssh ${station.guest.sshArguments.map((word) => (/[ *]/.test(word) ? `'${word}'` : word)).join(' ')}\n`,
  );
  process.stderr.write(`  QMP: ${join(station.folder, 'qmp.sock')}, console: ${station.machine.serialLog}\n`);
  await once(process, 'never');
}
