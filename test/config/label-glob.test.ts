import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createGlob, globCovers } from '../../src/config/label-glob.js';

/** The same pattern as a regular expression: slow on hostile patterns, but plain to see through. */
function asRegExp(glob: string): RegExp {
  const body = glob.replace(/\[!?[ab]+\]|./gs, (token) => {
    if (token === '*') return '.*';
    if (token === '?') return '.';
    if (token.length > 1) return token.replace('!', '^');
    return token.replace(/[\\^$.|+()[\]{}]/, '\\$&');
  });
  return new RegExp(`^${body}$`, 's');
}

const glob = fc
  .array(fc.constantFrom('a', 'b', '*', '?', '[ab]', '[a]', '[!a]'), { maxLength: 7 })
  .map((parts) => parts.join(''));
const label = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 7 }).map((parts) => parts.join(''));

test('a glob fits what its regular expression fits', () => {
  fc.assert(
    fc.property(glob, label, (pattern, text) => {
      assert.equal(createGlob(pattern)(text), asRegExp(pattern).test(text));
    }),
    { numRuns: 5000 },
  );
});

test('a glob that is said to cover another fits all that the other fits', () => {
  let covering = 0;
  fc.assert(
    fc.property(glob, glob, label, (outer, inner, text) => {
      if (!globCovers(outer, inner)) return;
      covering += 1;
      if (createGlob(inner)(text)) assert.ok(createGlob(outer)(text), `${outer} covers ${inner}, but not ${text}`);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(covering > 500, `only ${covering} pairs covered each other: the test shows nothing`);
});

test('what people write', () => {
  const fits = (pattern: string, text: string) => createGlob(pattern)(text);
  assert.ok(fits('holiday*', 'HOLIDAY_2019'));
  assert.ok(fits('*', ''));
  assert.ok(fits('Disc [1-3]', 'DISC 2'));
  assert.ok(!fits('Disc [1-3]', 'DISC 4'));
  assert.ok(fits('[', '['));
  assert.ok(fits('a[', 'A['));
  assert.ok(fits('*/../*', 'x/../y'));
  assert.ok(fits('CAFE\u0301', 'CAF\u00c9'), 'composed or not');
  assert.ok(fits('?', '🖴'), 'one character, however it is encoded');
  assert.ok(!fits('a.c', 'abc'));
  assert.ok(globCovers('*', 'a*') && !globCovers('a*', '*') && !globCovers('?', '*'));
});

test('a label made to be slow is not', () => {
  const start = process.cpuUsage();
  createGlob('*a'.repeat(90))('a'.repeat(20_000).concat('b'));
  const { user } = process.cpuUsage(start);
  assert.ok(user < 10_000_000, `${user / 1000} ms`);
});
