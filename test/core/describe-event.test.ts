import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeEvent, formatBytes, formatRange, formatSeconds } from '../../src/core/describe-event.js';
import type { JobId } from '../../src/core/ids.js';
import { printable } from '../../src/core/printable.js';

test('whatever a label holds, a line stays one harmless line', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a\r\nb', '\u001b[2J', '\u202Eexe', '\u2028', '\ud800'),
  );
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 50 }), (label, most) => {
      const shown = printable(label, most);
      assert.doesNotMatch(shown, /[\p{C}\p{Zl}\p{Zp}]/u);
      assert.ok(Array.from(shown).length <= most + 1);
      const line = describeEvent({
        type: 'job_failed',
        jobId: 'job_x' as JobId,
        name: label,
        fault: { code: 'io_error', message: label, retry: 'later' },
      });
      assert.doesNotMatch(line, /[\p{C}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test('sizes, spans and ranges as people say them', () => {
  assert.deepEqual([0, 1, 999, 1000, 999_949, 999_950, 4_700_000_000].map(formatBytes), [
    '0 bytes',
    '1 byte',
    '999 bytes',
    '1.0 kB',
    '999.9 kB',
    '1.0 MB',
    '4.7 GB',
  ]);
  assert.deepEqual([0.4, 59.6, 3599, 3720].map(formatSeconds), ['0 s', '1 min 00 s', '59 min 59 s', '1 h 02 min']);
  assert.deepEqual(
    [
      { start: 2048, length: 2048 },
      { start: 2048, length: 4096 },
      { start: 512, length: 512 },
    ].map(formatRange),
    ['sector 1 (2.0 kB)', 'sectors 1 to 2 (4.1 kB)', 'bytes 512 to 1023 (512 bytes)'],
  );
});
