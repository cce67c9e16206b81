import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/adapters/clock.js';
import { OpticalDrive, type OpticalDriveOptions } from '../../src/adapters/optical-drive.js';
import type { DriveSpec } from '../../src/core/drive.js';
import { contractOfDrives } from './drive-contract.js';
import { eventually, identified, noStop, observeOne, recordLog, settled } from './drive-rig.js';
import { createFakeMachine, type FakeMachine } from './fake-drive.js';
import { tinyIso } from './recorded-image.js';

contractOfDrives('optical', async () => {
  const machine = await createFakeMachine();
  await machine.addDrive('sr0');
  return {
    port: machine.port,
    spec: machine.spec,
    absentSpec: { ...machine.spec, source: { kind: 'optical', device: machine.path('dev/sr7') } },
    insert: (image) => machine.insert('sr0', image),
    remove: () => machine.remove('sr0'),
    end: machine.end,
  };
});

async function setUp(t: TestContext, options: Partial<OpticalDriveOptions> = {}): Promise<FakeMachine> {
  const machine = await createFakeMachine(options);
  t.after(machine.end);
  await machine.addDrive('sr0');
  return machine;
}

const optical = (source: { device: string } | { udevId: string }): DriveSpec => ({
  name: 'tray',
  source: { kind: 'optical', ...source },
  suspend: false,
});

test('a glob names each drive it finds, in order, links and strangers left out', async (t) => {
  const machine = await setUp(t);
  for (const name of ['sr2', 'sr10']) await machine.addDrive(name);
  await writeFile(machine.path('dev/srx'), '');
  await symlink(machine.path('dev/sr0'), machine.path('dev/srlink'));
  await machine.insert('sr10', tinyIso('TEN'));
  const devices = await machine.port.observe(optical({ device: machine.path('dev/sr*') }));
  assert.deepEqual(
    devices.map(({ id, path, state }) => [id, path, state]),
    [
      ['tray:sr0', machine.path('dev/sr0'), 'empty'],
      ['tray:sr2', machine.path('dev/sr2'), 'empty'],
      ['tray:sr10', machine.path('dev/sr10'), 'loaded'],
    ],
  );
});

test('links by id are followed, in a path and in a glob', async (t) => {
  const machine = await setUp(t);
  await mkdir(machine.path('dev/disk/by-id'), { recursive: true });
  await symlink('../../sr0', machine.path('dev/disk/by-id/ata-PIONEER_BD-RW_X1'));
  const direct = await observeOne(
    machine.port,
    optical({ device: machine.path('dev/disk/by-id/ata-PIONEER_BD-RW_X1') }),
  );
  assert.deepEqual([direct.id, direct.path], ['tray', machine.path('dev/sr0')]);
  const [byGlob] = await machine.port.observe(optical({ device: machine.path('dev/disk/by-id/ata-*') }));
  assert.deepEqual([byGlob?.id, byGlob?.path], ['tray:sr0', machine.path('dev/sr0')]);
});

test('a drive is found by any id udev knows, whatever its name', async (t) => {
  const machine = await setUp(t);
  const udev = [
    'DEVNAME=/dev/sr1',
    'ID_SERIAL=ASUS_BW-16D1HT_KL1',
    'ID_SERIAL_SHORT=KL1',
    'ID_WWN=0x5001480000000000',
    'ID_PATH=pci-0000:00:1f.2-ata-2',
  ];
  await machine.addDrive('sr1', { vendor: 'ASUS', model: 'BW-16D1HT', udev });
  for (const udevId of ['ASUS_BW-16D1HT_KL1', 'KL1', '0x5001480000000000', 'pci-0000:00:1f.2-ata-2']) {
    const device = await observeOne(machine.port, optical({ udevId }));
    assert.equal(device.path, machine.path('dev/sr1'));
    assert.deepEqual([device.vendor, device.model, device.serial], ['ASUS', 'BW-16D1HT', 'KL1']);
  }
  assert.deepEqual(await machine.port.observe(optical({ udevId: 'none' })), []);
});

