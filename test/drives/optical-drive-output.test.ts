import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMountPoint } from '../../src/adapters/optical-drive-eject.js';
import { parseMedium } from '../../src/adapters/optical-drive-media.js';
import { refusesForProtection, tellsOfOpenTray } from '../../src/adapters/optical-drive-sense.js';
import { tellsOfOpticalDrive } from '../../src/adapters/udev-monitor.js';
import { parseProperties } from '../../src/adapters/udev-properties.js';

/** What cdrom_id of systemd 257 printed, without the drive's own features and without the prefix ID_CDROM. */
const outputs: readonly [string, string, string | null][] = [
  ['empty', '', null],
  [
    'pressed data CD',
    'MEDIA=1 MEDIA_CD=1 MEDIA_SESSION_COUNT=1 MEDIA_TRACK_COUNT=1 MEDIA_TRACK_COUNT_DATA=1',
    'cd data',
  ],
  [
    'recorded data CD',
    'MEDIA=1 MEDIA_CD_R=1 MEDIA_STATE=complete MEDIA_SESSION_COUNT=1 MEDIA_TRACK_COUNT=1 MEDIA_TRACK_COUNT_DATA=1',
    'cd data',
  ],
  ['DVD', 'MEDIA=1 MEDIA_DVD=1 MEDIA_STATE=complete MEDIA_TRACK_COUNT=1 MEDIA_TRACK_COUNT_DATA=1', 'dvd data'],
  ['DVD+R', 'MEDIA=1 MEDIA_DVD_PLUS_R=1 MEDIA_STATE=appendable MEDIA_TRACK_COUNT_DATA=2', 'dvd data'],
  ['DVD-RW', 'MEDIA=1 MEDIA_DVD_RW_RO=1 MEDIA_DVD_RW=1 MEDIA_STATE=blank', 'dvd blank'],
  ['Blu-ray', 'MEDIA=1 MEDIA_BD=1 MEDIA_STATE=complete MEDIA_TRACK_COUNT_DATA=1', 'bd data'],
  ['Blu-ray, recordable', 'MEDIA=1 MEDIA_BD_R_SRM=1 MEDIA_BD_R=1 MEDIA_STATE=complete', 'bd data'],
  ['blank CD-R', 'MEDIA=1 MEDIA_CD_R=1 MEDIA_STATE=blank MEDIA_SESSION_NEXT=1 MEDIA_TRACK_COUNT=1', 'cd blank'],
  ['audio CD', 'MEDIA=1 MEDIA_CD=1 MEDIA_TRACK_COUNT=2 MEDIA_TRACK_COUNT_AUDIO=2', 'cd audio'],
  ['recorded audio CD', 'MEDIA_CD_R=1 MEDIA_STATE=complete MEDIA_TRACK_COUNT_AUDIO=2', 'cd audio'],
  ['mixed', 'MEDIA=1 MEDIA_CD=1 MEDIA_TRACK_COUNT_AUDIO=1 MEDIA_TRACK_COUNT_DATA=1', 'cd mixed'],
  [
    'two sessions',
    'MEDIA=1 MEDIA_CD_R=1 MEDIA_SESSION_COUNT=2 MEDIA_SESSION_LAST_OFFSET=24580096 MEDIA_TRACK_COUNT_DATA=2',
    'cd multisession',
  ],
  [
    'an audio session and one of data',
    'MEDIA=1 MEDIA_CD=1 MEDIA_SESSION_COUNT=2 MEDIA_SESSION_LAST_OFFSET=444508160 MEDIA_TRACK_COUNT_AUDIO=12 MEDIA_TRACK_COUNT_DATA=1',
    'cd mixed',
  ],
  [
    'one session, another open',
    'MEDIA=1 MEDIA_CD_RW=1 MEDIA_STATE=appendable MEDIA_SESSION_NEXT=2 MEDIA_SESSION_COUNT=2 MEDIA_TRACK_COUNT_DATA=1',
    'cd data',
  ],
  [
    'DVD-R in two sessions',
    'MEDIA=1 MEDIA_DVD_R=1 MEDIA_STATE=complete MEDIA_SESSION_COUNT=2 MEDIA_SESSION_LAST_OFFSET=69992448 MEDIA_TRACK_COUNT_DATA=2',
    'dvd data',
  ],
  ['unreadable table of contents', 'MEDIA=1 MEDIA_CD=1', 'cd unknown'],
  ['DVD+RW with bad first sectors', 'MEDIA_STATE=complete MEDIA_TRACK_COUNT_DATA=1', 'unknown data'],
  ['magneto-optical', 'MEDIA=1 MEDIA_MO_SE=1 MEDIA_MO=1', 'unknown unknown'],
];

