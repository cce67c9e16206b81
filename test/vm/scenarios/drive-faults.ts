import assert from 'node:assert/strict';
import { Daemon, patience } from '../daemon.js';
import { scenario } from '../scenario.js';
import type { DiscScript } from '../scripted-drive.js';
import type { Station } from '../station.js';
import { until } from '../until.js';

/** A disc of 6 MB for the scripted drive, each of its sectors slow. */
async function slowDisc(station: Station, label: string, more: readonly Record<string, unknown>[] = []) {
  const { file, sectors } = await station.disc({ label, bytes: 6_000_000 });
  const image = await station.lend(file);
  const faults = [...more, { sectors: [500, sectors - 1], ms: 8 }];
  return { file, script: { name: label, tracks: [{ type: 'data', image }], faults } satisfies DiscScript };
}

/** Two different discs of the same label and size; the first also as one that reads slowly, to be exchanged meanwhile. */
async function twins(station: Station) {
  const twin = async (seed: number) => {
    const { file, bytes, sectors } = await station.disc({ label: 'TWIN', bytes: 3_000_000, seed });
    const tracks = [{ type: 'data', image: await station.lend(file) }];
    const disc = { name: 'twin', tracks } satisfies DiscScript;
    return { file, bytes, disc, slow: { ...disc, faults: [{ sectors: [400, sectors - 1], ms: 40 }] } };
  };
  const pair = [await twin(1), await twin(2)] as const;
  assert.equal(pair[0].bytes, pair[1].bytes);
  return pair;
}

