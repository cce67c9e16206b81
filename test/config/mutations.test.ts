import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { findReferences } from '../../src/config/find-references.js';
import { formatProblem, summariseProblem } from '../../src/config/format-problem.js';
import { folder, parse } from './sample.js';

/** Set CONFIG_RUNS=100000 for a long search. */
const numRuns = Number(process.env.CONFIG_RUNS ?? 400);
const example = readFileSync(new URL('../../../config.example.yaml', import.meta.url), 'utf8');
const complete = readFileSync(new URL('../../../test/config/complete.yaml', import.meta.url), 'utf8');

const beside = { secrets: { password: 'a', '/run/credentials/hook': 'b', address: 'https://example.org/' } };

/** Whatever the bytes: an answer, and where it is no, at least one error with a place inside the text. */
function holds(bytes: Uint8Array): void {
  findReferences(bytes);
  const parsed = parse(bytes, beside);
  const problems = parsed.ok ? parsed.warnings : parsed.problems;
  assert.equal(
    problems.some((one) => one.severity === 'error'),
    !parsed.ok,
  );
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  for (const problem of problems) {
    assert.ok(problem.file.startsWith(folder), problem.file);
    assert.ok(problem.line >= 1 && problem.line <= lines.length, `line ${problem.line} of ${lines.length}`);
    const width = lines[problem.line - 1]?.length ?? 0;
    assert.ok(problem.column >= 1 && problem.column <= width + 2, `column ${problem.column} of ${width}`);
    assert.ok(problem.message.length > 5 && problem.message.length < 500, problem.message);
    assert.match(formatProblem(problem).replaceAll('\n', ''), /^[^\p{C}]+$/u);
    assert.match(summariseProblem(problem), /^[^\p{C}]+$/u);
  }
  if (parsed.ok) {
    assert.ok(parsed.desired.storage.library.startsWith('/'));
    assert.ok(parsed.effective.length > 20);
  }
}

const pieces = [
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  ':',
  '- ',
  '\n',
  '  ',
  '\t',
  '#',
  '&a ',
  '*a',
  '!!set ',
  '|',
  '>',
  '<<: ',
  '? ',
  '%YAML 1.1\n',
  '---\n',
  '...\n',
  'null',
  '~',
  '.nan',
  '1e999',
  '0x',
  '\0',
  '\u2028',
  '\ud800',
  '__proto__: ',
  'constructor: ',
  'include: ',
  'rules:\n',
  ', ',
  '\\',
  '🖴',
];

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.nat(12),
  put: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8, unit: 'binary' })),
});

test('a file with any typing errors is answered, never a reason to fall over', () => {
  fc.assert(
    fc.property(fc.constantFrom(example, complete), fc.array(edit, { minLength: 1, maxLength: 5 }), (start, edits) => {
      let text = start;
      for (const { at, drop, put } of edits) {
        const from = Math.floor(at * text.length);
        text = text.slice(0, from) + put + text.slice(from + drop);
      }
      holds(Buffer.from(text));
    }),
    { numRuns },
  );
});

test('a file with any bytes in it is answered', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.double({ min: 0, max: 1, noNaN: true }), (bytes, at) => {
      const from = Math.floor(at * complete.length);
      holds(Buffer.concat([Buffer.from(complete.slice(0, from)), bytes, Buffer.from(complete.slice(from))]));
    }),
    { numRuns: numRuns / 5 },
  );
});

test('any values at any keys are answered', () => {
  const inherited = ['__proto__', 'constructor', 'valueOf', 'toString', 'hasOwnProperty', 'toJSON', 'length'];
  const keys = [...complete.matchAll(/\b[a-z_A-Z]+(?=:)/g)].map(([key]) => key).concat(inherited);
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, true, false, 0, -1, 1e300, '', '{label}', '90%', 'credential:x', '/dev/sr0', 'a', '4.7GB'),
      fc.string({ maxLength: 6 }),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string({ maxLength: 4 })), tie('any'), { maxKeys: 5 }),
    ),
  })).any;
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), value), (document) =>
      holds(Buffer.from(JSON.stringify(document))),
    ),
    { numRuns },
  );
});