for (const [what, output, expected] of outputs) {
  test(`cdrom_id: ${what}`, () => {
    const lines = ['ID_CDROM=1', 'ID_CDROM_CD=1', 'ID_CDROM_DVD=1', 'ID_CDROM_BD=1'];
    const text = [
      ...lines,
      ...output
        .split(' ')
        .filter(Boolean)
        .map((one) => `ID_CDROM_${one}`),
    ].join('\n');
    const found = parseMedium(parseProperties(text));
    assert.equal(found === null ? null : `${found.media} ${found.content}`, expected);
  });
}

test('properties are read with and without quotes, other lines are skipped', () => {
  const found = parseProperties("ID_SERIAL='A b=c'\nE: X=1\n\nID_PATH=pci-0:1\r\nwarning: nothing\n");
  assert.deepEqual(
    [...found],
    [
      ['ID_SERIAL', 'A b=c'],
      ['ID_PATH', 'pci-0:1'],
    ],
  );
});

test('only events of optical drives count', () => {
  assert.ok(tellsOfOpticalDrive('UDEV  [5312.123456] change   /devices/pci0000:00/0000:00:04.0/block/sr0 (block)'));
  assert.ok(tellsOfOpticalDrive('KERNEL[12.000001] add      /devices/x/host2/target2:0:1/2:0:1:0/block/sr10 (block)'));
  assert.ok(!tellsOfOpticalDrive('UDEV  [5312.123456] change   /devices/pci0000:00/block/sda (block)'));
  assert.ok(!tellsOfOpticalDrive('UDEV  [5312.123456] add   /devices/virtual/bdi/11:0 (bdi)'));
  assert.ok(!tellsOfOpticalDrive('monitor will print the received events for:'));
});

test('sense: what sg_raw says of protection, damage and trays', () => {
  const sense = (key: string, text: string) =>
    `SCSI Status: Check Condition \n\nSense Information:\nFixed format, current; Sense key: ${key}\nAdditional sense: ${text}\n  Info fld=0x4f4 [1268]\n`;
  for (const text of [
    'Read of scrambled sector without authentication',
    'Copy protection key exchange failure - authentication failure',
    'Copy protection key exchange failure - key not present',
    'Copy protection key exchange failure - key not established',
    'Media region code is mismatched to logical unit region',
    'Drive region must be permanent/region reset count error',
  ]) {
    assert.ok(refusesForProtection(sense('Illegal Request', text)), text);
  }
  assert.ok(!refusesForProtection(sense('Medium Error', 'Unrecovered read error')));
  assert.ok(!refusesForProtection(sense('Illegal Request', 'Logical block address out of range')));
  assert.ok(!refusesForProtection(''));
  assert.ok(tellsOfOpenTray(sense('Not Ready', 'Medium not present - tray open')));
  assert.ok(!tellsOfOpenTray(sense('Not Ready', 'Medium not present')));
});

test('a mount is found by number or by name', () => {
  const device = { name: 'sr1', path: '/dev/sr1' };
  const root = '21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n';
  assert.equal(findMountPoint(root, device), null);
  assert.equal(findMountPoint(`${root}40 21 11:1 / /media/a\\040b ro - iso9660 /dev/sr1 ro\n`, device), '/media/a b');
  assert.equal(findMountPoint(`${root}40 21 0:44 / /mnt ro - fuse /dev/sr1 ro\n`, device), '/mnt');
  assert.equal(findMountPoint(`${root}40 21 11:10 / /mnt ro - udf /dev/sr10 ro\n`, device), null);
});
