import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { chooseLabel, identifyVolume, sampleSectors, type VolumeIdentity } from '../../src/adapters/volume-identity.js';
import { limitReads, type ReadSector, type SectorLimits } from '../../src/adapters/volume-sectors.js';
import { type Filesystem, sameDisc } from '../../src/core/disc.js';
import { readFrom, recordedImage, recordedNames, tinyIso } from './recorded-image.js';

const inTime = () => false;
const identifyFile = (image: Uint8Array): VolumeIdentity =>
  identifyVolume(readFrom(image), { bytes: image.length, exact: true }, inTime);
const identifyDisc = (image: Uint8Array, read: ReadSector = readFrom(image)): VolumeIdentity =>
  identifyVolume(read, { bytes: image.length, exact: false }, inTime);

const packaged = [
  ['/usr/lib/ipxe/ipxe.iso', 'ISOIMAGE'],
  ['/usr/lib/memtest86+/memtest86+x64.iso', 'MT86PLUS_64'],
  ['/usr/lib/grub-rescue/grub-rescue-cdrom.iso', 'ISOIMAGE'],
] as const;
for (const [path, label] of packaged) {
  test(`names ${path}`, { skip: !existsSync(path) && 'its package is not installed' }, () => {
    const image = readFileSync(path);
    const found = identifyFile(image);
    assert.equal(found.label, label);
    assert.equal(found.filesystems[0]?.type, 'iso9660');
    assert.ok((found.sizes.iso9660Bytes ?? 0) <= image.length);
    const beyond = image.length > (found.sizes.iso9660Bytes ?? 0);
    assert.equal(found.fingerprint?.samples.length, beyond ? 32 : 16);
    assert.ok(found.fingerprint?.samples.every((sample) => sample.sha256 !== null));
  });
}

test('reads ISO 9660, Joliet and UDF side by side', () => {
  const found = identifyFile(recordedImage('bridge'));
  assert.equal(found.label, 'Bridge Label');
  assert.deepEqual(
    found.filesystems.map(({ type, label, volumeBytes }) => [type, label, volumeBytes]),
    [
      ['iso9660', 'Bridge Label', 3172352],
      ['joliet', 'Bridge Label', 3172352],
      ['udf', 'Bridge Label', 2865152],
    ],
  );
  assert.deepEqual(found.sizes, { mediumBytes: 3172352, iso9660Bytes: 3172352, udfBytes: 2865152 });
});

test('takes the whole label where Joliet cuts it', () => {
  const found = identifyFile(recordedImage('long-label'));
  assert.equal(found.label, 'XORRISO_LABEL_THAT_IS_RATHER_32C');
  assert.equal(found.filesystems[1]?.label, 'XORRISO_LABEL_TH');
});

test('reads pure UDF, 16-bit labels included', () => {
  const older = identifyFile(recordedImage('udf201'));
  assert.deepEqual(
    older.filesystems.map((one) => one.type),
    ['udf'],
  );
  assert.equal(older.label, 'Urlaub 東京 2009');
  const newer = identifyFile(recordedImage('udf250'));
  assert.equal(newer.label, 'BD Disc');
  assert.equal(newer.sizes.udfBytes, newer.sizes.mediumBytes);
});

test('finds UDF by the anchors at the end where the one at 256 is bad', () => {
  const image = recordedImage('udf201');
  const whole = readFrom(image);
  const found = identifyDisc(image, (sector) => (sector === 256 ? null : whole(sector)));
  assert.equal(found.label, 'Urlaub 東京 2009');
});

test('reads the label of HFS, alone and beside ISO 9660', () => {
  assert.equal(identifyFile(recordedImage('mac')).label, 'Mac Only');
  const hybrid = identifyFile(recordedImage('hfs-hybrid'));
  assert.deepEqual(
    hybrid.filesystems.map((one) => [one.type, one.label]),
    [
      ['iso9660', 'HYBRID'],
      ['joliet', 'HYBRID'],
      ['hfs', 'Mac Vol'],
    ],
  );
});

