import assert from 'node:assert/strict';
import { Daemon, patience } from '../daemon.js';
import { scenario } from '../scenario.js';
import { until } from '../until.js';

export const scenarios = [
  scenario(
    'a CD is imaged, ejected, known again when it comes back, and not mixed up with its namesake',
    async (station) => {
      const { drives } = station;
      const daemon = new Daemon(station);
      const disc = await station.disc({ label: 'ALBUM', bytes: 6_000_000 });
      const other = await station.disc({ label: 'ALBUM', bytes: 6_000_000, seed: 2 });

      await drives[0].insert(disc);
      const job = await daemon.untilCompleted('ALBUM');
      assert.deepEqual([job.media, job.verdict, job.size_bytes], ['cd', 'complete', disc.bytes]);
      await daemon.assertImage(job, disc.file);
      await until('ejected', patience, () => drives[0].isTrayOpen());

      // The tray is shut on the same disc by hand: nothing happens, the disc stays in.
      await until('seen without a disc', patience, async () => !(await daemon.device('sr0')).has_media);
      await drives[0].closeTray();
      const back = await until('disc seen again', patience, async () => {
        const device = await daemon.device('sr0');
        return device.media[0]?.outcome ? device : undefined;
      });
      assert.equal(back.media[0]?.outcome?.kind, 'job');
      assert.equal(await drives[0].isTrayOpen(), false);

      // It was away: a duplicate, given back without a second image.
      await drives[0].remove();
      await daemon.untilEmpty('sr0');
      await drives[0].insert(disc);
      await until('duplicate', patience, async () =>
        (await daemon.events()).some((one) => one.type === 'disc_duplicate'),
      );
      await until('ejected again', patience, () => drives[0].isTrayOpen());
      assert.equal((await daemon.jobs()).length, 1);

      // In another drive: a different disc of the same name and size.
      await drives[1].insert(other);
      const second = await until('second image', patience, async () => {
        const jobs = await daemon.jobs();
        return jobs.length === 2 && jobs[1]?.status === 'completed' && jobs[1];
      });
      assert.notEqual(second.output_file, job.output_file);
      await daemon.assertImage(second, other.file);
      await daemon.assertImage(job, disc.file);
      assert.equal((await daemon.events()).filter((one) => one.type === 'job_created').length, 2);
    },
  ),

  scenario('four discs put into four drives at once become four images, with one job each', async (station) => {
    const daemon = new Daemon(station);
    const recipes = ['NORTH', 'EAST', 'SOUTH', 'WEST'].map((label) => ({ label, bytes: 4_000_000 }));
    const discs = await Promise.all(recipes.map((recipe) => station.disc(recipe)));
    await Promise.all(discs.map((disc, number) => station.drives[number]?.insert(disc)));
    for (const disc of discs) {
      const job = await daemon.untilCompleted(disc.label);
      await daemon.assertImage(job, disc.file);
    }
    assert.equal((await daemon.jobs()).length, 4);
    for (const drive of station.drives) await until('ejected', patience, () => drive.isTrayOpen());
  }),

  scenario('a DVD is imaged as one, and a disc whose events are doubled has one job', async (station) => {
    const daemon = new Daemon(station);
    const disc = await station.disc({ label: 'FILM', bytes: 5_000_000 });
    const image = await station.lend(disc.file);
    const drive = await station.scriptedDrive('a');
    await drive.order({ do: 'events', mode: 'double' });
    await drive.insert({ name: 'film', media: 'DVD-ROM', tracks: [{ type: 'data', image }] });
    const job = await daemon.untilCompleted('FILM');
    assert.deepEqual([job.media, job.verdict], ['dvd', 'complete']);
    assert.match(job.output_file ?? '', /\/dvd\//);
    await daemon.assertImage(job, disc.file);
    assert.equal((await daemon.jobs()).length, 1);
    await until('ejected', patience, async () => (await drive.state()).open);
    // Only eject commands: nothing ever pulled a tray in.
    assert.deepEqual([...new Set((await drive.log()).flatMap((one) => one.tray ?? []))], ['eject']);
  }),

  scenario(
    'a disc that lies in its drive at boot is imaged, and so is the first one put into a tray empty at boot',
    async (station) => {
      const daemon = new Daemon(station);
      const early = await station.disc({ label: 'EARLY', bytes: 3_000_000 });
      const late = await station.disc({ label: 'LATE', bytes: 3_000_000 });
      await station.powerCut();
      await station.drives[1].insert(early);
      await station.boot();
      await daemon.assertImage(await daemon.untilCompleted('EARLY'), early.file);
      await station.drives[0].insert(late);
      await daemon.assertImage(await daemon.untilCompleted('LATE'), late.file);
      assert.equal((await daemon.jobs()).length, 2);
    },
    { timeoutMs: 1_500_000 },
  ),
];
