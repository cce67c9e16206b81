import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Daemon } from '../daemon.js';
import type { DiscImage } from '../disc-image.js';
import { scenario } from '../scenario.js';
import type { Station } from '../station.js';

const cuts = 10;

/** What was shown before the power went is still known, and what is known of the library is so. */
async function checkCatalog(station: Station, daemon: Daemon, shown: readonly string[]): Promise<void> {
  const catalog = (await daemon.status()).conditions.find((one) => one.subject === 'catalog');
  assert.equal(catalog?.problem, false, catalog?.message);
  const known = new Set([...(await daemon.jobs()), ...(await daemon.archives())].map((one) => one.id));
  const lost = shown.filter((id) => !known.has(id));
  assert.deepEqual(lost, [], 'jobs and archives that were shown are still known');
  const archives = await daemon.archives();
  const sizes = await station.guest.sh(archives.map(({ path }) => `stat -c %s '${path}'`).join(' && ') || 'true');
  assert.equal(sizes, archives.map((one) => one.size_bytes).join('\n'));
}

export const scenarios = [
  scenario(
    'after a power cut in the middle of a read the job goes on and the image is exact',
    async (station) => {
      const { drives } = station;
      const daemon = new Daemon(station);
      const { file } = await station.disc({ label: 'POWER', bytes: 10_000_000 });
      await drives[0].insert({ file, bytesPerSecond: 200_000 });
      const { id } = await daemon.untilReading('POWER', 1_000_000);
      await station.powerCut();
      await station.boot();
      await daemon.untilReady();
      await drives[0].setSpeed(0);
      const job = await daemon.untilCompleted('POWER');
      assert.deepEqual([job.id, job.verdict], [id, 'complete']);
      await daemon.assertImage(job, file);
      assert.equal((await daemon.jobs()).length, 1);
    },
    { timeoutMs: 1_500_000 },
  ),

  scenario(
    `${cuts} power cuts at random moments leave the catalog intact after each, and every image is exact`,
    async (station) => {
      const { drives } = station;
      const daemon = new Daemon(station);
      const discs: DiscImage[] = [];
      const feed = async (number: 0 | 1): Promise<DiscImage> => {
        const disc = await station.disc({ label: `CUT_${discs.length}`, bytes: 2_000_000 });
        discs.push(disc);
        await drives[number].insert({ file: disc.file, bytesPerSecond: 400_000 });
        return disc;
      };
      const inDrive = [await feed(0), await feed(1)];
      let hits = 0;
      for (let cut = 0; cut < cuts; cut += 1) {
        // The moment is what is random here: from a disc's first notice to its image's last rename.
        await sleep(station.random(0, 12_000));
        const jobs = await daemon.jobs();
        if (jobs.some((one) => one.phase !== null)) hits += 1;
        const shown = [...jobs, ...(await daemon.archives())];
        await station.powerCut();
        await station.boot();
        await daemon.untilReady();
        await checkCatalog(
          station,
          daemon,
          shown.map((one) => one.id),
        );
        const done = new Set((await daemon.jobs()).flatMap((one) => (one.status === 'completed' ? one.label : [])));
        for (const number of [0, 1] as const) {
          if (done.has(inDrive[number]?.label ?? '')) inDrive[number] = await feed(number);
        }
      }
      for (const { label, file } of discs) await daemon.assertImage(await daemon.untilCompleted(label), file);
      assert.ok(hits > 0, 'no cut fell into a job');
      assert.equal((await daemon.jobs()).length, discs.length, 'one job per disc');
      assert.equal((await daemon.archives()).length, discs.length);
    },
    { timeoutMs: 3_000_000 },
  ),
];
