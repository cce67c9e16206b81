import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDocument, stringify } from 'yaml';
import { replaceFile } from '../../src/adapters/replace-file.js';
import { editText } from '../../src/config/edit-text.js';
import { loadConfig } from '../../src/config/load-config.js';
import { migrateText } from '../../src/config/migrate-text.js';
import { parseConfig } from '../../src/config/parse-config.js';
import { proposeEdits } from '../../src/config/propose-edits.js';
import { Fault } from '../../src/core/fault.js';
import { unifiedDiff } from '../../src/core/text-diff.js';
import { createOffline } from '../../src/offline.js';
import { desiredOf, least, problemsOf, snapshotOf } from '../config/sample.js';

const example = await readFile(new URL('../../../config.example.yaml', import.meta.url), 'utf8');

/** The lines an edit takes out and puts in. */
function changed(text: string, key: string, value: unknown): string[] {
  const diff = unifiedDiff(new Map([['f', text]]), new Map([['f', editText(text, key, value)]]));
  return diff.split('\n').filter((line) => /^[-+](?![-+])/.test(line));
}

test('a value that is there is replaced in its place, with its comment', () => {
  assert.deepEqual(changed(example, 'defaults.eject', 'always'), [
    '-  eject: on_success         # or always, never',
    '+  eject: always         # or always, never',
  ]);
  assert.deepEqual(changed(example, 'defaults.checksums', ['sha256', 'sha512']), [
    '-  checksums: [md5, sha256]  # also: sha1, sha512, blake2b512',
    '+  checksums: [sha256, sha512]  # also: sha1, sha512, blake2b512',
  ]);
  assert.deepEqual(changed(example, 'rules[installers].priority', 'high'), [
    '-    priority: low',
    '+    priority: high',
  ]);
  assert.deepEqual(changed(example, 'storage.warn_at', '80%'), ['-  warn_at: "90%"', '+  warn_at: "80%"']);
});

