import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Extent } from '../../src/core/disc.js';
import type { AreaStatus, RescueMap } from '../../src/core/rescue-map.js';
import { isWhole, judge } from '../../src/core/verdict.js';

/** One character a sector. */
function mapOf(sectors: string): RescueMap {
  const areas = [...sectors].map((status, index) => ({
    start: index * 2048,
    length: 2048,
    status: status as AreaStatus,
  }));
  return { phase: '+', areas };
}

const sectors = (count: number): number => count * 2048;
const range = (start: number, count: number) => ({ start: sectors(start), length: sectors(count) });
const discOf = (iso9660: number | null, over: Partial<Extent> = {}): Extent => ({
  media: 'cd',
  filesystems: [],
  sizes: { mediumBytes: null, iso9660Bytes: iso9660 === null ? null : sectors(iso9660), udfBytes: null },
  ...over,
});
const hfs = (end: number): Partial<Extent> => ({
  filesystems: [{ type: 'hfs', label: null, uuid: null, volumeBytes: sectors(end) }],
});
const many = (status: string, count: number): string => status.repeat(count);

describe('verdict', () => {
  const cases: readonly [string, string, number, number | null, boolean, object][] = [
    ['everything read', '+++++', 5, 5, false, { kind: 'complete' }],
    ['everything read, volume unknown', '+++++', 5, null, false, { kind: 'complete' }],
    ['nothing read', '-----', 5, 5, false, { kind: 'unreadable' }],
    ['nothing even tried', '?????', 5, null, false, { kind: 'unreadable' }],
    ['an empty medium', '', 0, null, false, { kind: 'unreadable' }],
    ['a hole', '++-++', 5, 5, false, { kind: 'damaged', bad: [range(2, 1)], badBytes: 2048 }],
    ['untrimmed and unscraped count', '+*/-?+', 6, 6, false, { kind: 'damaged', bad: [range(1, 4)], badBytes: 8192 }],
    ['a map that ends early', '+++', 5, 3, false, { kind: 'complete_with_tail', tail: range(3, 2) }],
    ['run-out beyond the volume', '+++--', 5, 3, false, { kind: 'complete_with_tail', tail: range(3, 2) }],
    ['run-out, pad between', '++++-', 5, 3, false, { kind: 'complete_with_tail', tail: range(4, 1) }],
    ['tail inside the volume', '+++--', 5, 5, false, { kind: 'damaged', bad: [range(3, 2)], badBytes: 4096 }],
    ['tail half in the volume', '+++--', 5, 4, false, { kind: 'damaged', bad: [range(3, 2)], badBytes: 4096 }],
    ['tail, no volume known', '+++--', 5, null, false, { kind: 'damaged', bad: [range(3, 2)], badBytes: 4096 }],
    [
      'a hole beyond the volume, then good',
      '+++-+',
      5,
      3,
      false,
      { kind: 'damaged', bad: [range(3, 1)], badBytes: 2048 },
    ],
    [
      'a tail and a hole',
      '+-+--',
      5,
      3,
      false,
      { kind: 'damaged', bad: [range(1, 1), range(3, 2)], badBytes: sectors(3) },
    ],
    ['refused sectors', '++-++', 5, 5, true, { kind: 'protected', bad: [range(2, 1)], badBytes: 2048 }],
    ['refused, yet everything read', '+++++', 5, 5, true, { kind: 'complete' }],
    ['the longest tail', `+${many('-', 7)}`, 8, 1, false, { kind: 'complete_with_tail', tail: range(1, 7) }],
    ['longer than any tail', `+${many('-', 8)}`, 9, 1, false, { kind: 'damaged', bad: [range(1, 8)], badBytes: 16384 }],
    ['behind padding', `${many('+', 166)}--`, 168, 1, false, { kind: 'complete_with_tail', tail: range(166, 2) }],
    [
      'far behind the volume, in a partition perhaps',
      `${many('+', 167)}--`,
      169,
      1,
      false,
      { kind: 'damaged', bad: [range(167, 2)], badBytes: 4096 },
    ],
  ];
  for (const [name, map, medium, volume, refused, verdict] of cases) {
    test(name, () => {
      assert.deepEqual(judge(mapOf(map), sectors(medium), discOf(volume), refused), verdict);
    });
  }

  test('the end of an HFS volume behind ISO 9660 is no run-out', () => {
    const damaged = { kind: 'damaged', bad: [range(3, 2)], badBytes: 4096 };
    assert.deepEqual(judge(mapOf('+++--'), sectors(5), discOf(2, hfs(5)), false), damaged);
    assert.equal(judge(mapOf('+++--'), sectors(5), discOf(2, hfs(3)), false).kind, 'complete_with_tail');
    assert.deepEqual(judge(mapOf('+++'), sectors(3), discOf(2, hfs(5)), false), damaged);
  });

  test('nothing but a CD has run-out', () => {
    for (const media of ['dvd', 'bd', 'image', 'unknown'] as const) {
      assert.equal(judge(mapOf('+++--'), sectors(5), discOf(3, { media }), false).kind, 'damaged');
    }
  });

  test('a medium that ends before its volume lacks what is beyond, however well it reads', () => {
    const disc = discOf(7);
    assert.deepEqual(judge(mapOf('+++++'), sectors(5), disc, false), {
      kind: 'damaged',
      bad: [range(5, 2)],
      badBytes: 4096,
    });
    assert.deepEqual(judge(mapOf('++-+-'), sectors(5), disc, false), {
      kind: 'damaged',
      bad: [range(2, 1), range(4, 3)],
      badBytes: sectors(4),
    });
    assert.deepEqual(judge(mapOf('-----'), sectors(5), disc, false), { kind: 'unreadable' });
    assert.deepEqual(judge(mapOf('+++++'), sectors(5), discOf(5), false), { kind: 'complete' });
  });

  test('whole means that no byte of the volume is missing', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('+', '+', '+', '-', '*', '?'), minLength: 1, maxLength: 12 }),
        fc.option(fc.nat(12)),
        fc.boolean(),
        (map, volume, refused) => {
          const verdict = judge(mapOf(map), sectors(map.length), discOf(volume), refused);
          const padded = map.padEnd(volume ?? 0, '?');
          const missing = [...padded].flatMap((status, at) => (status === '+' ? [] : [at]));
          if (isWhole(verdict)) assert.ok(missing.every((at) => volume !== null && at >= volume));
          if (missing.length === 0) assert.equal(verdict.kind, 'complete');
          if ('bad' in verdict) assert.equal(verdict.badBytes, sectors(missing.length));
        },
      ),
    );
  });
});
