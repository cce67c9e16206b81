import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Extent, type Fingerprint, sameDisc, volumeEnd, writtenEnd } from '../../src/core/disc.js';

const sample = fc.record({ sector: fc.nat(20), sha256: fc.option(fc.constantFrom('a', 'b')) });
const fingerprint = fc.record({
  structure: fc.constantFrom('x', 'y'),
  samples: fc.uniqueArray(sample, { selector: (one) => one.sector, maxLength: 8 }),
});
/** The same disc as another drive might read it: some samples are missing. */
const readWorse = (print: Fingerprint, bad: ReadonlySet<number>): Fingerprint => ({
  ...print,
  samples: print.samples.map((one) => (bad.has(one.sector) ? { ...one, sha256: null } : one)),
});

test('nothing is the same without a fingerprint', () => {
  fc.assert(
    fc.property(fc.option(fingerprint), (print) => {
      assert.equal(sameDisc(print, null), false);
      assert.equal(sameDisc(null, print), false);
    }),
  );
});

test('a disc is the same whichever samples which drive cannot read', () => {
  const bad = fc.uniqueArray(fc.nat(20)).map((sectors) => new Set(sectors));
  fc.assert(
    fc.property(fingerprint, bad, bad, (print, one, other) => {
      assert.ok(sameDisc(readWorse(print, one), readWorse(print, other)));
    }),
  );
});

test('order does not matter', () => {
  fc.assert(fc.property(fingerprint, fingerprint, (a, b) => assert.equal(sameDisc(a, b), sameDisc(b, a))));
});

test('another structure or one other sample is another disc', () => {
  const print: Fingerprint = { structure: 'x', samples: [{ sector: 1, sha256: 'a' }] };
  assert.equal(sameDisc(print, { ...print, structure: 'y' }), false);
  assert.equal(sameDisc(print, { ...print, samples: [{ sector: 1, sha256: 'b' }] }), false);
  assert.equal(sameDisc(print, { ...print, samples: [{ sector: 2, sha256: 'b' }] }), true);
});

test('the volume ends where the largest filesystem says, unknown where none does', () => {
  const disc = (iso9660Bytes: number | null, udfBytes: number | null, hfsBytes: number | null = null): Extent => ({
    media: 'dvd',
    filesystems: hfsBytes === null ? [] : [{ type: 'hfs', label: null, uuid: null, volumeBytes: hfsBytes }],
    sizes: { mediumBytes: 9000, iso9660Bytes, udfBytes },
  });
  assert.equal(volumeEnd(disc(null, null)), null);
  assert.equal(volumeEnd(disc(4096, null)), 4096);
  assert.equal(volumeEnd(disc(4096, 8192)), 8192);
  assert.equal(volumeEnd(disc(4096, null, 8192)), 8192);
  assert.equal(writtenEnd(disc(4096, 16384, 8192)), 8192);
  assert.equal(writtenEnd({ ...disc(4096, 16384, 8192), media: 'image' }), 16384);
});