test('a new value goes where its section is, and every comment stays', () => {
  const before = example.match(/#.*/g)?.length;
  for (const [key, value] of [
    ['drives[inbox].suspend', true],
    ['suspend', true],
    ['users', [{ name: 'anna', role: 'admin' }]],
    ['defaults.sector_size', 512],
    ['notifications.targets[0]', { name: 'hook', webhook: { url: 'http://127.0.0.1:9/' } }],
  ] as const) {
    const after = editText(example, key, value);
    assert.equal(after.match(/#.*/g)?.length, before, key);
    assert.equal(changed(example, key, value).filter((line) => line.startsWith('+')).length, 1, key);
    desiredOf(after);
  }
  assert.equal(desiredOf(editText(example, 'drives[inbox].suspend', true)).drives[0]?.suspend, true);
});

test('a list or a map that stands in lines keeps its form, and the lines that are the same their comments', () => {
  assert.deepEqual(changed(example, 'drives[1]', { name: 'upper', device: '/dev/sr0' }), [
    '+  - name: upper',
    '+    device: /dev/sr0',
  ]);
  const text = `defaults:
  checksums:
    - md5      # for the old shop
    # the one that counts
    - sha256
rules:
  - name: films    # the family's
    match:
      # anything with a name
      label: "HOLIDAY*"
      media: [dvd, bd]
    path: films/{label}
  - name: rest`;
  const cases: [key: string, value: unknown, lines: string[]][] = [
    ['defaults.checksums', ['md5', 'sha256', 'sha512'], ['+    - sha512']],
    ['defaults.checksums', ['sha1', 'md5', 'sha256'], ['+    - sha1']],
    ['defaults.checksums', ['md5', 'sha1', 'sha256'], ['+    - sha1']],
    ['defaults.checksums', ['sha256'], ['-    - md5      # for the old shop']],
    ['defaults.checksums', ['md5', 'sha512'], ['-    - sha256', '+    - sha512']],
    ['rules[films].match', { label: 'HOLIDAY*' }, ['-      media: [dvd, bd]']],
    ['rules[0].match', { label: 'H*', media: ['dvd', 'bd'] }, ['-      label: "HOLIDAY*"', '+      label: H*']],
    ['rules[0].match', { label: 'HOLIDAY*', media: ['dvd', 'bd'], min_size: '1GB' }, ['+      min_size: 1GB']],
    [
      'rules[films]',
      'x',
      [
        "-  - name: films    # the family's",
        '-    match:',
        '-      # anything with a name',
        '-      label: "HOLIDAY*"',
        '-      media: [dvd, bd]',
        '-    path: films/{label}',
        '+  - x',
      ],
    ],
    [
      'defaults.checksums',
      'md5',
      [
        '-  checksums:',
        '-    - md5      # for the old shop',
        '-    # the one that counts',
        '-    - sha256',
        '+  checksums: md5',
      ],
    ],
  ];
  for (const [key, value, lines] of cases) {
    const after = editText(text, key, value);
    assert.deepEqual(changed(text, key, value), lines, `${key}\n${after}`);
  }
  const less = [{ name: 'films' }, { name: 'rest' }, { name: 'more', match: { media: 'cd' } }];
  const kept =
    "rules:\n  - name: films    # the family's\n  - name: rest\n  - name: more\n    match:\n      media: cd\n";
  assert.ok(editText(text, 'rules', less).endsWith(kept));
});

test('a comment stays with the section it ends, whatever comes after that section', () => {
  const text = `storage:
  library: ./library
  # state: ./elsewhere

  # and this is still about storage
# about drives
drives:
  - name: upper
    device: /dev/sr0
    # suspend: true
  # a drive that is broken
  - name: lower
    device: /dev/sr1
    # eject: never
`;
  const after = (line: string, key: string, value: unknown): void => {
    const lines = editText(text, key, value).split('\n');
    const added = lines.filter((one, index) => one !== text.split('\n')[index])[0] ?? '';
    assert.equal(lines[lines.indexOf(added) - 1], line, `${key}\n${lines.join('\n')}`);
    assert.equal(lines.filter((one) => one.includes('#')).length, 6);
  };
  after('    # eject: never', 'suspend', true);
  after('    # eject: never', 'drives[2]', { name: 'third', device: '/dev/sr2' });
  after('    # eject: never', 'drives', [
    { name: 'upper', device: '/dev/sr0' },
    { name: 'lower', device: '/dev/sr1' },
    { name: 'third', device: '/dev/sr2' },
  ]);
  // its own comments, the last of which may stand for a key of it
  after('  library: ./library', 'storage.state', './state');
  after('    device: /dev/sr0', 'drives[0].suspend', false);
  // what is left out takes its own comments along, and no other
  assert.deepEqual(changed(text, 'drives', [{ name: 'lower', device: '/dev/sr1' }]), [
    '-  - name: upper',
    '-    device: /dev/sr0',
    '-    # suspend: true',
  ]);
  // without a line end at the end
  assert.match(editText(text.trimEnd(), 'suspend', true), /# eject: never\nsuspend: true\n$/);
});

test('whatever is set in whatever file, what comes out says just that', () => {
  const plain = fc.oneof(
    fc.constantFrom('md5', 'a: b', '# no', '- x', '90%', '', 'true', '{', 'é\u2028'),
    fc.integer(),
    fc.boolean(),
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      plain,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  const style = fc.record({ collectionStyle: fc.constantFrom('block', 'flow', 'any'), indentSeq: fc.boolean() });
  fc.assert(
    fc.property(value, value, style, fc.boolean(), (old, next, options, ended) => {
      const whole = stringify({ first: 1, key: old, last: { x: 1 } }, { ...options, lineWidth: 0 } as object);
      const text = whole
        .replace(/^(\s*- )?(\w+: \S.*)$/gm, '$1$2 # a comment')
        .replace(/^( *)(\w+: .*)$/gm, '$1$2\n$1# below\n$1  # deeper');
      fc.pre(text === whole || parseDocument(text).errors.length === 0);
      fc.pre(JSON.stringify(parseDocument(text).toJS()) === JSON.stringify({ first: 1, key: old, last: { x: 1 } }));
      const after = editText(ended ? text : text.trimEnd(), 'key', next);
      assert.deepEqual(parseDocument(after).errors, [], after);
      assert.deepEqual(parseDocument(after).toJS(), { first: 1, key: next, last: { x: 1 } }, `${text}->\n${after}`);
    }),
    { numRuns: 1000 },
  );
});

test('a file of another system keeps its line ends', () => {
  const text = least.replaceAll('\n', '\r\n');
  for (const [key, value] of [
    ['suspend', true],
    ['storage.warn_at', '80%'],
    ['rules', [{ name: 'films' }]],
  ] as const) {
    assert.equal(editText(text, key, value), editText(least, key, value).replaceAll('\n', '\r\n'));
  }
});

test('an edit of a file whose included folder is gone is refused', async () => {
  const folders = [{ path: '/etc/disk2iso/conf.d', reason: '"/etc/disk2iso/conf.d" does not exist.' }];
  const before = { ...snapshotOf(`include: conf.d\n${least}`), folders };
  const parsed = parseConfig(await proposeEdits(before, { suspend: true }, { credentialsFolder: null }), {
    credentialsFolder: null,
  });
  assert.deepEqual(parsed.ok ? [] : parsed.problems.map(({ code }) => code), ['unreadable']);
});

test('an edit of include is judged with the files it takes in, and changes none of them', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'disk2iso-include-'));
  t.after(() => rm(folder, { recursive: true }));
  const [main, beside] = [join(folder, 'station', 'config.yaml'), join(folder, 'station', 'conf.d')];
  await mkdir(beside, { recursive: true });
  await writeFile(main, least);
  const part = join(beside, 'more.yaml');
  const environment = { credentialsFolder: null };
  const { editFile } = createOffline(environment, async () => null);
  const set = (value: unknown, dryRun = true) => editFile(main, { include: value }, dryRun);

  assert.deepEqual(
    (await set('conf.d')).problems.map(({ code }) => code),
    ['no_effect'],
  );
  await writeFile(part, 'colour: red\n');
  const wrong = await set('conf.d', false);
  assert.deepEqual([wrong.isValid, wrong.problems[0]?.file], [false, part]);
  assert.equal((await set('nowhere', false)).isValid, false);
  assert.equal(await readFile(main, 'utf8'), least);

  await writeFile(part, 'suspend: true  # for now\n');
  const { ino } = await stat(part);
  const right = await set(['conf.d'], false);
  assert.deepEqual([right.isValid, right.problems], [true, []]);
  assert.deepEqual(
    right.diff.split('\n').filter((line) => /^[-+](?![-+])/.test(line)),
    ['+include: [conf.d]'],
  );
  assert.equal((await stat(part)).ino, ino);
  const judged = parseConfig(await loadConfig(main, environment), environment);
  assert.equal(judged.ok && judged.desired.suspend, true);
  // taken out again, what it said does not count
  const without = await proposeEdits(await loadConfig(main, environment), { include: [] }, environment);
  const parsed = parseConfig(without, environment);
  assert.deepEqual([without.files.length, parsed.ok && parsed.desired.suspend], [1, false]);

  // whoever asks the daemon may not have it read other folders
  await mkdir(join(folder, 'other'));
  await writeFile(join(folder, 'other', 'secret.yaml'), 'suspend: false\n');
  const snapshot = await loadConfig(main, environment);
  for (const place of ['../other', join(folder, 'other'), 'conf.d/../../other']) {
    await assert.rejects(proposeEdits(snapshot, { include: place }, environment), { code: 'bad_request' }, place);
  }
  assert.equal((await set('../other')).isValid, true, 'a person may, who can read it anyhow');
});

test('what cannot be set is refused', () => {
  for (const [key, value] of [
    ['drives[9].suspend', true],
    ['drives[nobody].suspend', true],
    ['defaults.eject.more', 1],
    ['a b', 1],
    ['', 1],
    ['__proto__[', 1],
  ] as const) {
    assert.throws(() => editText(example, key, value), Fault, key);
  }
});

test('with several files: where it stands, and not where it could be either', async () => {
  const includes = { 'conf.d/a.yaml': 'defaults: {eject: never}\ndrives: [{name: b, folder: ./b}]\n' };
  const before = snapshotOf(least, { includes });
  const set = async (key: string, value: unknown) => {
    const after = await proposeEdits(before, { [key]: value }, { credentialsFolder: null });
    return after.files.map(({ content }) => (content.kind === 'bytes' ? Buffer.from(content.bytes).toString() : ''));
  };
  assert.match((await set('defaults.eject', 'always'))[1] ?? '', /\{eject: always\}/);
  assert.match((await set('suspend', true))[0] ?? '', /^suspend: true$/m);
  await assert.rejects(set('drives[0].suspend', true), /could stand in config\.yaml, conf\.d\/a\.yaml/);
});

test('a file is replaced whole, with its mode, through a link', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'disk2iso-edit-'));
  t.after(() => rm(folder, { recursive: true }));
  const [file, link] = [join(folder, 'real.yaml'), join(folder, 'link.yaml')];
  await writeFile(file, 'old\n');
  await chmod(file, 0o640);
  await symlink('real.yaml', link);
  await replaceFile(link, 'new\n');
  assert.equal(await readFile(file, 'utf8'), 'new\n');
  assert.equal((await stat(file)).mode & 0o777, 0o640);
  await assert.rejects(replaceFile(join(folder, 'none'), ''), Fault);
});

