import assert from 'node:assert/strict';
import type { Guest } from '../guest.js';
import { bareScenario } from '../scenario.js';
import { until } from '../until.js';

/** Waits until udev knows the medium in sr0 by its label. */
function untilLabel(guest: Guest, label: string): Promise<unknown> {
  return until(`udev sees ${label}`, 30_000, async () => (await guest.look('sr0')).udev.ID_FS_LABEL === label);
}

export const scenarios = [
  bareScenario('harness: the guest runs, with four empty drives and nothing failed', async ({ guest }) => {
    assert.equal(await guest.sh('systemctl is-system-running || true'), 'running');
    assert.equal(await guest.sh('ls /sys/block | grep -c ^sr'), '4');
    const { udev } = await guest.look('sr0');
    assert.equal(udev.ID_CDROM, '1');
    assert.equal(udev.ID_CDROM_MEDIA, undefined);
    assert.match(await guest.sh('id', { as: 'reader' }), /cdrom/);
    assert.match(await guest.sh('node --version; ddrescue --version; aa-enabled'), /v20\..*ddrescue.*Yes/s);
  }),

  bareScenario('harness: a disc that is inserted reaches the guest byte for byte, and goes again', async (station) => {
    const { guest, drives } = station;
    const disc = await station.disc({ label: 'FIRST', bytes: 3_000_000 });
    const before = await guest.look('sr0');
    await drives[0].insert(disc);
    await untilLabel(guest, 'FIRST');
    const { udev, bytes, diskseq } = await guest.look('sr0');
    assert.equal(bytes, disc.bytes);
    assert.ok(diskseq > before.diskseq);
    assert.equal(udev.ID_CDROM_MEDIA_TRACK_COUNT_DATA, '1');
    assert.equal(await guest.sha256('/dev/sr0'), await station.sha256(disc.file));
    await drives[0].remove();
    await until('no medium', 30_000, async () => !(await guest.look('sr0')).udev.ID_CDROM_MEDIA);
    assert.equal(await drives[0].isTrayOpen(), false);
  }),

  bareScenario(
    'harness: the guest ejects, and a plain open shuts the tray unless autoclose is off',
    async (station) => {
      const { guest, drives } = station;
      await drives[0].insert(await station.disc({ label: 'TRAY', bytes: 500_000 }));
      await untilLabel(guest, 'TRAY');
      await guest.sh('sysctl -q dev.cdrom.autoclose=0 && eject /dev/sr0', { timeoutMs: 20_000 });
      assert.equal(await drives[0].isTrayOpen(), true);
      assert.notEqual((await guest.run('head -c 1 /dev/sr0', { as: 'reader' })).code, 0);
      await guest.sh('/usr/lib/udev/cdrom_id /dev/sr0', { as: 'reader' });
      assert.equal(await drives[0].isTrayOpen(), true);
      await guest.sh('sysctl -q dev.cdrom.autoclose=1 && head -c 1 /dev/sr0');
      assert.equal(await drives[0].isTrayOpen(), false);
    },
  ),

  bareScenario('harness: damaged sectors fail and the others are exact', async (station) => {
    const { guest, drives } = station;
    const { file } = await station.disc({ label: 'HURT', bytes: 2_000_000 });
    await drives[0].insert({ file, damage: [[300, 303]] });
    await untilLabel(guest, 'HURT');
    await guest.sh('ddrescue -q -d -b2048 /dev/sr0 /home/x.iso /home/x.map');
    assert.match(await guest.read('/home/x.map'), /0x00096000 +0x00002000 +-/);
    assert.equal((await guest.sh("grep -c '^0x.*-$' /home/x.map")).trim(), '1');
    await drives[0].insert({ file, damage: 'all' });
    await until('all reads fail', 30_000, async () => (await guest.run('head -c 1 /dev/sr0')).code === 1);
  }),

  bareScenario('harness: a throttled disc is slow until its speed is raised', async (station) => {
    const { guest, drives } = station;
    const { file } = await station.disc({ label: 'SLOW', bytes: 20_000_000 });
    await drives[0].insert({ file, bytesPerSecond: 1_000_000 });
    await untilLabel(guest, 'SLOW');
    const reading = guest.sh('sha256sum < /dev/sr0');
    await until('reading has begun', 30_000, async () => (await guest.sh('pgrep sha256sum')) !== '');
    assert.match(await guest.sh('sleep 3; pgrep sha256sum'), /\d/);
    await drives[0].setSpeed(0);
    assert.equal((await reading).slice(0, 64), await station.sha256(file));
  }),

  bareScenario('harness: a drive that is unplugged is gone, and comes back with its disc', async (station) => {
    const { guest, drives } = station;
    await drives[0].insert(await station.disc({ label: 'PLUG', bytes: 500_000 }));
    await untilLabel(guest, 'PLUG');
    await drives[0].unplug();
    await guest.waitFor('no sr0', '! test -e /dev/sr0', 30_000);
    await drives[0].plug();
    await untilLabel(guest, 'PLUG');
  }),
];
