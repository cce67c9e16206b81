import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Area,
  type AreaStatus,
  bytesWith,
  clipMap,
  endOfMap,
  formatRescueMap,
  parseRescueMap,
  prefixMap,
  type RescueMap,
  rangesWithout,
  rescuedPrefix,
} from '../../src/core/rescue-map.js';

const statuses: readonly AreaStatus[] = ['?', '*', '/', '-', '+'];

function layOut(pieces: readonly (readonly [number, AreaStatus])[]): Area[] {
  let start = 0;
  return pieces.map(([length, status]) => {
    const area = { start, length, status };
    start += length;
    return area;
  });
}

const anyMap: fc.Arbitrary<RescueMap> = fc.record(
  {
    phase: fc.constantFrom('?', '*', '/', '-', '+', 'F', 'G'),
    areas: fc
      .array(fc.tuple(fc.integer({ min: 1, max: 2 ** 40 }), fc.constantFrom(...statuses)), {
        minLength: 1,
        maxLength: 20,
      })
      .map(layOut),
  },
  { noNullPrototype: true },
);

/** Small enough to be looked at byte by byte. */
const smallMap: fc.Arbitrary<RescueMap> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(...statuses)), { maxLength: 12 })
  .map((pieces) => ({ phase: '?', areas: layOut(pieces) }));

const written = `# Mapfile. Created by GNU ddrescue version 1.27
# Command line: ddrescue -b 2048 -r2 in out map
# Start time:   2026-11-20 18:09:57
# Current time: 2026-11-20 18:09:57
# Finished
# current_pos  current_status  current_pass
0x00501000     +               2
#      pos        size  status
0x00000000  0x00500800  +
0x00500800  0x00001000  -
0x00501800  0x00E11500  +
`;

test('reads what ddrescue writes', () => {
  assert.deepEqual(parseRescueMap(written), {
    phase: '+',
    areas: [
      { start: 0, length: 0x500800, status: '+' },
      { start: 0x500800, length: 0x1000, status: '-' },
      { start: 0x501800, length: 0xe11500, status: '+' },
    ],
  });
});

test('what is formatted is read back the same', () => {
  fc.assert(fc.property(anyMap, (map) => assert.deepEqual(parseRescueMap(formatRescueMap(map)), map)));
});

test('a map cut off anywhere is refused, or says the same about less', () => {
  fc.assert(
    fc.property(anyMap, fc.double({ min: 0, max: 1, noNaN: true }), (map, at) => {
      const text = formatRescueMap(map);
      const cut = parseRescueMap(text.slice(0, Math.floor(at * text.length)));
      if (cut !== null) assert.deepEqual(cut.areas, map.areas.slice(0, cut.areas.length));
    }),
  );
});

test('a map with a hole of zeros, as after a power cut, is refused', () => {
  fc.assert(
    fc.property(fc.nat(written.length - 1), fc.integer({ min: 1, max: 40 }), (at, length) => {
      const holed =
        written.slice(0, at) + '\0'.repeat(Math.min(length, written.length - at)) + written.slice(at + length);
      assert.equal(parseRescueMap(holed), null);
    }),
  );
});

for (const [why, text] of [
  ['is empty', ''],
  ['has no areas', '0x0 ? 1\n'],
  ['has no status line', '0x00000000  0x00500800  +\n'],
  ['starts late', '0x0 ? 1\n0x10 0x10 +\n'],
  ['has a gap', '0x0 ? 1\n0x0 0x10 +\n0x20 0x10 ?\n'],
  ['overlaps', '0x0 ? 1\n0x0 0x10 +\n0x8 0x10 ?\n'],
  ['has an unknown status', '0x0 ? 1\n0x0 0x10 x\n'],
  ['has an area of no length', '0x0 ? 1\n0x0 0x0 +\n'],
  ['has a negative size', '0x0 ? 1\n0x0 -16 +\n'],
  ['has an octal number', '0x0 ? 1\n0x0 020 +\n'],
  ['has more on a line', '0x0 ? 1\n0x0 0x10 + 0x20\n'],
  ['has numbers past 2^53 before its end', '0x0 ? 1\n0x0 0x7FFFFFFFFFFFFFFF ?\n0x7FFFFFFFFFFFFFFF 0x10 +\n'],
  ['ends within a line', '0x0 ? 1\n0x0 0x10 +\n0x10 0x1'],
] as const) {
  test(`a map that ${why} is refused`, () => assert.equal(parseRescueMap(text), null));
}

test('a source of unknown size, which ddrescue ends at 2^63, is cut to the medium', () => {
  const map = parseRescueMap('0x0 ? 1\n0x0 0x1000 *\n0x1000 0x7FFFFFFFFFFFEFFF ?\n');
  assert.ok(map !== null);
  assert.deepEqual(clipMap(map, 0x1800).areas, [
    { start: 0, length: 0x1000, status: '*' },
    { start: 0x1000, length: 0x800, status: '?' },
  ]);
});

test('rescued prefix, counts and ranges agree with a look at each byte', () => {
  fc.assert(
    fc.property(smallMap, fc.nat(70), fc.constantFrom(...statuses), (map, end, status) => {
      const bytes: (AreaStatus | null)[] = [];
      for (const area of map.areas) for (let i = 0; i < area.length; i += 1) bytes.push(area.status);
      assert.equal(endOfMap(map), bytes.length);
      assert.equal(bytesWith(map, status), bytes.filter((one) => one === status).length);
      const hole = bytes.findIndex((one) => one !== '+');
      assert.equal(rescuedPrefix(map), hole === -1 ? bytes.length : hole);

      const without = Array.from({ length: end }, (_, at) => (bytes[at] ?? null) !== status);
      const ranges = rangesWithout(map, status, end);
      const covered = Array.from({ length: end }, () => false);
      let previousEnd = -1;
      for (const range of ranges) {
        assert.ok(range.start > previousEnd && range.length > 0, 'ordered, apart and never empty');
        previousEnd = range.start + range.length;
        covered.fill(true, range.start, previousEnd);
      }
      assert.deepEqual(covered, without);
    }),
  );
});

test('what lies before the first area counts as missing', () => {
  const map: RescueMap = { phase: '?', areas: [{ start: 10, length: 10, status: '+' }] };
  assert.deepEqual(rangesWithout(map, '+', 30), [
    { start: 0, length: 10 },
    { start: 20, length: 10 },
  ]);
  assert.equal(rescuedPrefix(map), 0);
});

test('a prefix map covers the medium and has just that prefix', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), fc.integer({ min: 1, max: 2 ** 40 }), (prefix, medium) => {
      const map = prefixMap(prefix, medium);
      assert.equal(endOfMap(map), medium);
      assert.equal(rescuedPrefix(map), Math.min(prefix, medium));
      assert.deepEqual(parseRescueMap(formatRescueMap(map)), map);
    }),
  );
});