const older = `# my station
apiVersion: disk2iso/v1alpha1   # as it was
storage:
  output_dir: ./library # images
  state_dir: ./state
defaults: {read_retries: 4}
drives: [{name: upper, device: /dev/sr0}]
rules:
  - name: dear
    read_retries: 19
`;

test('the older form is understood with a warning, and migrate writes the newer one, comments and all', () => {
  const [warning] = problemsOf(older);
  assert.deepEqual([warning?.severity, warning?.line, warning?.path], ['warning', 2, 'apiVersion']);
  const migrated = migrateText(older) ?? '';
  assert.deepEqual(
    changedLines(older, migrated).filter((line) => line.startsWith('+')),
    [
      '+++ b/f',
      '+apiVersion: disk2iso/v1   # as it was',
      '+  library: ./library # images',
      '+  state: ./state',
      '+defaults: {read_attempts: 5}',
      '+    read_attempts: 20',
    ],
  );
  assert.deepEqual(problemsOf(migrated), []);
  assert.equal(JSON.stringify(desiredOf(older)), JSON.stringify(desiredOf(migrated)));
  assert.equal(migrateText(migrated), migrated);
  assert.equal(migrateText('- a\n'), null);
});

const changedLines = (a: string, b: string): string[] =>
  unifiedDiff(new Map([['f', a]]), new Map([['f', b]])).split('\n');

test('diffs are what patch takes', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'disk2iso-diff-'));
  t.after(() => rm(folder, { recursive: true }));
  const lines = (...numbers: number[]) => numbers.map((number) => `line ${number}\n`).join('');
  const many = Array.from({ length: 40 }, (_, index) => index);
  const pairs: [string, string][] = [
    [lines(...many), lines(...many.filter((one) => one % 13 !== 0))],
    [lines(...many.filter((one) => one % 7 !== 0)), lines(...many)],
    ['', 'a\n'],
    ['a\n', ''],
    ['a\nb', 'a\nb\n'],
    [example, editText(example, 'suspend', true)],
  ];
  for (const [index, [before, after]] of pairs.entries()) {
    await writeFile(join(folder, 'f'), before);
    const diff = unifiedDiff(new Map([['f', before]]), new Map([['f', after]]));
    execFileSync('patch', ['-p1', '-s', '-E'], { cwd: folder, input: diff });
    const found = after === '' ? '' : await readFile(join(folder, 'f'), 'utf8');
    assert.equal(found, after, `${index}:\n${diff}`);
  }
});
