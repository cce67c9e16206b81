import assert from 'node:assert/strict';
import type { Guest } from '../guest.js';
import { bareScenario } from '../scenario.js';
import type { DiscScript, ScriptedDrive } from '../scripted-drive.js';
import { until } from '../until.js';

/** Puts the disc in and gives what cdrom_id says of it, once the kernel has noticed. */
async function media(guest: Guest, drive: ScriptedDrive, disc: DiscScript | string): Promise<Record<string, string>> {
  const { diskseq } = await guest.look(drive.device);
  await drive.insert(disc);
  await until('new medium', 30_000, async () => (await guest.look(drive.device)).diskseq > diskseq);
  await guest.sh('udevadm settle');
  const text = await guest.sh(`/usr/lib/udev/cdrom_id /dev/${drive.device}`, { as: 'reader' });
  const pairs = text.split('\n').map((line) => line.split('='));
  return Object.fromEntries(pairs.map(([name, value]) => [name?.replace('ID_CDROM_MEDIA_', ''), value]));
}

/** The map that ddrescue leaves, without its comments, and the exit status. */
async function rescue(guest: Guest, device: string, options = '-d'): Promise<{ code: number | null; map: string[] }> {
  await guest.sh('rm -f /home/reader/x.*; sysctl -q dev.cdrom.autoclose=0');
  const command = `cd && ddrescue -q -b2048 ${options} /dev/${device} x.iso x.map`;
  const { code } = await guest.run(`export HOME=/home/reader; ${command}`, { as: 'reader' });
  const map = await guest.sh("grep -v '^#' /home/reader/x.map | tail -n +2 || true");
  return { code, map: map.split('\n').map((line) => line.replace(/ +/g, ' ')) };
}

