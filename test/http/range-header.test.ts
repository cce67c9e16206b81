import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRange } from '../../src/http/range-header.js';

const part = (first: number, last: number) => ({ kind: 'part', range: { first, last } });

test('ranges as RFC 9110 has them', () => {
  const cases: [string | undefined, object][] = [
    [undefined, { kind: 'whole' }],
    ['bytes=0-0', part(0, 0)],
    ['bytes=0-', part(0, 99)],
    ['bytes=90-1000', part(90, 99)],
    ['bytes=-10', part(90, 99)],
    ['bytes=-1000', part(0, 99)],
    ['BYTES = 5-6', part(5, 6)],
    ['bytes=100-', { kind: 'unsatisfiable' }],
    ['bytes=-0', { kind: 'unsatisfiable' }],
    // malformed ones and other units are ignored
    ['bytes=6-5', { kind: 'whole' }],
    ['bytes=-', { kind: 'whole' }],
    ['bytes=a-b', { kind: 'whole' }],
    ['bytes=', { kind: 'whole' }],
    ['bytes=0-1,x', { kind: 'whole' }],
    ['bytes=99999999999999999999-', { kind: 'whole' }],
    ['items=0-5', { kind: 'whole' }],
    // several: one where they join
    ['bytes=0-9, 10-19', part(0, 19)],
    ['bytes=50-60,40-55', part(40, 60)],
    ['bytes=0-0,-1', { kind: 'unsatisfiable' }],
    ['bytes=0-9,200-', part(0, 9)],
    [`bytes=${'0-1,'.repeat(500)}0-1`, { kind: 'unsatisfiable' }],
  ];
  for (const [header, expected] of cases) assert.deepEqual(parseRange(header, 100), expected, header);
  assert.deepEqual(parseRange('bytes=0-', 0), { kind: 'unsatisfiable' });
});

test('whatever is asked, a part lies inside the file', () => {
  const bound = fc.oneof(fc.constant(''), fc.nat(200).map(String));
  const one = fc.tuple(bound, bound).map(([first, last]) => `${first}-${last}`);
  const header = fc.array(one, { minLength: 1, maxLength: 4 }).map((list) => `bytes=${list.join(',')}`);
  fc.assert(
    fc.property(fc.oneof(header, fc.string()), fc.nat(150), (text, size) => {
      const answer = parseRange(text, size);
      if (answer.kind !== 'part') return true;
      const { first, last } = answer.range;
      return first >= 0 && first <= last && last < size;
    }),
    { numRuns: 2000 },
  );
});
