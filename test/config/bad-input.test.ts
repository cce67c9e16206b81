import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { findReferences } from '../../src/config/find-references.js';
import type { ConfigProblem } from '../../src/core/config-problem.js';
import { least, parse, problemsOf } from './sample.js';

const example = readFileSync(new URL('../../../config.example.yaml', import.meta.url), 'utf8');
const most = 1024 * 1024;
/** A megabyte of it. */
const fill = (unit: string): string => unit.repeat(Math.ceil(most / unit.length)).slice(0, most);
const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

/** The first problem of something no person wrote. */
const first = (input: string | Uint8Array): ConfigProblem => {
  const [problem] = problemsOf(input);
  assert.ok(problem !== undefined);
  return problem;
};

describe('not a configuration at all', () => {
  const cases: Readonly<Record<string, readonly [string | Uint8Array, ConfigProblem['code'], string]>> = {
    'an empty file': ['', 'empty', '1:1'],
    'blank lines': ['\n \r\n\n', 'empty', '1:1'],
    'comments alone': ['# nothing\n', 'empty', '1:1'],
    'a document mark alone': ['---\n', 'empty', '1:1'],
    'null alone': ['null', 'wrong_type', '1:1'],
    'a list': ['- a\n', 'wrong_type', '1:1'],
    'a word': ['disk2iso', 'wrong_type', '1:1'],
    'UTF-16': [Buffer.from('\ufeffapiVersion: x', 'utf16le'), 'encoding', '1:1'],
    'Latin-1': [Buffer.from('a: 1\nb: für', 'latin1'), 'encoding', '2:5'],
    'a byte cut off': [Buffer.from('a: 1\nb: ü').subarray(0, 9), 'encoding', '2:4'],
    'a NUL': ['a: 1\nb: \0', 'encoding', '2:4'],
    'an image file': [randomBytes(100_000).fill(0xff, 10, 11), 'encoding', ''],
    'an alias bomb': [
      `a: &a [x,x,x,x,x,x,x,x,x,x]\n${lines(12, (i) => `b${i}: &b${i} [${Array(10).fill(`*${i === 0 ? 'a' : `b${i - 1}`}`)}]`)}`,
      'too_large',
      '5:10',
    ],
    'an anchor inside itself': ['disk2iso: &a [*a]', 'missing_key', '1:1'],
    'lists without end': [fill('['), 'too_large', '1:32'],
    'lists in lists': [fill('- '), 'too_large', '1:63'],
    'maps in maps': [lines(1000, (i) => `${' '.repeat(i)}a:`), 'too_large', '33:33'],
    'keys without end': [fill('a: 1\n'), 'too_large', '8572:2'],
    'documents without end': [fill('---\n'), 'too_large', '30000:4'],
  };
  for (const [name, [input, code, place]] of Object.entries(cases)) {
    test(name, () => {
      assert.equal(parse(input).ok, false);
      const problem = first(input);
      assert.equal(problem.code, code, problem.message);
      if (place !== '') assert.equal(`${problem.line}:${problem.column}`, place);
    });
  }
});

test('a byte-order mark, Windows line ends and a missing last line end do no harm', () => {
  assert.equal(parse(`\ufeff${example}`).ok, true);
  assert.equal(parse(example.replaceAll('\n', '\r\n')).ok, true);
  assert.equal(parse(example.trimEnd()).ok, true);
  const problem = first(`${least.replaceAll('\n', '\r\n')}x: 1\r\n`);
  assert.deepEqual([problem.line, problem.column, problem.excerpt], [4, 1, 'x: 1']);
});

test('sections of which only comments are left count as not written; deeper down nothing is not a value', () => {
  assert.equal(parse(`${least}rules:\n# - name: x\nnotifications:\nretention:\n`).ok, true);
  assert.equal(parse(`${least}rules: [{name: x, match: }]`).ok, false);
});

test('a megabyte made to be slow is answered in less than a second', () => {
  const hostile: Readonly<Record<string, string>> = {
    'quotes over lines': `a: "${fill('x\n')}`,
    'escaped quotes': `a: "${fill('\\"')}"`,
    'doubled quotes': `a: '${fill("''")}'`,
    'a folded block': `a: >\n${fill(' x\n\n')}`,
    'text over lines': `a:\n${fill(' b\n')}`,
    'flow over lines': `[${fill('a\n ')}`,
    digits: `a: ${fill('9')}`,
    colons: fill('a:b:'),
    'a long key': `${fill('k')}: 1`,
    'unknown keys': lines(14_000, (i) => `key_number_${i}:`),
    'many rules': example.replace(
      'rules:',
      `rules:\n${lines(990, (i) => `  - {name: r${i}, match: {label: ["a*b*c${i}", "x"]}}`)}`,
    ),
    'one value often': example.replace('[md5, sha256]', `[${'md5, '.repeat(15_000)}]`),
    'wrong rules': `${least}rules:\n${lines(990, (i) => `  - {name: r, nme: r${i}, match: {label: 5, media: [x, y]}}`)}`,
    'a long path': example.replace('./station/library', `./${fill('x/')}`),
    'a path of templates': `${least}defaults: {path: "${'{'.repeat(499)}"}`,
  };
  const slow: string[] = [];
  for (const [name, text] of Object.entries(hostile)) {
    const bytes = Buffer.from(text);
    const start = process.cpuUsage();
    parse(bytes);
    findReferences(bytes);
    const { user, system } = process.cpuUsage(start);
    const milliseconds = (user + system) / 1000;
    if (milliseconds > 1000) slow.push(`${name}: ${Math.round(milliseconds)} ms`);
  }
  assert.deepEqual(slow, []);
});
