import assert from 'node:assert/strict';
import { Daemon, patience } from '../daemon.js';
import type { Guest } from '../guest.js';
import { scenario } from '../scenario.js';
import type { Station } from '../station.js';
import { until } from '../until.js';

const mainProcess = (guest: Guest) => guest.sh('systemctl show -P MainPID disk2iso');

/** Puts a slow disc of 8 MB into the first drive and waits until it is being read. */
async function beginSlowJob(station: Station, daemon: Daemon, label: string) {
  const { file } = await station.disc({ label, bytes: 8_000_000 });
  await station.drives[0].insert({ file, bytesPerSecond: 100_000 });
  const { id } = await daemon.untilReading(label, 500_000);
  return { file, id };
}

/** The job goes on under another process of the daemon and ends in an exact image. */
async function endSlowJob(station: Station, daemon: Daemon, label: string, begun: { file: string; id: string }) {
  await station.drives[0].setSpeed(0);
  const job = await daemon.untilCompleted(label);
  assert.deepEqual([job.id, job.verdict], [begun.id, 'complete']);
  await daemon.assertImage(job, begun.file);
  assert.equal((await daemon.jobs()).length, 1);
}

const newerVersion = '999.1.0';
const newerPackage = '/root/newer/disk2iso.deb';

/** Makes a package of a higher version from the installed one's: another program, other files below /etc. */
async function makeNewerPackage(guest: Guest, version: string): Promise<void> {
  const edits = {
    'DEBIAN/control': `s/^Version: .*/Version: ${newerVersion}/`,
    'usr/lib/disk2iso/package.json': `s/"${version}"/"${newerVersion}"/`,
    'etc/disk2iso/config.yaml': 's/warn_at: 90%/warn_at: 80%/',
    'etc/apparmor.d/disk2iso': '1i # Newer.',
  };
  const commands = Object.entries(edits).map(([file, edit]) => `sed -i '${edit}' ${file}`);
  await guest.sh(`mkdir /root/newer && cd /root/newer && dpkg-deb -R /root/disk2iso_*.deb tree && cd tree &&
    ${commands.join(' && ')} && dpkg-deb --root-owner-group -Znone -b . ${newerPackage}`);
}

