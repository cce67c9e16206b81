import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutToWidth, displayWidth } from '../../src/cli/display-width.js';
import { formatTable } from '../../src/cli/table.js';

test('widths are those of a terminal', () => {
  assert.deepEqual(['abc', '写真', 'e\u0301', '💿', 'ｆｕ', ''].map(displayWidth), [3, 4, 1, 2, 4, 0]);
  assert.equal(cutToWidth('写真とビデオ', 6), '写真…');
  assert.equal(cutToWidth('abcdef', 6), 'abcdef');
});

test('whatever the cells hold, columns stand below one another and lines fit where they can', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
  const row = fc.record({ id: fc.stringMatching(/^[a-z]{1,6}$/), name: text, size: fc.nat() });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1 }), fc.integer({ min: 40, max: 120 }), (rows, columns) => {
      const lines = formatTable(
        rows,
        [
          { title: 'ID', text: (one) => one.id },
          { title: 'NAME', text: (one) => one.name, flexible: true },
          { title: 'SIZE', text: (one) => String(one.size), align: 'right' },
        ],
        columns,
      );
      assert.equal(lines.length, rows.length + 1);
      const width = displayWidth(lines[0] ?? '');
      for (const [index, line] of lines.entries()) {
        assert.doesNotMatch(line, /\p{C}/u);
        assert.ok(displayWidth(line) <= columns);
        assert.equal(displayWidth(line), width);
        if (index > 0) assert.ok(line.endsWith(` ${rows[index - 1]?.size}`));
      }
    }),
    { numRuns: 30 },
  );
});