test('without udev the kernel names vendor, model, serial and wwid', async (t) => {
  const machine = await setUp(t);
  await rm(machine.path('bin/udevadm'));
  const serial = Buffer.concat([Buffer.from([5, 0x80, 0, 8]), Buffer.from('  SN123 ')]);
  await writeFile(machine.path('sys/block/sr0/device/vpd_pg80'), serial);
  await writeFile(machine.path('sys/block/sr0/device/wwid'), 't10.ATA     PIONEER\n');
  for (const udevId of ['PIONEER_BD-RW_BDR-209D', 'SN123', 't10.ATA     PIONEER']) {
    assert.equal((await observeOne(machine.port, optical({ udevId }))).serial, 'SN123', udevId);
  }
});

test('a path that is no optical drive says so', async (t) => {
  const machine = await setUp(t);
  await writeFile(machine.path('dev/sda'), '');
  const device = await observeOne(machine.port, optical({ device: machine.path('dev/sda') }));
  assert.equal(device.state, 'faulty');
  assert.match(device.fault?.message ?? '', /not an optical drive/);
});

test('media kind and content come from the drive', async (t) => {
  const machine = await setUp(t);
  await machine.insert('sr0', tinyIso('A'), ['ID_CDROM_MEDIA_CD_R=1', 'ID_CDROM_MEDIA_TRACK_COUNT_AUDIO=12']);
  const { medium } = await settled(machine.port, machine.spec);
  assert.deepEqual([medium.media, medium.content, medium.settled], ['cd', 'audio', true]);
});

test('a disc whose size the drive does not know yet is waited for, but not for ever', async (t) => {
  let now = 0;
  const machine = await setUp(t, { clock: { now: () => now, monotonic: () => now } });
  await machine.insert('sr0', tinyIso('A'));
  await machine.set('sys/block/sr0/size', '2097151\n');
  const look = async () => (await observeOne(machine.port, machine.spec)).media[0];
  assert.deepEqual([(await look())?.sizeBytes, (await look())?.settled], [null, false]);
  now += 29_000;
  assert.equal((await look())?.settled, false);
  now += 1000;
  assert.equal((await look())?.settled, true);
  await machine.set('sys/block/sr0/size', '256\n');
  assert.deepEqual([(await look())?.sizeBytes, (await look())?.settled], [131_072, true]);
});

test('the old disc is not there any more although the kernel keeps its size', async (t) => {
  const machine = await setUp(t);
  await machine.insert('sr0', tinyIso('A'));
  await settled(machine.port, machine.spec);
  await machine.remove('sr0');
  assert.deepEqual((await observeOne(machine.port, machine.spec)).media, []);
});

test('an open tray is told from an empty one where the drive tells', async (t) => {
  const machine = await setUp(t);
  await machine.set('sense', 'Sense key: Not Ready\n Additional sense: Medium not present - tray open\n');
  assert.equal((await observeOne(machine.port, machine.spec)).state, 'open');
  await machine.set('sense', 'Sense key: Not Ready\n Additional sense: Medium not present - tray closed\n');
  assert.equal((await observeOne(machine.port, machine.spec)).state, 'empty');
  // opening for write would make udev look at the drive again
  for (const call of await machine.calls('sg_raw')) assert.match(call, /--readonly .* 00 00 00 00 00 00$/);
  await rm(machine.path('bin/sg_raw'));
  assert.equal((await observeOne(machine.port, machine.spec)).state, 'empty');
});

test('on a kernel that does not count discs a new one is still a new medium', async (t) => {
  const machine = await setUp(t);
  await rm(machine.path('sys/block/sr0/diskseq'));
  await machine.insert('sr0', tinyIso('A', 2000));
  const first = await settled(machine.port, machine.spec);
  // the run-out that the kernel met shortens the disc; it is the same all the same
  await machine.set('sys/block/sr0/size', `${1998 * 4}\n`);
  assert.equal((await settled(machine.port, machine.spec)).medium.key, first.medium.key);
  await machine.remove('sr0');
  await machine.port.observe(machine.spec);
  await machine.insert('sr0', tinyIso('A', 2000));
  assert.notEqual((await settled(machine.port, machine.spec)).medium.key, first.medium.key);
});