test('reads labels in any charset and passes on what they hold', () => {
  assert.equal(identifyFile(tinyIso('../../etc/passwd')).label, '../../etc/passwd');
  assert.equal(identifyFile(tinyIso('Grüße')).label, 'Grüße');
  assert.equal(identifyFile(tinyIso(Buffer.from('Grüße', 'latin1'))).label, 'Grüße');
  assert.equal(identifyFile(tinyIso('A\nB\u001b[31m')).label, 'A\nB\u001b[31m');
  assert.equal(identifyFile(tinyIso('NAME\0left over')).label, 'NAME');
  assert.equal(identifyFile(tinyIso('   ')).label, null);
  assert.equal(identifyFile(tinyIso(Buffer.alloc(32, 0xff))).label, 'ÿ'.repeat(32));
});

test('names a medium without a known filesystem by its first sectors', () => {
  const a = Buffer.alloc(100 * 2048, 1);
  const found = identifyFile(a);
  assert.deepEqual(found.filesystems, []);
  assert.notEqual(found.fingerprint, null);
  assert.ok(sameDisc(found.fingerprint, identifyFile(Buffer.from(a)).fingerprint));
  const b = Buffer.from(a);
  b[5000] = 2;
  assert.ok(!sameDisc(found.fingerprint, identifyFile(b).fingerprint));
  assert.equal(identifyFile(Buffer.alloc(0)).fingerprint, null);
  assert.notEqual(identifyFile(Buffer.alloc(300)).fingerprint, null);
});

test('a disc on which nothing can be read has no fingerprint, and few tries are made', () => {
  let tries = 0;
  const found = identifyVolume(
    () => {
      tries += 1;
      return null;
    },
    { bytes: 700_000_000, exact: false },
    inTime,
  );
  assert.equal(found.fingerprint, null);
  assert.ok(tries <= 4, `${tries} tries`);
});

test('two unreadable samples end the sampling, and the disc is still the same', () => {
  const image = recordedImage('long-label');
  const whole = readFrom(image);
  let failures = 0;
  const found = identifyDisc(image, (sector) => {
    if (sector <= 400 || sector >= 1100) return whole(sector);
    failures += 1;
    return null;
  });
  assert.equal(failures, 2);
  const nulls = found.fingerprint?.samples.filter((sample) => sample.sha256 === null).length ?? 0;
  assert.ok(nulls > 2);
  assert.ok(sameDisc(found.fingerprint, identifyDisc(image).fingerprint));
});

test('a copy that was cut off is another disc, wherever it was cut', () => {
  for (const name of ['bridge', 'long-label', 'udf201'] as const) {
    const image = recordedImage(name);
    const whole = identifyFile(image);
    for (const missing of [1, 2048, 100_000, 1_000_000]) {
      const cut = identifyFile(image.subarray(0, image.length - missing));
      assert.ok(!sameDisc(whole.fingerprint, cut.fingerprint), `${name} less ${missing}`);
    }
  }
});

test('a rewritten UDF disc is another disc; one whose integrity descriptor cannot be read is not', () => {
  const image = recordedImage('udf201');
  const known = identifyDisc(image);
  // integrity descriptor, file set descriptor, and the root directory, which the latter says is in block 2
  image.writeUInt32LE(2, 258 * 2048 + 404);
  const before = identifyDisc(image);
  assert.ok(!sameDisc(known.fingerprint, before.fingerprint));
  for (const sector of [128, 258, 259]) {
    const written = Buffer.from(image);
    written.write('written again', sector * 2048 + 16);
    assert.ok(!sameDisc(before.fingerprint, identifyDisc(written).fingerprint), `sector ${sector}`);
    const whole = readFrom(image);
    const worse = identifyDisc(image, (at) => (at === sector ? null : whole(at)));
    assert.ok(sameDisc(before.fingerprint, worse.fingerprint), `sector ${sector} unreadable`);
  }
});