export const scenarios = [
  scenario(
    'a tray opened by hand while its disc is read stays open, and once shut the job goes on',
    async (station) => {
      const { guest } = station;
      const daemon = new Daemon(station);
      const drive = await station.scriptedDrive('a');
      const { file, script } = await slowDisc(station, 'TAKEN');
      await drive.insert(script);
      await daemon.untilReading('TAKEN', 1_500_000);
      await drive.order({ do: 'open' });
      const job = await daemon.untilJob('TAKEN', 'is interrupted', (one) => one.status === 'interrupted');
      assert.equal(job.error?.code, 'medium_absent');
      // Two looks later it is as it was.
      await until('seen open', patience, async () => !(await daemon.device(drive.device)).has_media);
      await daemon.jobs();
      assert.equal((await drive.state()).open, true);
      await drive.order({ do: 'close' });
      const done = await daemon.untilCompleted('TAKEN');
      assert.equal(done.id, job.id);
      assert.equal(done.verdict, 'complete');
      await daemon.assertImage(done, file);
      await until('ejected', patience, async () => (await drive.state()).open);
      // Nor does looking at it again and again, with the tray open, pull it in.
      for (let look = 0; look < 3; look += 1) await guest.sh('/usr/lib/disk2iso/poke');
      assert.equal((await drive.state()).open, true);
      assert.deepEqual([...new Set((await drive.log()).flatMap((one) => one.tray ?? []))], ['eject']);
    },
  ),

  scenario(
    'a drive unplugged while it reads, and plugged in again: the same job ends in an exact image',
    async (station) => {
      const { drives } = station;
      const daemon = new Daemon(station);
      const { file } = await station.disc({ label: 'CABLE', bytes: 8_000_000 });
      await drives[0].insert({ file, bytesPerSecond: 200_000 });
      const { id } = await daemon.untilReading('CABLE', 1_000_000);
      await drives[0].unplug();
      await daemon.untilJob('CABLE', 'is interrupted', (one) => one.status === 'interrupted');
      await drives[0].plug();
      await daemon.untilReading('CABLE', 1_000_000);
      await drives[0].setSpeed(0);
      const job = await daemon.untilCompleted('CABLE');
      assert.deepEqual([job.id, job.verdict], [id, 'complete']);
      await daemon.assertImage(job, file);
    },
  ),

  scenario('the eject button pressed in the middle of a read costs nothing but the pause', async (station) => {
    const { drives } = station;
    const daemon = new Daemon(station);
    const { file } = await station.disc({ label: 'BUTTON', bytes: 8_000_000 });
    await drives[2].insert({ file, bytesPerSecond: 200_000 });
    const { id } = await daemon.untilReading('BUTTON', 1_000_000);
    await drives[2].pressButton();
    await daemon.untilJob('BUTTON', 'is interrupted', (one) => one.status === 'interrupted');
    assert.equal(await drives[2].isTrayOpen(), true);
    await drives[2].closeTray();
    await daemon.untilReading('BUTTON', 1_000_000);
    await drives[2].setSpeed(0);
    const job = await daemon.untilCompleted('BUTTON');
    assert.deepEqual([job.id, job.verdict], [id, 'complete']);
    await daemon.assertImage(job, file);
  }),

  scenario('a bus reset in the middle of a read makes no sector bad', async (station) => {
    const daemon = new Daemon(station);
    const drive = await station.scriptedDrive('a');
    const { file, script } = await slowDisc(station, 'RESET', [{ sectors: 1500, reset: true }]);
    await drive.insert(script);
    const job = await daemon.untilCompleted('RESET');
    assert.equal(job.verdict, 'complete');
    await daemon.assertImage(job, file);
    assert.equal((await daemon.jobs()).length, 1);
  }),

  scenario(
    'a drive that hangs in a read stops neither the daemon nor the other drives',
    async (station) => {
      const { guest, drives } = station;
      const daemon = new Daemon(station);
      const drive = await station.scriptedDrive('a');
      const { file, script } = await slowDisc(station, 'STUCK', [{ sectors: 1500, hang: 600 }]);
      const process = await guest.sh('systemctl show -P MainPID disk2iso');
      await drive.insert(script);
      // Slow sectors keep the drive busy as well: while it hangs, it answers no command at all.
      let answered = -1;
      const hangs = async (): Promise<boolean> => {
        const before = answered;
        answered = (await drive.log()).length;
        return answered === before && (await drive.state()).busy && (await daemon.jobs())[0]?.phase === 'imaging';
      };
      await until('hanging', patience, hangs, 3000);
      const from = performance.now();
      const other = await station.disc({ label: 'MEANWHILE', bytes: 2_000_000 });
      await drives[0].insert(other);
      await daemon.assertImage(await daemon.untilCompleted('MEANWHILE'), other.file);
      // Longer than the kernel's own patience (30 s) and systemd's watchdog (30 s).
      await until('40 s', 60_000, async () => performance.now() - from > 40_000, 1000);
      await daemon.status();
      await drive.order({ do: 'release' });
      const job = await daemon.untilCompleted('STUCK', 2 * patience);
      assert.equal(job.verdict, 'complete');
      await daemon.assertImage(job, file);
      assert.equal(await guest.sh('systemctl show -P MainPID disk2iso'), process);
      assert.equal((await daemon.jobs()).length, 2);
    },
    { timeoutMs: 1_500_000 },
  ),

  scenario('with every event lost and udev blocked, a disc still has its one job', async (station) => {
    const { guest, drives } = station;
    const daemon = new Daemon(station);
    const drive = await station.scriptedDrive('a');
    const silent = await station.disc({ label: 'SILENT', bytes: 2_000_000 });
    const blocked = await station.disc({ label: 'BLOCKED', bytes: 2_000_000 });
    const image = await station.lend(silent.file);
    await guest.sh('udevadm settle; udevadm control --stop-exec-queue');
    await drive.order({ do: 'events', mode: 'none' });
    await drive.insert({ name: 'silent', tracks: [{ type: 'data', image }] });
    await drives[1].insert(blocked);
    await daemon.assertImage(await daemon.untilCompleted('BLOCKED'), blocked.file);
    await daemon.assertImage(await daemon.untilCompleted('SILENT'), silent.file);
    assert.equal((await daemon.jobs()).length, 2);
  }),

  scenario(
    'a disc exchanged without a word for one of the same label and size: never a mixed image, both end exact',
    async (station) => {
      const daemon = new Daemon(station);
      const drive = await station.scriptedDrive('a');
      const [one, other] = await twins(station);
      await drive.insert(one.slow);
      const { id } = await daemon.untilReading('TWIN', 1_000_000);
      // No event, no unit attention: the kernel's count of discs stays what it was.
      await drive.order({ do: 'events', mode: 'none' });
      await drive.insert(other.disc);
      const job = (index: number) => daemon.jobs().then((jobs) => jobs[index]);
      await until('the first is interrupted', patience, async () => (await job(0))?.status === 'interrupted');
      const twin = await until('the second is done', patience, async () => {
        const found = await job(1);
        return found?.status === 'completed' && found;
      });
      await daemon.assertImage(twin, other.file);
      assert.deepEqual([(await job(0))?.id, (await job(0))?.status], [id, 'interrupted']);
      await until('ejected', patience, async () => (await drive.state()).open);
      await drive.insert(one.disc);
      const done = await until('the first goes on', patience, async () => {
        const found = await job(0);
        return found?.status === 'completed' && found;
      });
      await daemon.assertImage(done, one.file);
      await daemon.assertImage(twin, other.file);
      assert.equal((await daemon.jobs()).length, 2);
    },
  ),

  scenario(
    'a disc exchanged without a word while the daemon is down has a job of its own, be the other half read or done',
    async (station) => {
      const { guest } = station;
      const daemon = new Daemon(station);
      const drive = await station.scriptedDrive('a');
      const [one, other] = await twins(station);
      await daemon.configure((text) => text.replace('eject: on_success', 'eject: never'));
      await drive.insert(one.slow);
      const { id } = await daemon.untilReading('TWIN', 1_000_000);
      await drive.order({ do: 'events', mode: 'none' });
      const { diskseq } = await guest.look(drive.device);
      const exchange = async (disc: DiscScript) => {
        await guest.sh('systemctl stop disk2iso');
        await drive.insert(disc);
        await guest.sh('systemctl start disk2iso');
      };
      const completed = (index: number) =>
        until(`job ${index + 1} is completed`, patience, async () => {
          const job = (await daemon.jobs())[index];
          if (job?.status !== 'completed') throw new Error(JSON.stringify(job));
          return job;
        });

      await exchange(other.disc);
      const second = await completed(1);
      await daemon.assertImage(second, other.file);
      const [first] = await daemon.jobs();
      assert.deepEqual([first?.id, first?.status], [id, 'interrupted']);

      await exchange(one.disc);
      const done = await completed(0);
      assert.deepEqual([done.id, done.verdict], [id, 'complete']);
      await daemon.assertImage(done, one.file);
      await daemon.assertImage(second, other.file);
      assert.equal((await daemon.jobs()).length, 2);
      assert.ok(!(await daemon.events()).some((event) => event.type === 'disc_duplicate'));
      assert.equal((await guest.look(drive.device)).diskseq, diskseq, 'the kernel has noticed nothing');
    },
  ),
];