export const scenarios = [
  bareScenario('harness: cdrom_id tells the kinds of scripted discs apart', async (station) => {
    const { guest } = station;
    const drive = await station.scriptedDrive('a');
    const pressed = await media(guest, drive, 'data-cd');
    assert.deepEqual([pressed.CD, pressed.STATE, pressed.TRACK_COUNT_DATA], ['1', undefined, '1']);
    const { udev, bytes } = await guest.look(drive.device);
    assert.deepEqual([udev.ID_FS_LABEL, bytes], ['PRESSED', 2000 * 2048]);
    const recorded = await media(guest, drive, 'tao-cd');
    assert.deepEqual([recorded.CD_R, recorded.STATE, recorded.SESSION_COUNT], ['1', 'complete', '1']);
    const dvd = await media(guest, drive, 'css-dvd');
    assert.deepEqual([dvd.DVD, dvd.TRACK_COUNT_DATA], ['1', '1']);
    const blank = await media(guest, drive, 'blank-cd');
    assert.deepEqual([blank.STATE, blank.TRACK_COUNT_DATA, blank.TRACK_COUNT_AUDIO], ['blank', undefined, undefined]);
    const audio = await media(guest, drive, 'audio-cd');
    assert.deepEqual([audio.TRACK_COUNT_AUDIO, audio.TRACK_COUNT_DATA], ['2', undefined]);
    const mixed = await media(guest, drive, 'mixed-cd');
    assert.deepEqual([mixed.TRACK_COUNT_AUDIO, mixed.TRACK_COUNT_DATA], ['1', '1']);
    const sessions = await media(guest, drive, 'multisession-cd');
    assert.deepEqual([sessions.SESSION_COUNT, sessions.TRACK_COUNT_DATA], ['2', '2']);
  }),

  bareScenario(
    'harness: a scripted volume can be mounted, and an image that is lent can be a disc',
    async (station) => {
      const { guest } = station;
      const drive = await station.scriptedDrive('a');
      await media(guest, drive, 'data-cd');
      await guest.sh(`mount -o ro /dev/${drive.device} /mnt && ls /mnt && umount /mnt`);
      const disc = await station.disc({ label: 'LENT', bytes: 500_000 });
      const image = await station.lend(disc.file);
      await media(guest, drive, { name: 'lent', tracks: [{ type: 'data', image }] });
      assert.equal(await guest.sha256(`/dev/${drive.device}`), await station.sha256(disc.file));
    },
  ),

  bareScenario('harness: audio is read exactly', async (station) => {
    const { guest } = station;
    const drive = await station.scriptedDrive('a');
    await media(guest, drive, 'audio-cd');
    await guest.sh(`cd-paranoia -q -d /dev/${drive.device} -R 1 /home/1.raw`, { timeoutMs: 120_000 });
    // Each sector holds its own number over and over, so that the last one's place is in its bytes.
    assert.equal(await guest.sh('stat -c %s /home/1.raw'), String(300 * 2352));
    assert.equal(await guest.sh('tail -c 8 /home/1.raw | od -An -tx1 | tr -d " "'), '000000000000012b');
  }),

  bareScenario('harness: bad, late and scrambled sectors answer with their sense codes', async (station) => {
    const { guest } = station;
    const drive = await station.scriptedDrive('a');
    const read = async (sector: number) => {
      const cdb = `28 00 00 00 ${(sector >> 8).toString(16)} ${(sector & 255).toString(16)} 00 00 01 00`;
      const { code, stderr } = await guest.run(`sg_raw -r 2048 /dev/${drive.device} ${cdb}`, { as: 'reader' });
      return `${code} ${/Additional sense: (.*)/.exec(stderr)?.[1] ?? 'good'}`;
    };
    await media(guest, drive, 'damaged-cd');
    assert.equal(await read(499), '0 good');
    assert.equal(await read(503), '3 Unrecovered read error');
    assert.deepEqual([await read(700), await read(700), await read(700)].at(-1), '0 good');
    await media(guest, drive, 'css-dvd');
    assert.equal(await read(2000), '5 Read of scrambled sector without authentication');
    const copyright = await guest.sh(
      `sg_raw -b -r 8 /dev/${drive.device} ad 0 0 0 0 0 0 1 0 8 0 0 2>/dev/null | od -An -tx1`,
    );
    assert.equal(copyright.trim(), '00 06 00 00 01 00 00 00');
  }),

  bareScenario('harness: ddrescue maps run-out, scratches and a reset as the README says', async (station) => {
    const { guest } = station;
    const drive = await station.scriptedDrive('a');
    await media(guest, drive, 'tao-cd');
    // The kernel has met the run-out while probing and has cut the device short.
    assert.equal((await guest.look(drive.device)).bytes, 2000 * 2048);
    assert.deepEqual((await rescue(guest, drive.device)).map, ['0x00000000 0x003E8000 +']);
    await media(guest, drive, 'damaged-cd');
    const hurt = ['0x00000000 0x000FA000 +', '0x000FA000 0x00002000 -', '0x000FC000 0x002EC000 +'];
    assert.deepEqual((await rescue(guest, drive.device, '-d -r3')).map, hurt);
    await media(guest, drive, 'resetting-cd');
    assert.deepEqual(await rescue(guest, drive.device, '-d -O'), { code: 0, map: ['0x00000000 0x003E8000 +'] });
  }),

  bareScenario(
    'harness: tray, lock and button obey the SCSI commands and the hand, and all is logged',
    async (station) => {
      const { guest } = station;
      const drive = await station.scriptedDrive('a');
      await media(guest, drive, 'data-cd');
      await guest.sh(`sysctl -q dev.cdrom.autoclose=1; eject /dev/${drive.device}`, { as: 'reader' }).catch(() => {});
      assert.equal((await drive.state()).open, true);
      // The open shuts the tray; the first read after that may fail, as the medium counts as changed.
      await guest.run(`head -c 1 /dev/${drive.device}`);
      assert.equal((await drive.state()).open, false);
      const moves = (await drive.log()).filter((one) => one.tray).map((one) => one.tray);
      assert.deepEqual(moves, ['eject', 'load']);
      const from = (await drive.log()).length;
      // A reader holds the lock: the button only asks, and udev's rule then opens the tray.
      const holder = guest.run(`sleep 250 < /dev/${drive.device}`);
      await until('locked', 30_000, async () => (await drive.state()).locked);
      await drive.order({ do: 'press' });
      await until('tray open', 30_000, async () => (await drive.state()).open);
      assert.ok((await drive.log(from)).some((one) => one.tray === 'eject'));
      await guest.sh('pkill sleep');
      await holder;
      await drive.order({ do: 'close' });
      await drive.order({ do: 'jam', on: true });
      // eject's exit status says nothing about that.
      await guest.run(`eject /dev/${drive.device}`);
      assert.equal((await drive.state()).open, false);
    },
  ),

  bareScenario(
    'harness: a drive can hang in a read, be released, be unplugged, and lose or double its events',
    async (station) => {
      const { guest } = station;
      const drive = await station.scriptedDrive('a');
      await media(guest, drive, 'hanging-cd');
      const reading = rescue(guest, drive.device);
      await until('hanging', 30_000, async () => (await drive.state()).busy);
      await drive.order({ do: 'release' });
      assert.deepEqual((await reading).map, ['0x00000000 0x003E8000 +']);
      const { diskseq } = await guest.look(drive.device);
      await drive.order({ do: 'events', mode: 'none' });
      await drive.insert('damaged-cd');
      await guest.sh('sleep 3');
      assert.equal((await guest.look(drive.device)).diskseq, diskseq);
      await drive.order({ do: 'events', mode: 'double' });
      await media(guest, drive, 'data-cd');
      await drive.order({ do: 'unplug' });
      await guest.waitFor('gone', `! test -e /dev/${drive.device}`, 30_000);
      await drive.plug();
      await guest.waitFor('back', `test -e /dev/${drive.device}`, 30_000);
    },
  ),
];