test('run-out behind the volume does not make another disc, a second session does', () => {
  const image = tinyIso('TAO', 2000);
  const disc = identifyDisc(image).fingerprint;
  const runOut = Buffer.concat([image, Buffer.alloc(2 * 2048, 7)]);
  assert.ok(sameDisc(disc, identifyDisc(runOut).fingerprint));
  assert.ok(sameDisc(disc, identifyFile(image).fingerprint), 'an image of it in a folder is the same disc');
  const session = Buffer.concat([image, Buffer.alloc(11_400 * 2048, 7)]);
  assert.ok(!sameDisc(disc, identifyDisc(session).fingerprint));
});

test('a second session is sampled although the gap before it cannot be read', () => {
  const whole = Buffer.concat([tinyIso('FIRST', 600), Buffer.alloc(11_400 * 2048), Buffer.alloc(500 * 2048, 5)]);
  const read = readFrom(whole);
  const samples = identifyDisc(whole, (sector) => (sector >= 600 && sector < 12_000 ? null : read(sector))).fingerprint
    ?.samples;
  assert.ok(samples?.filter(({ sector }) => sector < 600).every(({ sha256 }) => sha256 !== null));
  assert.ok(samples?.some(({ sector, sha256 }) => sector >= 12_000 && sha256 !== null));
});

test('equal structures with other content are told apart by the samples', () => {
  const a = tinyIso('SAME', 2000);
  const b = Buffer.from(a);
  b.fill(9, 999 * 2048);
  assert.ok(!sameDisc(identifyDisc(a).fingerprint, identifyDisc(b).fingerprint));
});

test('samples depend on the size alone, lie inside and reach the last sector', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (sectors) => {
      const chosen = sampleSectors(sectors);
      assert.ok(chosen.length >= 1 && chosen.length <= 16);
      assert.ok(chosen.every((sector, i) => sector >= 0 && sector < sectors && sector > (chosen[i - 1] ?? -1)));
      assert.equal(chosen.at(-1), sectors - 1);
    }),
  );
  assert.deepEqual(sampleSectors(0), []);
});

test('the longest label wins, between equals UDF, then Joliet', () => {
  const labelled = (type: Filesystem['type'], label: string | null) => ({ type, label, uuid: null, volumeBytes: null });
  assert.equal(chooseLabel([labelled('iso9660', 'MULLER'), labelled('joliet', 'Müller')]), 'Müller');
  assert.equal(chooseLabel([labelled('iso9660', 'LONGER_THAN'), labelled('joliet', 'Longer')]), 'LONGER_THAN');
  assert.equal(chooseLabel([labelled('joliet', 'abc'), labelled('udf', 'Abc')]), 'Abc');
  assert.equal(chooseLabel([labelled('udf', null)]), null);
});

test('a lying size costs nothing and makes no damage', () => {
  const image = tinyIso('LIAR');
  image.writeUInt32LE(0xffffffff, 16 * 2048 + 80);
  const found = identifyFile(image);
  assert.equal(found.sizes.iso9660Bytes, 0xffffffff * 2048);
  assert.ok(found.fingerprint?.samples.every((sample) => sample.sha256 !== null));
});

test('reading ends at its limits: sectors, failures, time', () => {
  let reads = 0;
  const sector = Buffer.alloc(2048);
  const reader = (limits: Partial<SectorLimits>, answer: Uint8Array | null = sector): ReadSector => {
    reads = 0;
    const full = { mostReads: 1e9, mostFailures: 1e9, expired: () => false, ...limits };
    return limitReads(() => {
      reads += 1;
      return answer;
    }, full);
  };
  const readMany = (read: ReadSector): number => {
    for (let i = 0; i < 100; i += 1) for (const _ of [1, 2]) read(i);
    return reads;
  };
  assert.equal(readMany(reader({})), 100);
  assert.equal(readMany(reader({ mostReads: 7 })), 7);
  assert.equal(readMany(reader({ mostFailures: 3 }, null)), 3);
  assert.equal(readMany(reader({ expired: () => reads >= 5 })), 5);
  assert.equal(reader({})(-1)?.length, 0);
  assert.equal(reader({})(2 ** 60)?.length, 0);
});