test('another daemon gives the disc another name: it may have been exchanged without the kernel noticing', async (t) => {
  const machine = await setUp(t);
  await machine.insert('sr0', tinyIso('A'));
  const before = await settled(machine.port, machine.spec);
  const { path } = machine;
  const roots = { sysRoot: path('sys'), devRoot: path('dev'), procRoot: path('proc'), runRoot: path('run') };
  const next = new OpticalDrive({ ...roots, cdromId: path('bin/cdrom_id'), clock: systemClock, log: recordLog() });
  t.after(() => next.close());
  const after = await settled(next, machine.spec);
  assert.notEqual(after.medium.key, before.medium.key);
  assert.equal((await settled(next, machine.spec)).medium.key, after.medium.key);
});

test("without cdrom_id udev's own notes decide, without udev the size", async (t) => {
  const machine = await setUp(t);
  await machine.insert('sr0', tinyIso('A'));
  await rm(machine.path('bin/cdrom_id'));
  await machine.set(
    'udev/sr0',
    'ID_CDROM=1\nID_CDROM_MEDIA=1\nID_CDROM_MEDIA_CD=1\nID_CDROM_MEDIA_TRACK_COUNT_DATA=1\n',
  );
  assert.equal((await settled(machine.port, machine.spec)).medium.media, 'cd');
  await rm(machine.path('bin/udevadm'));
  const { medium } = await settled(machine.port, machine.spec);
  assert.deepEqual([medium.media, medium.content], ['unknown', 'unknown']);
  assert.equal((await identified(machine.port, machine.spec)).label, 'A');
});

test('a drive that hangs costs a pass no more than its deadline, is asked once, and is back when it answers', async (t) => {
  const machine = await setUp(t, { deadlineMs: 100, timeoutMs: 30_000 });
  await machine.set('hang', '');
  let hints = 0;
  machine.port.watch([machine.spec], () => {
    hints += 1;
  });
  const started = performance.now();
  for (let i = 0; i < 3; i += 1) {
    const device = await observeOne(machine.port, machine.spec);
    assert.deepEqual([device.state, device.fault?.code], ['faulty', 'timeout']);
  }
  assert.ok(performance.now() - started < 25_000, `${performance.now() - started} ms`);
  assert.equal((await machine.calls('cdrom_id')).length, 1);
  await eventually(async () => hints > 0);
  await machine.unset('hang');
  await eventually(async () => (await observeOne(machine.port, machine.spec)).state === 'empty');
});

test('a disc that is known stays while its drive is slow to answer', async (t) => {
  const machine = await setUp(t, { deadlineMs: 300, timeoutMs: 2000 });
  await machine.insert('sr0', tinyIso('A'));
  const before = await settled(machine.port, machine.spec);
  await machine.set('hang', '');
  assert.deepEqual(await observeOne(machine.port, machine.spec), before.device);
  const late = await eventually(async () => {
    const device = await observeOne(machine.port, machine.spec);
    return device.state === 'faulty' && device;
  });
  assert.equal(late.fault?.code, 'timeout');
  assert.deepEqual(late.media, before.device.media);
});

test('a drive that is reading is not asked in between', async (t) => {
  const machine = await setUp(t);
  await machine.insert('sr0', tinyIso('A'));
  const before = await settled(machine.port, machine.spec);
  const calls = (await machine.calls('cdrom_id')).length;
  await machine.set('sys/block/sr0/inflight', '       1        0\n');
  assert.deepEqual(await observeOne(machine.port, machine.spec), before.device);
  assert.equal((await machine.calls('cdrom_id')).length, calls);
  await machine.remove('sr0');
  assert.deepEqual((await observeOne(machine.port, machine.spec)).media, [], 'another disc is asked for at once');
});

test('a drive that is unplugged is gone', async (t) => {
  const machine = await setUp(t);
  await machine.insert('sr0', tinyIso('A'));
  const { device, medium } = await settled(machine.port, machine.spec);
  await rm(machine.path('sys/block/sr0'), { recursive: true });
  assert.deepEqual(await machine.port.observe(machine.spec), []);
  await rm(machine.path('dev/sr0'));
  assert.deepEqual(await machine.port.observe(machine.spec), []);
  assert.equal(await machine.port.holds(device, medium), false);
  await machine.port.eject(device, medium);
  await assert.rejects(machine.port.identify(device, medium, noStop), { code: 'medium_absent' });
});

