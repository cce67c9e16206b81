import assert from 'node:assert/strict';
import { Daemon, digestWithHoles, type JobView, patience } from '../daemon.js';
import type { SectorRange } from '../medium.js';
import { scenario } from '../scenario.js';
import { until } from '../until.js';

const ranges = (bad: readonly SectorRange[]) =>
  bad.map(([first, last]) => ({ start: first * 2048, length: (last - first + 1) * 2048 }));

/** Areas of the map beside an image that are not rescued, as byte ranges. */
async function badInMap(daemon: Daemon, job: JobView, read: (path: string) => Promise<string>) {
  const text = await read((await daemon.archive(job)).path.concat('.map'));
  const areas = [...text.matchAll(/^(0x\w+) +(0x\w+) +([^+\s])$/gm)];
  return areas.map((area) => ({ start: Number(area[1]), length: Number(area[2]) }));
}

export const scenarios = [
  scenario(
    'a disc with damaged sectors is kept, its holes named and zero, and goes on in another drive from its map',
    async (station) => {
      const { drives, guest } = station;
      const daemon = new Daemon(station);
      const { file } = await station.disc({ label: 'SCRATCH', bytes: 6_000_000 });
      const damage: SectorRange[] = [
        [700, 703],
        [1500, 1500],
        [2000, 2009],
      ];
      await drives[0].insert({ file, damage });
      const job = await daemon.untilCompleted('SCRATCH');
      assert.equal(job.verdict, 'damaged');
      assert.deepEqual(job.bad_ranges, ranges(damage));
      await daemon.assertImage(job, file, damage);
      assert.match(job.output_file ?? '', /\.damaged\.iso$/);
      assert.deepEqual(await badInMap(daemon, job, (path) => guest.read(path)), ranges(damage));
      // A damaged disc stays in for a person to look at: eject is on_success.
      assert.equal(await drives[0].isTrayOpen(), false);

      // Another drive reads two of the three; what the first one read is not read again.
      await drives[0].remove();
      await daemon.untilEmpty('sr0');
      await drives[1].insert({ file, damage: [[100, 200], ...damage.slice(2)] });
      const better = await until('second rescue', patience, async () => {
        const jobs = await daemon.jobs();
        return jobs.length === 2 && jobs[1]?.status === 'completed' && jobs[1];
      });
      assert.deepEqual(better.bad_ranges, ranges(damage.slice(2)));
      await daemon.assertImage(better, file, damage.slice(2));
      await daemon.assertImage(job, file, damage);
      assert.equal((await daemon.archive(better)).provenance.continues, job.archive_id);
      assert.equal((await daemon.archive(job)).superseded_by, better.archive_id);
    },
    { timeoutMs: 1_500_000 },
  ),

  scenario('a disc of which nothing can be read fails, and is given back where eject is always', async (station) => {
    const { drives } = station;
    const daemon = new Daemon(station);
    const { file } = await station.disc({ label: 'RUINED', bytes: 1_000_000 });
    await daemon.configure((text) => text.replace('eject: on_success', 'eject: always'));
    await drives[0].insert({ file, damage: 'all' });
    const [job] = await until('job failed', patience, async () => {
      const jobs = await daemon.jobs();
      return jobs[0]?.status === 'failed' && jobs;
    });
    assert.equal(job?.error?.code, 'unreadable');
    assert.deepEqual(await daemon.archives(), []);
    await until('ejected', patience, () => drives[0].isTrayOpen());
    assert.equal(await station.guest.sh('find /srv/disk2iso/library -name "*.iso*" | wc -l'), '0');
  }),

  scenario('the run-out at the end of a disc recorded track at once is no damage', async (station) => {
    const { guest } = station;
    const daemon = new Daemon(station);
    const drive = await station.scriptedDrive('a');
    // udev's probing would shorten the device first; so it is the daemon that meets the run-out.
    await guest.sh('udevadm settle; udevadm control --stop-exec-queue');
    await drive.insert('tao-cd');
    const job = await daemon.untilCompleted('RECORDED');
    assert.match(job.verdict ?? '', /^complete/);
    assert.equal((await daemon.archive(job)).size_bytes, 2000 * 2048);
    const sector = await guest.sh(`tail -c 4 '${job.output_file}' | od -An -tx1`);
    assert.equal(sector.replaceAll(' ', ''), '000007cf');
    await until('ejected', patience, async () => (await drive.state()).open);
  }),

  scenario(
    'damage just before the end of a disc is damage, whatever the kernel cuts off behind it',
    async (station) => {
      const daemon = new Daemon(station);
      const drive = await station.scriptedDrive('a');
      const faults = [{ sectors: 1950, sense: '03/11/00' }];
      await drive.insert({ name: 'edge', tracks: [{ type: 'data', label: 'EDGE', sectors: 2000 }], faults });
      const job = await daemon.untilCompleted('EDGE');
      assert.equal(job.verdict, 'damaged');
      const [bad, ...more] = job.bad_ranges ?? [];
      assert.ok(bad && more.length === 0, JSON.stringify(job.bad_ranges));
      assert.ok(bad.start <= 1950 * 2048 && bad.start >= 1919 * 2048 && bad.length > 0, JSON.stringify(bad));
      assert.equal((await daemon.archive(job)).size_bytes, 2000 * 2048);
    },
  ),

  scenario('a protected disc is kept as far as it can be read without keys, and marked', async (station) => {
    const daemon = new Daemon(station);
    const drive = await station.scriptedDrive('a');
    await drive.insert('css-dvd');
    const job = await daemon.untilCompleted('SCRAMBLED', 2 * patience);
    assert.equal(job.verdict, 'protected');
    const first = job.bad_ranges?.[0];
    const last = job.bad_ranges?.at(-1);
    assert.ok(first && last);
    // To the cluster: nobody goes through a protected area sector by sector.
    assert.ok(first.start <= 1000 * 2048 && first.start >= (1000 - 32) * 2048, JSON.stringify(job.bad_ranges));
    const end = last.start + last.length;
    assert.ok(end >= 3001 * 2048 && end <= (3001 + 32) * 2048, JSON.stringify(job.bad_ranges));

    // A scratch on such a disc is a scratch: all but its sector is rescued.
    await drive.order({ do: 'remove' });
    await daemon.untilEmpty(drive.device);
    await drive.insert({
      name: 'scratched film',
      media: 'DVD-ROM',
      tracks: [{ type: 'data', label: 'SCRATCHED_FILM', sectors: 4000 }],
      css: [[2000, 2500]],
      faults: [{ sectors: 500, sense: '03/11/00' }],
    });
    const scratched = await daemon.untilCompleted('SCRATCHED_FILM', 2 * patience);
    assert.equal(scratched.verdict, 'protected');
    assert.deepEqual(scratched.bad_ranges, [
      { start: 500 * 2048, length: 2048 },
      { start: 2000 * 2048, length: 501 * 2048 },
    ]);
  }),

  scenario('blank, audio, mixed and multisession discs are named as such and start no job', async (station) => {
    const daemon = new Daemon(station);
    const drive = await station.scriptedDrive('a');
    const expected = [
      ['audio-cd', /audio/],
      ['blank-cd', /blank/],
      ['mixed-cd', /audio tracks beside its data/],
      ['multisession-cd', /sessions/],
    ] as const;
    for (const [disc, words] of expected) {
      await drive.insert(disc);
      await until(`${disc} is refused`, patience, async () => {
        const { outcome } = (await daemon.device(drive.device)).media[0] ?? {};
        const condition = (await daemon.status()).conditions.find((one) => one.subject.endsWith(drive.device));
        if (outcome?.kind !== 'unsupported') throw new Error(JSON.stringify(outcome));
        return outcome.error?.code === 'disc_unsupported' && words.test(condition?.message ?? '') && condition?.problem;
      });
      await drive.order({ do: 'remove' });
      await daemon.untilEmpty(drive.device);
    }
    assert.deepEqual(await daemon.jobs(), []);
  }),

  scenario(
    'a DVD of more than 4 GiB with a hole beyond them: length, ranges and bytes are right there as well',
    async (station) => {
      const { drives, guest } = station;
      const daemon = new Daemon(station);
      const border = 2 ** 32;
      const disc = await station.disc({ label: 'LARGE', bytes: 4_400_000_000, sparse: true });
      assert.ok(disc.bytes > border + 2 ** 26);
      // In the random data that begins some sectors after 4 GiB.
      const hole = border / 2048 + 300;
      const damage: SectorRange[] = [[hole, hole + 3]];
      // Emulated, a reading of the whole takes minutes: one checksum, made while the disc is read, and none after it.
      await daemon.configure((text) =>
        text.replace('verify: true', 'verify: false').replace('checksums: [md5, sha256]', 'checksums: [md5]'),
      );
      await drives[0].insert({ file: disc.file, damage });
      const job = await daemon.untilCompleted('LARGE', 2 * patience);
      assert.deepEqual([job.media, job.verdict, job.size_bytes], ['dvd', 'damaged', disc.bytes]);
      assert.deepEqual(job.bad_ranges, ranges(damage));
      assert.deepEqual(await badInMap(daemon, job, (path) => guest.read(path)), ranges(damage));
      assert.equal((await daemon.archive(job)).checksums.md5, await digestWithHoles('md5', disc.file, damage));
      assert.equal(await guest.sh(`stat -c %s '${job.output_file}'`), String(disc.bytes));
      const beyond = `tail -c +${border + 1} '${job.output_file}' | sha256sum`;
      const expected = await digestWithHoles('sha256', disc.file, damage, border);
      assert.equal((await guest.sh(beyond)).slice(0, 64), expected);
    },
    { timeoutMs: 1_500_000 },
  ),
];
