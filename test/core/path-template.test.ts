import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  renderPath,
  sanitiseComponent,
  type TemplateValues,
  unknownPlaceholders,
} from '../../src/core/path-template.js';

const values = (label: string | null): TemplateValues => ({
  media: 'dvd',
  label,
  drive: 'top',
  date: '2026-11-20',
  year: '2026',
  name: null,
  rule: null,
  fingerprint: 'abcdef12',
});

for (const [label, expected] of [
  ['HOLIDAY', 'dvd/HOLIDAY'],
  ['../../etc/passwd', 'dvd/__.._etc_passwd'],
  ['..', 'dvd/_'],
  ['.hidden', 'dvd/_hidden'],
  ['-rf', 'dvd/_rf'],
  ['two\nlines', 'dvd/two_lines'],
  ['a\u0000b\u0007', 'dvd/a_b_'],
  ['right\u202Eto left', 'dvd/right_to left'],
  ['  spaced   out  ', 'dvd/spaced out'],
  ['trailing.', 'dvd/trailing'],
  ['C:\\AUTOEXEC', 'dvd/C__AUTOEXEC'],
  ['', 'dvd/unlabelled'],
  ['...', 'dvd/_'],
  ['Größe 大きさ', 'dvd/Größe 大きさ'],
] as const) {
  test(`label ${JSON.stringify(label)} is filed as ${expected}`, () => {
    assert.equal(renderPath('{media}/{label}', values(label)), expected);
  });
}

test('a disc without a label still gets a name', () => {
  assert.equal(renderPath('{media}/{label}', values(null)), 'dvd/no label');
});

test('placeholders that do not exist are named', () => {
  assert.deepEqual(unknownPlaceholders('{media}/{lable}/{year}{}'), ['lable', '']);
});

test('whatever the disc says, the component is one, harmless and short', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme', maxLength: 400 }),
    fc.string({ unit: fc.constantFrom('.', '/', ' ', '\\', '\n', '~', '\u202e', '-') }),
  );
  fc.assert(
    fc.property(nasty, (label) => {
      const name = sanitiseComponent(label);
      assert.ok(name.length > 0);
      assert.ok(Buffer.byteLength(name) <= 200);
      assert.doesNotMatch(name, /^[.\-~\s]|[.\s]$|[/\\\p{C}\p{Zl}\p{Zp}]/u);
      assert.equal(sanitiseComponent(name), name, 'done twice it changes nothing');
    }),
    { numRuns: 2000 },
  );
});