test('the device is opened without waiting for it', async (t) => {
  const machine = await setUp(t);
  await machine.insert('sr0', tinyIso('A'));
  // a pipe nobody writes to: a plain open would wait for ever, as on a drive it would close the tray
  await rm(machine.path('dev/sr0'));
  spawnSync('/usr/bin/mkfifo', [machine.path('dev/sr0')]);
  const disc = await identified(machine.port, machine.spec);
  assert.equal(disc.fingerprint, null);
});

test('a mounted disc is not ejected, and the fault names the place', async (t) => {
  const machine = await setUp(t);
  await machine.insert('sr0', tinyIso('A'));
  const { device, medium } = await settled(machine.port, machine.spec);
  await machine.set(
    'proc/self/mountinfo',
    '21 1 8:1 / / rw - ext4 /dev/sda1 rw\n40 21 11:0 / /media/my\\040disc ro - iso9660 /dev/sr0 ro\n',
  );
  await assert.rejects(machine.port.eject(device, medium), {
    code: 'device_busy',
    message: /\/media\/my disc; unmount/,
  });
  assert.deepEqual(await machine.calls('eject'), []);
});

test('a drive in use for a moment is tried again, one in use for good is a fault', async (t) => {
  const machine = await setUp(t);
  await machine.insert('sr0', tinyIso('A'));
  const { device, medium } = await settled(machine.port, machine.spec);
  await machine.set('busy', '');
  await assert.rejects(machine.port.eject(device, medium), { code: 'device_busy', retry: 'later' });
  const ejecting = machine.port.eject(device, medium);
  await eventually(async () => (await machine.calls('eject')).length > 5);
  await machine.unset('busy');
  await ejecting;
  assert.deepEqual((await observeOne(machine.port, machine.spec)).media, []);
  for (const call of await machine.calls('eject')) assert.match(call, /--cdrom --no-unmount \S+\/sr0$/);
});

test('in a container, where eject cannot help, the drive is told directly', async (t) => {
  const machine = await setUp(t);
  await machine.insert('sr0', tinyIso('A'));
  const { device, medium } = await settled(machine.port, machine.spec);
  await machine.set('container', '');
  await machine.port.eject(device, medium);
  const calls = (await machine.calls('sg_raw')).map((call) => call.split('/sr0 ')[1]);
  assert.deepEqual(calls, ['1e 00 00 00 00 00', '1b 00 00 00 02 00']);
  await machine.set('sense', 'Additional sense: Medium removal prevented\n');
  await assert.rejects(machine.port.eject(device, medium), { code: 'tool_failed', message: /removal prevented/ });
});

test('another disc than the one meant is not ejected; a missing eject says how to get it', async (t) => {
  const machine = await setUp(t);
  await machine.insert('sr0', tinyIso('A'));
  const first = await settled(machine.port, machine.spec);
  await machine.insert('sr0', tinyIso('B'));
  await assert.rejects(machine.port.eject(first.device, first.medium), { code: 'source_changed' });
  const second = await settled(machine.port, machine.spec);
  await rm(machine.path('bin/eject'));
  await assert.rejects(machine.port.eject(second.device, second.medium), {
    code: 'tool_missing',
    message: /apt-get install eject/,
  });
});

test('a disc that is exchanged without a word is not taken for the one before', async (t) => {
  const machine = await setUp(t);
  await machine.insert('sr0', tinyIso('A'));
  const mute = await settled(machine.port, machine.spec);
  assert.equal(await machine.port.holds(mute.device, mute.medium), true, 'a drive that gives no descriptors');
  const asked = (await machine.calls('sg_raw')).length;
  assert.equal(await machine.port.holds(mute.device, mute.medium), true);
  assert.equal((await machine.calls('sg_raw')).length, asked, 'what could not be read is not asked for again');
  await machine.set('descriptors', 'A');
  await machine.insert('sr0', tinyIso('A'));
  const { device, medium } = await settled(machine.port, machine.spec);
  for (let look = 0; look < 2; look += 1) assert.equal(await machine.port.holds(device, medium), true);
  await machine.set('descriptors', 'B');
  assert.equal(await machine.port.holds(device, medium), false);
  const second = await settled(machine.port, machine.spec);
  assert.notEqual(second.medium.key, medium.key);
  assert.equal(await machine.port.holds(device, medium), false);
  assert.equal(await machine.port.holds(second.device, second.medium), true);
  await machine.unset('descriptors');
  assert.equal(await machine.port.holds(second.device, second.medium), true, 'what cannot be read says nothing');
  await machine.set('descriptors', 'A');
  assert.equal(await machine.port.holds(second.device, second.medium), false);
});

