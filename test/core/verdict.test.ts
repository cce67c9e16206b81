import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
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
    ['the longest tail', `+${many('-', 150)}`, 151, 1, false, { kind: 'complete_with_tail', tail: range(1, 150) }],
    [
      'longer than any tail',
      `+${many('-', 151)}`,
      152,
      1,
      false,
      { kind: 'damaged', bad: [range(1, 151)], badBytes: sectors(151) },
    ],
  ];
  for (const [name, map, medium, volume, refused, verdict] of cases) {
    test(name, () => {
      assert.deepEqual(judge(mapOf(map), sectors(medium), volume === null ? null : sectors(volume), refused), verdict);
    });
  }

  test('a medium that ends before its volume lacks what is beyond, however well it reads', () => {
    const end = sectors(7);
    assert.deepEqual(judge(mapOf('+++++'), sectors(5), end, false, end), {
      kind: 'damaged',
      bad: [range(5, 2)],
      badBytes: 4096,
    });
    assert.deepEqual(judge(mapOf('++-+-'), sectors(5), end, false, end), {
      kind: 'damaged',
      bad: [range(2, 1), range(4, 3)],
      badBytes: sectors(4),
    });
    assert.deepEqual(judge(mapOf('-----'), sectors(5), end, false, end), { kind: 'unreadable' });
    assert.deepEqual(judge(mapOf('+++++'), sectors(5), end, false, sectors(5)), { kind: 'complete' });
  });

  test('whole means that no byte of the volume is missing', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('+', '+', '+', '-', '*', '?'), minLength: 1, maxLength: 12 }),
        fc.option(fc.nat(12)),
        fc.boolean(),
        (map, volume, refused) => {
          const volumeEnd = volume === null ? null : sectors(volume);
          const verdict = judge(mapOf(map), sectors(map.length), volumeEnd, refused);
          const missing = [...map].flatMap((status, at) => (status === '+' ? [] : [at]));
          if (isWhole(verdict)) assert.ok(missing.every((at) => volume !== null && at >= volume));
          if (missing.length === 0) assert.equal(verdict.kind, 'complete');
          if ('bad' in verdict) assert.equal(verdict.badBytes, sectors(missing.length));
        },
      ),
    );
  });
});