export const scenarios = [
  scenario('the daemon killed by kill -9, then by the OOM killer, comes back and its job goes on', async (station) => {
    const { guest } = station;
    const daemon = new Daemon(station);
    const begun = await beginSlowJob(station, daemon, 'KILLED');
    for (const kill of ['kill -9 $pid', 'echo 1000 > /proc/$pid/oom_score_adj && echo f > /proc/sysrq-trigger']) {
      const before = await mainProcess(guest);
      await guest.sh(`pid=${before}; ${kill}`);
      await until('another process', patience, async () => !['0', before].includes(await mainProcess(guest)));
      await daemon.untilReady();
      await daemon.untilReading('KILLED', 500_000);
    }
    assert.match(await guest.sh('dmesg'), /Out of memory.*\(node\)|oom-kill/);
    assert.equal(await guest.sh('pgrep -c ddrescue'), '1');
    await endSlowJob(station, daemon, 'KILLED', begun);
  }),

  scenario(
    'a library on a small filesystem that fills: the job waits, and goes on when there is room',
    async (station) => {
      const { guest, drives } = station;
      const daemon = new Daemon(station);
      const library = '/srv/disk2iso/library';
      const disk = await station.attachFilesystem(64);
      await guest.sh(`systemctl stop disk2iso && rm -rf /var/lib/disk2iso/state ${library}/.disk2iso &&
        mount ${disk} ${library} && chown disk2iso: ${library} && systemctl start disk2iso`);
      await daemon.untilReady();
      const { file } = await station.disc({ label: 'SQUEEZE', bytes: 12_000_000 });
      await drives[0].insert({ file, bytesPerSecond: 200_000 });
      const { id } = await daemon.untilReading('SQUEEZE', 500_000);
      // Somebody else's file takes all there is, root's share as well.
      assert.notEqual((await guest.run(`cat /dev/zero > ${library}/filler`)).code, 0);
      await drives[0].setSpeed(0);
      const paused = await daemon.untilJob('SQUEEZE', 'is paused', (one) => one.status === 'paused');
      assert.deepEqual([paused.id, paused.pause_reason], [id, 'storage']);
      await until('storage is full', patience, async () => (await daemon.status()).storage.level === 'stop');
      assert.equal(await guest.sh('systemctl is-active disk2iso'), 'active');
      assert.equal(await drives[0].isTrayOpen(), false);
      await guest.sh(`rm ${library}/filler`);
      const job = await daemon.untilCompleted('SQUEEZE');
      assert.deepEqual([job.id, job.verdict], [id, 'complete']);
      await daemon.assertImage(job, file);
      await until('room again', patience, async () => (await daemon.status()).storage.level === 'ok');

      // A disc larger than the room that is left waits rather than filling the disk; one that fits goes on.
      const large = await station.disc({ label: 'TOO_MUCH', bytes: 50_000_000 });
      const small = await station.disc({ label: 'FITS', bytes: 2_000_000 });
      await drives[1].insert(large);
      await daemon.untilJob('TOO_MUCH', 'is queued', (one) => one.status === 'queued');
      await drives[2].insert(small);
      await daemon.assertImage(await daemon.untilCompleted('FITS'), small.file);
      const waiting = await daemon.untilJob('TOO_MUCH', 'waits', () => true);
      assert.deepEqual([waiting.status, waiting.rescued_bytes], ['queued', 0]);
    },
  ),

  scenario('a bad configuration is refused by systemctl reload, and the old one stays in force', async (station) => {
    const { guest, drives } = station;
    const daemon = new Daemon(station);
    const { generation } = (await daemon.status()).config;
    const path = '/etc/disk2iso/config.yaml';
    const good = await guest.read(path);
    await guest.write(path, `${good.replace('eject: on_success', 'eject: sometimes')}\n`);
    const refused = await guest.run('systemctl reload disk2iso');
    assert.notEqual(refused.code, 0);
    const { config } = await daemon.status();
    assert.deepEqual([config.generation, config.last_reload_successful], [generation, false]);
    assert.match(await guest.sh('disk2iso status'), /sometimes|eject/);
    const disc = await station.disc({ label: 'RELOAD', bytes: 1_000_000 });
    await drives[0].insert(disc);
    await daemon.assertImage(await daemon.untilCompleted('RELOAD'), disc.file);
    await guest.write(path, `${good.replace('eject: on_success', 'eject: never')}\n`);
    await guest.sh('systemctl reload disk2iso');
    assert.equal((await daemon.status()).config.generation, generation + 1);
    // And it is what is done from now on: nothing is ejected.
    const kept = await station.disc({ label: 'KEPT', bytes: 1_000_000 });
    await drives[1].insert(kept);
    await daemon.assertImage(await daemon.untilCompleted('KEPT'), kept.file);
    assert.equal((await daemon.device('sr1')).media[0]?.eject, 'not_wanted');
    assert.equal(await drives[1].isTrayOpen(), false);
    assert.equal(await guest.sh('systemctl is-active disk2iso'), 'active');
  }),

  scenario(
    "an upgrade to a newer version in the middle of a job only interrupts it, and keeps the user's settings; purge leaves the library",
    async (station) => {
      const { guest } = station;
      const daemon = new Daemon(station);
      const path = '/etc/disk2iso/config.yaml';
      await daemon.configure((text) => `# Mine.\n${text.replace('eject: on_success', 'eject: never')}`);
      const mine = await guest.read(path);
      const { version } = await daemon.status();
      await makeNewerPackage(guest, version);
      const begun = await beginSlowJob(station, daemon, 'UPGRADE');
      const before = await mainProcess(guest);
      // As unattended upgrades do; without the option, and at a terminal, dpkg asks.
      const upgrade = `apt-get install -y -o Dpkg::Options::=--force-confold ${newerPackage}`;
      await guest.sh(upgrade, { timeoutMs: patience });
      assert.notEqual(await mainProcess(guest), before);
      await daemon.untilReady();
      assert.equal((await daemon.status()).version, newerVersion);
      assert.equal(await guest.read(path), mine);
      assert.equal(await guest.sh(`stat -c "%U:%G %a" ${path}`), 'root:disk2iso 640');
      assert.match(await guest.read(`${path}.dpkg-dist`), /warn_at: 80%/);
      // A file below /etc that nobody has touched is the newer one.
      assert.match(await guest.read('/etc/apparmor.d/disk2iso'), /^# Newer\.$/m);
      await endSlowJob(station, daemon, 'UPGRADE', begun);
      assert.ok((await daemon.events()).some(({ message }) => /“UPGRADE”.*→ interrupted/.test(message)));
      assert.equal(await station.drives[0].isTrayOpen(), false);
      const [archive] = await daemon.archives();
      assert.ok(archive);
      const list = 'find /srv/disk2iso/library -type f -not -path "*/.disk2iso/*" -exec sha256sum {} + | sort';
      const files = await guest.sh(list);
      assert.ok(files.includes(archive.path));
      await guest.sh('apt-get purge -y disk2iso', { timeoutMs: patience });
      assert.equal(await guest.sh(list), files);
      const left = 'ls -d /var/lib/disk2iso /etc/disk2iso /usr/lib/disk2iso /run/disk2iso 2>/dev/null || true';
      assert.equal(await guest.sh(left), '');
      assert.equal((await guest.run('systemctl cat disk2iso')).code, 1);
    },
  ),

  scenario('a disc that somebody has mounted is imaged all the same and not taken away', async (station) => {
    const { guest, drives } = station;
    const daemon = new Daemon(station);
    const { file } = await station.disc({ label: 'MOUNTED', bytes: 6_000_000 });
    await drives[0].insert({ file, bytesPerSecond: 100_000 });
    await daemon.untilReading('MOUNTED');
    await guest.sh('mount -o ro /dev/sr0 /mnt');
    await drives[0].setSpeed(0);
    const job = await daemon.untilCompleted('MOUNTED');
    await daemon.assertImage(job, file);
    const condition = await until('eject refused', patience, async () =>
      (await daemon.status()).conditions.find((one) => one.reason === 'eject_failed'),
    );
    assert.match(condition.message, /mounted at \/mnt/);
    assert.equal(await drives[0].isTrayOpen(), false);
    await guest.sh(`echo 3 > /proc/sys/vm/drop_caches && mkdir /run/copy && mount -o loop,ro '${job.output_file}' /run/copy &&
      cmp /mnt/data.bin /run/copy/data.bin && umount /run/copy /mnt`);
  }),
];