test('the drive is asked about protection at the very sector', async (t) => {
  const machine = await setUp(t);
  await machine.insert('sr0', tinyIso('A'));
  const { medium } = await settled(machine.port, machine.spec);
  const calls = (await machine.calls('sg_raw')).length;
  await machine.set(
    'sense',
    'Sense key: Illegal Request\n Additional sense: Read of scrambled sector without authentication\n',
  );
  assert.equal(await machine.port.refusesByProtection(medium, 0x12345 * 2048 + 5), true);
  assert.match((await machine.calls('sg_raw'))[calls] ?? '', /--readonly .* 28 00 00 01 23 45 00 00 01 00$/);
  await machine.set('sense', 'Sense key: Medium Error\n Additional sense: Unrecovered read error\n');
  assert.equal(await machine.port.refusesByProtection(medium, 0), false);
  await rm(machine.path('bin/sg_raw'));
  assert.equal(await machine.port.refusesByProtection(medium, 0), false);
});

test('the monitor is started again when it dies, and its death is a hint', async (t) => {
  const machine = await setUp(t);
  let hints = 0;
  await machine.set('no-monitor', '');
  machine.port.watch([machine.spec], () => {
    hints += 1;
  });
  await eventually(async () => hints > 0);
  await machine.unset('no-monitor');
  await eventually(async () => (await machine.calls('udevadm')).filter((call) => /monitor/.test(call)).length > 1);
  const before = hints;
  await machine.insert('sr0', tinyIso('A'));
  await eventually(async () => hints > before);
});

test('without udevadm there are no hints and no fuss', async (t) => {
  const machine = await setUp(t);
  await rm(machine.path('bin/udevadm'));
  machine.port.watch([machine.spec], () => undefined);
  await eventually(async () => machine.log.lines.some((line) => line.message.includes('polled')));
  assert.ok(machine.log.lines.every((line) => line.level === 'info'));
});

test("without udevd the kernel's own events are taken", async (t) => {
  const machine = await setUp(t);
  await machine.unset('run/udev/control');
  machine.port.watch([machine.spec], () => undefined);
  const [call] = await eventually(async () => {
    const calls = await machine.calls('udevadm');
    return calls.length > 0 && calls;
  });
  assert.match(call ?? '', /monitor --kernel --subsystem-match=block/);
});

test('a run-out ends the disc; more than that at its end is damage and leaves it as long as it is', async (t) => {
  const machine = await setUp(t);
  const sizeOf = async (firstBad: number): Promise<number | null> => {
    // reads fail from a sector on, and the kernel shortens the device to each read that does
    const read = `for arg; do case $arg in skip=*) at=\${arg#skip=} ;; esac; done
      [ "$at" -lt ${firstBad} ] && exit 0
      echo $((at * 4)) > ${machine.path('sys/block/sr0/size')}; exit 1`;
    await writeFile(machine.path('bin/dd'), `#!/bin/sh\n${read}\n`, { mode: 0o755 });
    await machine.insert('sr0', tinyIso('TAIL', 300), ['ID_CDROM_MEDIA_CD=1', 'ID_CDROM_MEDIA_TRACK_COUNT_DATA=1']);
    return (await identified(machine.port, machine.spec)).sizes.mediumBytes;
  };
  assert.equal(await sizeOf(300), 300 * 2048);
  assert.equal(await sizeOf(298), 298 * 2048);
  assert.equal(await sizeOf(293), 293 * 2048);
  assert.equal(await sizeOf(280), 300 * 2048);
});