/** What any medium must give: an answer, soon, after a bounded number of reads. */
function survives(image: Uint8Array, bytes: number | null, bad: ReadonlySet<number>): void {
  const read = new Set<number>();
  const from = readFrom(image);
  const found = identifyVolume(
    (sector) => {
      assert.ok(Number.isSafeInteger(sector) && sector >= 0);
      assert.ok(!read.has(sector), 'each sector is asked for once');
      read.add(sector);
      return bad.has(sector) ? null : from(sector);
    },
    { bytes, exact: true },
    inTime,
  );
  assert.ok(read.size <= 400);
  for (const { label, volumeBytes } of found.filesystems) {
    assert.ok(label === null || (label.length > 0 && label.length <= 128));
    assert.ok(volumeBytes === null || (Number.isSafeInteger(volumeBytes) && volumeBytes > 0), `${volumeBytes}`);
  }
  assert.deepEqual(JSON.parse(JSON.stringify(found)), found);
}

test('random media never break it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4096 }), fc.nat(700), fc.option(fc.maxSafeNat()), (noise, at, bytes) => {
      const image = Buffer.alloc(600 * 2048);
      Buffer.from(noise).copy(image, Math.min(at * 1024, image.length));
      survives(image, bytes, new Set());
    }),
    { numRuns: 100 },
  );
});

test('real images with changed bytes and bad sectors never break it', () => {
  const images = recordedNames.map(recordedImage);
  const change = fc.record({
    near: fc.constantFrom(0, 1, 16, 17, 18, 19, 20, 32, 33, 64, 96, 256, 257, 258, 260, 262, 272, 288),
    offset: fc.nat(2047),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 16 }),
  });
  fc.assert(
    fc.property(
      fc.nat(images.length - 1),
      fc.array(change, { maxLength: 12 }),
      fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { maxLength: 5 }),
      fc.nat(700),
      (which, changes, bad, keep) => {
        const source = images[which] ?? Buffer.alloc(0);
        const image = Buffer.from(source.subarray(0, keep < 600 ? source.length : keep * 2048));
        for (const { near, offset, bytes } of changes) {
          if (near * 2048 + offset + bytes.length < image.length) image.set(bytes, near * 2048 + offset);
        }
        survives(image, image.length, new Set(bad));
      },
    ),
    { numRuns: 150 },
  );
});

test('UDF with valid checksums but hostile extents ends soon', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0xffffffff), { minLength: 6, maxLength: 6 }), (numbers) => {
      const image = recordedImage('udf201');
      const anchor = image.subarray(256 * 2048, 257 * 2048);
      // main and reserve extents anywhere, the sequence pointing wherever, itself included
      for (const [i, at] of [16, 20, 24, 28].entries()) anchor.writeUInt32LE(numbers[i] ?? 0, at);
      seal(anchor);
      const main = anchor.readUInt32LE(20);
      if (main < 5000) {
        const pointer = image.subarray(main * 2048, (main + 1) * 2048);
        pointer.fill(0);
        pointer.writeUInt16LE(3, 0);
        pointer.writeUInt16LE(3, 2);
        pointer.writeUInt32LE(main, 12);
        pointer.writeUInt32LE(0xffffffff, 20);
        pointer.writeUInt32LE((numbers[4] ?? 0) % 2 === 0 ? main : (numbers[5] ?? 0), 24);
        seal(pointer);
      }
      survives(image, image.length, new Set());
    }),
    { numRuns: 60 },
  );
});

/** Makes checksum and CRC of a descriptor tag agree with its content again. */
function seal(descriptor: Buffer): void {
  let crc = 0;
  const length = descriptor.readUInt16LE(10);
  for (const byte of descriptor.subarray(16, 16 + length)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  descriptor.writeUInt16LE(crc, 8);
  let sum = 0;
  for (let i = 0; i < 16; i += 1) if (i !== 4) sum += descriptor[i] ?? 0;
  descriptor[4] = sum & 0xff;
}
