import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatProblem, summariseProblem } from '../../src/config/format-problem.js';
import { type Beside, folder, least, parse, problemsOf } from './sample.js';

/** One mistake a person makes, where it is found, and what is said. `|` marks the place in the text. */
interface Mistake {
  readonly text: string;
  readonly path: string;
  readonly says: RegExp;
  readonly meant?: string;
  readonly severity?: 'warning';
  readonly beside?: Beside;
}

const base = 'apiVersion: disk2iso/v1\nstorage: {library: ./library, state: ./state}\n';
const drives = 'drives: [{name: upper, device: /dev/sr0}, {name: inbox, folder: ./inbox}]\n';
const target = (inner: string): string => `${least}notifications: {targets: [${inner}]}\n`;
const mail = (smtp: string): string => `{name: me, email: {to: a@b.de, from: a@b.de, smtp: ${smtp}}}`;
const rules = (...list: string[]): string => `${base}${drives}rules:\n${list.map((rule) => `  - ${rule}\n`).join('')}`;

const mistakes: Readonly<Record<string, Mistake>> = {
  'a key mistyped': {
    text: `${least}defaults: {|raed_attempts: 5}`,
    path: 'defaults.raed_attempts',
    says: /Unknown key/,
    meant: 'read_attempts',
  },
  'a key in another section': { text: `|warn_at: "90%"\n${least}`, path: 'warn_at', says: /belongs under storage/ },
  'a key from nowhere': { text: `${least}|colour: red`, path: 'colour', says: /Unknown key "colour"/ },
  'a key missing': {
    text: 'apiVersion: disk2iso/v1\nstorage: |{library: ./l}',
    path: 'storage.state',
    says: /"state" is missing/,
  },
  'an old version': { text: least.replace('disk2iso/v1', '|disk2iso/v0'), path: 'apiVersion', says: /cannot be/ },
  'no version': { text: `|${least.replace(/^.*\n/, '')}`, path: 'apiVersion', says: /"apiVersion" is missing/ },
  'a number in quotes': {
    text: `${least}defaults: {read_attempts: |"5"}`,
    path: 'defaults.read_attempts',
    says: /cannot be/,
    meant: '5',
  },
  'a number out of range': {
    text: `${least}defaults: {read_attempts: |0}`,
    path: 'defaults.read_attempts',
    says: /cannot be 0/,
  },
  'yes for true': {
    text: `${least}defaults: {verify: |yes}`,
    path: 'defaults.verify',
    says: /cannot be "yes"/,
    meant: 'true',
  },
  'per cent without the sign': {
    text: 'apiVersion: disk2iso/v1\nstorage: {library: ./l, state: ./s, warn_at: |90}\n',
    path: 'storage.warn_at',
    says: /cannot be 90/,
    meant: '"90%"',
  },
  'more than everything': {
    text: 'apiVersion: disk2iso/v1\nstorage: {library: ./l, state: ./s, stop_at: |"120%"}\n',
    path: 'storage.stop_at',
    says: /cannot be 120%/,
  },
  'the wrong word': {
    text: `${least}defaults: {eject: |on_sucess}`,
    path: 'defaults.eject',
    says: /cannot be/,
    meant: 'on_success',
  },
  'a word for a list': {
    text: `${least}defaults: {checksums: |SHA-256}`,
    path: 'defaults.checksums',
    says: /cannot be/,
    meant: '[sha256]',
  },
  'an unknown checksum': {
    text: `${least}defaults: {checksums: [md5, |sha265]}`,
    path: 'defaults.checksums[1]',
    says: /cannot be "sha265"/,
    meant: 'sha256',
  },
  'no checksum at all': { text: `${least}defaults: {checksums: |[]}`, path: 'defaults.checksums', says: /is empty/ },
  'a label that is a number': {
    text: rules('{name: x, match: {label: |2024}}'),
    path: 'rules[0].match.label',
    says: /cannot be 2024/,
    meant: '"2024"',
  },
  'a size with a comma': {
    text: rules('{name: x, match: {min_size: |"4,7GB"}}'),
    path: 'rules[0].match.min_size',
    says: /cannot be/,
    meant: '"4.7GB"',
  },
  'nothing behind a key': {
    text: rules('{name: x, match: {label: |}}'),
    path: 'rules[0].match.label',
    says: /cannot be nothing/,
  },
  'a list for a map': { text: `${least}defaults: |[5]`, path: 'defaults', says: /cannot be a list/ },
  'text for a rule': { text: rules('|ignore everything'), path: 'rules[0]', says: /cannot be/ },
  'a password in the file': {
    text: target(mail('{host: localhost, user: u, |password: x}')),
    path: 'notifications.targets[0].email.smtp.password',
    says: /Secrets do not stand in this file/,
    meant: 'password_file',
  },
  'a user without a password': {
    text: target(mail('{host: localhost, |user: u}')),
    path: 'notifications.targets[0].email.smtp.user',
    says: /"user" needs "password_file"/,
  },

  'a library inside the state folder': {
    text: 'apiVersion: disk2iso/v1\nstorage: {library: |./s/library, state: ./s}\n',
    path: 'storage.library',
    says: /inside the state folder/,
  },
  'a state folder inside the library': {
    text: 'apiVersion: disk2iso/v1\nstorage: {library: ./l, state: |./l/state}\n',
    path: 'storage.state',
    says: /inside the library/,
  },
  'the same folder for both': {
    text: 'apiVersion: disk2iso/v1\nstorage: {library: |./l, state: ./x/../l}\n',
    path: 'storage.library',
    says: /inside the state folder/,
  },
  'stopping before warning': {
    text: 'apiVersion: disk2iso/v1\nstorage: {library: ./l, state: ./s, stop_at: |"80%"}\n',
    path: 'storage.stop_at',
    says: /below "warn_at"/,
  },
  'the home folder in short': {
    text: 'apiVersion: disk2iso/v1\nstorage: {library: |~/discs, state: ./s}\n',
    path: 'storage.library',
    says: /write the folder out/,
  },

  'a drive with two places': {
    text: `${base}drives: [|{name: a, device: /dev/sr0, folder: ./x}]`,
    path: 'drives[0]',
    says: /Only one of/,
  },
  'a drive without a place': { text: `${base}drives: [|{name: a}]`, path: 'drives[0]', says: /is missing here/ },
  'the same name twice': {
    text: `${base}drives:\n- {name: a, device: /dev/sr0}\n- {name: |a, device: /dev/sr1}`,
    path: 'drives[1].name',
    says: /"a" is taken in .* line 4/,
  },
  'the same device twice': {
    text: `${base}drives: [{name: a, device: /dev/sr0}, {name: b, device: |/dev/sr0}]`,
    path: 'drives[1].device',
    says: /belongs to the drive "a"/,
  },
  'a device that a glob has already': {
    text: `${base}drives: [{name: a, device: "/dev/sr*"}, {name: b, device: |/dev/sr1}]`,
    path: 'drives[1].device',
    says: /belongs to the drive "a"/,
  },
  'the same udev id twice': {
    text: `${base}drives: [{name: a, udev_id: X}, {name: b, udev_id: |X}]`,
    path: 'drives[1].udev_id',
    says: /belongs to/,
  },
  'a folder inside a folder': {
    text: `${base}drives: [{name: a, folder: ./in}, {name: b, folder: |./in/b}]`,
    path: 'drives[1].folder',
    says: /belongs to/,
  },
  'an inbox inside the library': {
    text: `${base}drives: [{name: a, folder: |./library/inbox}]`,
    path: 'drives[0].folder',
    says: /library folder/,
  },
  'a library inside an inbox': {
    text: `${base}drives: [{name: a, folder: |.}]`,
    path: 'drives[0].folder',
    says: /library folder/,
  },
  'a device named short': {
    text: `${base}drives: [{name: a, device: |sr0}]`,
    path: 'drives[0].device',
    says: /cannot be "sr0"/,
  },
  'a device outside /dev': {
    text: `${base}drives: [{name: a, device: |/mnt/cdrom}]`,
    path: 'drives[0].device',
    says: /not in \/dev/,
    severity: 'warning',
  },
  'no drive': { text: `|${base}`, path: 'drives', says: /No drive is declared/, severity: 'warning' },

  'a rule for an unknown drive': {
    text: rules('{name: x, match: {drive: |uper}}'),
    path: 'rules[0].match.drive',
    says: /no drive "uper"/,
    meant: 'upper',
  },
  'one of several drives unknown': {
    text: rules('{name: x, match: {drive: [upper, |lower]}}'),
    path: 'rules[0].match.drive[1]',
    says: /no drive "lower"/,
  },
  'sizes that exclude each other': {
    text: rules('{name: x, match: {min_size: |2GB, max_size: 1GiB}}'),
    path: 'rules[0].match.min_size',
    says: /can never match/,
  },
  'a rule behind one that takes all': {
    text: rules('{name: x}', '{name: |y, match: {media: cd}}'),
    path: 'rules[1].name',
    says: /"x" before it/,
    severity: 'warning',
  },
  'a label that is covered': {
    text: rules(
      '{name: x, match: {label: ["A*", "B*"], media: [cd, dvd]}}',
      '{name: |y, match: {label: "b?x*", media: dvd, min_size: 1MB}}',
    ),
    path: 'rules[1].name',
    says: /can never decide/,
    severity: 'warning',
  },
  'films from a folder': {
    text: rules('{name: x, match: {media: |dvd, drive: inbox}}'),
    path: 'rules[0].match.media',
    says: /its drives are folders/,
    severity: 'warning',
  },
  'a path for what is ignored': {
    text: rules('{name: x, match: {media: cd}, action: ignore, path: |"{label}"}'),
    path: 'rules[0].path',
    says: /no effect/,
    severity: 'warning',
  },

  'a path without a placeholder': {
    text: `${least}defaults: {path: |films}`,
    path: 'defaults.path',
    says: /no placeholder/,
  },
  'an unknown placeholder': {
    text: `${least}defaults: {path: |"{lable}"}`,
    path: 'defaults.path',
    says: /no placeholder \{lable\}/,
    meant: '{label}',
  },
  'an absolute path': {
    text: `${least}defaults: {path: |"/films/{label}"}`,
    path: 'defaults.path',
    says: /begins with a slash/,
    meant: '"films/{label}"',
  },
  'a path that climbs': { text: rules('{name: x, path: |"../{label}"}'), path: 'rules[0].path', says: /may not hold/ },
  'a brace left open': { text: `${least}defaults: {path: |"{label}/{media"}`, path: 'defaults.path', says: /brace/ },
  'the ending written out': {
    text: `${least}defaults: {path: |"{label}.iso"}`,
    path: 'defaults.path',
    says: /added by itself/,
    meant: '"{label}"',
    severity: 'warning',
  },
  'a path that tells nothing apart': {
    text: `${least}defaults: {path: |"{media}/{year}"}`,
    path: 'defaults.path',
    says: /tells one disc from another/,
    severity: 'warning',
  },

  'a target nobody uses': {
    text: target('{name: t, on: |[], webhook: {url: http://localhost/}}'),
    path: 'notifications.targets[0].on',
    says: /Nobody is told/,
    severity: 'warning',
  },
  'an address that is none': {
    text: target(mail('{host: localhost}').replace('a@b.de', '|nobody')),
    path: 'notifications.targets[0].email.to',
    says: /cannot be "nobody"/,
  },
  'an address with a line break': {
    text: target(mail('{host: localhost}').replace('a@b.de', '|"a@b.de\\nBcc: c@d.de"')),
    path: 'notifications.targets[0].email.to',
    says: /line break/,
  },
  'a password over an open line': {
    text: target(mail('{host: mail.b.de, security: |none, user: u, password_file: pw}')),
    path: 'notifications.targets[0].email.smtp.security',
    says: /unencrypted/,
    beside: { secrets: { pw: 'x' } },
  },
  'a secret that is not there': {
    text: target('{name: t, webhook: {url: http://localhost/, secret_file: |pw}}'),
    path: 'notifications.targets[0].webhook.secret_file',
    says: /cannot be had/,
  },
  'an empty secret': {
    text: target('{name: t, webhook: {url: http://localhost/, secret_file: |pw}}'),
    path: 'notifications.targets[0].webhook.secret_file',
    says: /empty/,
    beside: { secrets: { pw: '\n' } },
  },
  'a password in the address': {
    text: target('{name: t, webhook: {url: |"http://me:pw@localhost/"}}'),
    path: 'notifications.targets[0].webhook.url',
    says: /url_file/,
  },
  'a credential that climbs': {
    text: target('{name: t, webhook: {url: http://localhost/, secret_file: |"credential:../x"}}'),
    path: 'notifications.targets[0].webhook.secret_file',
    says: /credential is named/,
  },

  'listening to everyone': {
    text: `${least}api: {listen: |"0.0.0.0:8980"}`,
    path: 'api.listen',
    says: /can be reached by others/,
    meant: '127.0.0.1:8980',
  },
  'listening to everyone, in IPv6': {
    text: `${least}api: {listen: |"[::]:8980"}`,
    path: 'api.listen',
    says: /can be reached by others/,
    meant: '127.0.0.1:8980',
  },
  'listening under a name': {
    text: `${least}api: {listen: |"box.example.org:80"}`,
    path: 'api.listen',
    says: /can be reached by others/,
    meant: '127.0.0.1:80',
  },
  'a port that is none': { text: `${least}api: {listen: |"127.0.0.1:70000"}`, path: 'api.listen', says: /cannot be/ },
  'a socket with a long path': {
    text: `${least}api: {socket: |/run/${'x'.repeat(104)}}`,
    path: 'api.socket',
    says: /109 bytes/,
  },
  'a state folder with a long path': {
    text: `apiVersion: disk2iso/v1\nstorage: {library: ./l, state: |/${'x'.repeat(100)}}\n`,
    path: 'storage.state',
    says: /set api.socket/,
  },
  'retention of a rule that is not there': {
    text: `${least}retention: [{name: all, match: {rule: |films}, keep_for: 90d}]`,
    path: 'retention[0].match.rule',
    says: /No rule is called "films" now/,
    severity: 'warning',
  },
  'retention that does not say of which images': {
    text: `${least}retention: [|{name: all, keep_for: 90d}]`,
    path: 'retention[0].match',
    says: /"match" is missing/,
  },
  'free space that cannot be': {
    text: `${least}retention: [{name: all, match: {}, keep_until_free: |"0%"}]`,
    path: 'retention[0].keep_until_free',
    says: /cannot be 0%/,
  },
  'a throttle of nothing': {
    text: `${least}fixity: {reverify_every: 90d, throttle: |0MB/s}`,
    path: 'fixity.throttle',
    says: /cannot be 0MB/,
  },

  'a key twice': {
    text: `${least}suspend: true\n|suspend: false`,
    path: 'suspend',
    says: /second time; it is set in line 4/,
  },
  'a tab': { text: `${least}defaults:\n|\tverify: true`, path: '', says: /tab/ },
  'two documents': { text: `${least}|---\n${least}`, path: '', says: /several YAML documents/ },
  'a merge key': { text: `${least}defaults: {|<<: {verify: true}}`, path: 'defaults', says: /Merge keys/ },
  'a tag': { text: `${least}suspend: |!!set {a}`, path: '', says: /tag/ },
  'a key that is a list': { text: `${least}? |[a]\n: b`, path: '', says: /key must be plain text/ },
  'an alias of nothing': { text: `${least}suspend: |*x`, path: 'suspend', says: /No anchor &x/ },
  'a key from the depths of JavaScript': {
    text: `${least}|__proto__: {suspend: true}`,
    path: '__proto__',
    says: /Unknown key/,
  },
  'a retention entry behind one that decides all of its': {
    text: `${least}retention: [{name: dvds, match: {media: [dvd, bd], label: "N*"}}, {name: |nights, match: {media: [dvd], label: "NIGHT*"}, keep_last: 1}]`,
    path: 'retention[1].name',
    says: /can never decide: "dvds" before it/,
    severity: 'warning',
  },
  'a retention entry that would delete discs and never says when': {
    text: `${least}retention: [{name: discs, match: {}, deletes: |discs}]`,
    path: 'retention[0].deletes',
    says: /deletes nothing/,
    severity: 'warning',
  },
};

test('a retention entry behind one of another age, or of fewer images, can decide', () => {
  const entries = (...list: string[]): string => `${least}retention: [${list.join(', ')}]\n`;
  for (const text of [
    entries('{name: a, match: {min_age: 30d}, keep_for: 2y}', '{name: b, match: {}, keep_last: 5}'),
    entries('{name: a, match: {media: [dvd]}}', '{name: b, match: {media: [dvd, bd]}}'),
    entries('{name: a, match: {label: "N*"}}', '{name: b, match: {}}'),
  ]) {
    assert.deepEqual(problemsOf(text), [], text);
  }
  assert.equal(problemsOf(entries('{name: a, match: {min_age: 1d}}', '{name: b, match: {min_age: 2d}}')).length, 1);
});

describe('each mistake is found where it is', () => {
  for (const [name, mistake] of Object.entries(mistakes)) {
    test(name, () => {
      // the mark is the only bar, but for block scalars, which no sample has
      const before = mistake.text.slice(0, mistake.text.indexOf('|'));
      const text = mistake.text.replace('|', '');
      const problems = problemsOf(text, mistake.beside);
      const place = { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') };
      const said = problems.map((one) => `${one.line}:${one.column} ${one.path} ${one.message}`).join('\n');
      const problem = problems.find((one) => one.path === mistake.path && mistake.says.test(one.message));
      assert.ok(problem !== undefined, `not found among:\n${said}`);
      assert.deepEqual({ line: problem.line, column: problem.column }, place, said);
      assert.equal(problem.severity, mistake.severity ?? 'error');
      assert.equal(problem.did_you_mean, mistake.meant);
      assert.equal(problem.file, `${folder}/config.yaml`);
      assert.equal(parse(text, mistake.beside).ok, mistake.severity === 'warning');
    });
  }
});

test('all problems come at once, those beyond the schema too, in the order of the file', () => {
  const text = `apiVersion: disk2iso/v1
storage: {library: ./s/l, state: ./s}
defaults: {raed_attempts: 5, path: films}
drives: [{name: a, device: /dev/sr0}, {name: a, device: /dev/sr1}]
rules: [{name: x, match: {drive: b, label: 5}}]
`;
  const problems = problemsOf(text);
  assert.deepEqual(
    problems.map((one) => `${one.line} ${one.path} ${one.code}`),
    [
      '2 storage.library overlap',
      '3 defaults.raed_attempts unknown_key',
      '4 drives[1].name duplicate_name',
      '5 rules[0].match.drive unknown_name',
      '5 rules[0].match.label wrong_type',
    ],
  );
});

test('an entry or a key that is missing hides no other mistake, and is not mistaken for one', () => {
  const text = `storage: {library: ./l, state: ./s, warn_at: 5}
drives:
  - {name: left, foldr: ./in}
  - {name: a, device: /dev/sr0}
  - {name: b, device: "/dev/sr*"}
  - {nmae: nobody, device: /dev/sr7}
rules:
  - {match: {media: dvd}}
  - {name: x, match: {drive: [left, lefd], min_size: 2GB, max_size: 1GB}, checksums: [md6]}
notifications:
  targets: [{name: t, webhook: {}}, {name: t2, on: [job_faild], webhook: {url: "ftp://x"}}]
`;
  assert.deepEqual(
    problemsOf(text).map((one) => `${one.line} ${one.path} ${one.code}`),
    [
      '1 apiVersion missing_key',
      '1 storage.warn_at wrong_type',
      '3 drives[0] missing_key',
      '3 drives[0].foldr unknown_key',
      '5 drives[2].device overlap',
      '6 drives[3].name missing_key',
      '6 drives[3].nmae unknown_key',
      '8 rules[0].name missing_key',
      '9 rules[1].match.min_size unreachable',
      '9 rules[1].checksums[0] not_allowed',
      '11 notifications.targets[0].webhook missing_key',
      '11 notifications.targets[1].on[0] not_allowed',
      '11 notifications.targets[1].webhook.url not_allowed',
    ],
  );
  const named = text.replace('nmae: nobody', 'name: nobody');
  assert.deepEqual(
    problemsOf(named)
      .filter(({ code }) => code === 'unknown_name')
      .map(({ path, message }) => `${path} ${message}`),
    ['rules[1].match.drive[1] There is no drive "lefd".'],
  );
});

test('a key left out for its own mistake casts no doubt on its neighbours', () => {
  const text = 'apiVersion: disk2iso/v1\nstorage: {library: ./l, state: ./s, warn_at: "97%", stop_at: 98}\n';
  assert.deepEqual(
    problemsOf(text).map((one) => one.path),
    ['storage.stop_at'],
  );
});

test('no more than a hundred problems, and then how many more', () => {
  const problems = problemsOf(`${least}${Array.from({ length: 300 }, (_, i) => `x${i}: 1\n`).join('')}`);
  assert.equal(problems.length, 101);
  assert.match(problems.at(-1)?.message ?? '', /200 more/);
});

test('two files that set the same value are both named', () => {
  const beside = {
    includes: { 'conf.d/a.yaml': 'defaults: {verify: true}', 'conf.d/b.yaml': '\ndefaults: {verify: false}' },
  };
  const [problem, ...more] = problemsOf(least, beside);
  assert.deepEqual(more, []);
  assert.equal(problem?.file, `${folder}/conf.d/b.yaml`);
  assert.equal(`${problem?.line}:${problem?.column}`, '2:12');
  assert.match(problem?.message ?? '', /"defaults.verify" is set in ".*a.yaml" line 1/);
});

test('an included file that is broken, empty, or includes is named', () => {
  const broken = problemsOf(least, { includes: { 'conf.d/a.yaml': 'rules: [' } });
  assert.equal(broken[0]?.file, `${folder}/conf.d/a.yaml`);
  assert.equal(problemsOf(least, { includes: { 'conf.d/a.yaml': '' } })[0]?.code, 'empty');
  assert.deepEqual(problemsOf(least, { includes: { 'conf.d/a.yaml': '# nothing\n' } }), []);
  assert.match(
    problemsOf(least, { includes: { 'conf.d/a.yaml': 'include: x' } })[0]?.message ?? '',
    /Only the main file/,
  );
});

test('a problem on a terminal', () => {
  const [problem] = problemsOf(`${least}defaults:\n  raed_attempts: 5\n`);
  assert.ok(problem !== undefined);
  assert.equal(
    formatProblem(problem),
    `/etc/disk2iso/config.yaml:5:3: error: Unknown key "raed_attempts".
    5 |   raed_attempts: 5
      |   ^ did you mean read_attempts?`,
  );
  assert.equal(
    summariseProblem(problem),
    '/etc/disk2iso/config.yaml:5:3: Unknown key "raed_attempts". Did you mean read_attempts?',
  );
});

test('no excerpt or message shows a secret or steers a terminal', () => {
  const secret = 'hunter2hunter2';
  const texts = [
    `${least}password: ${secret}`,
    `${least}x: {"api_key":"${secret}", y: 1}`,
    `${least}token:\n  ${secret}: 5: 6`,
    target(`{name: t, webhook: {url: "http://me:${secret}@localhost/"}}`),
    target(`{name: t, webhook: {url: "http://localhost/?key=${secret}", secret_file: nowhere}}`),
    target(`{name: t, webhook: {url: "htp://localhost/?key=${secret}"}}`),
    target(`{name: t, webhook: {url: "htp//localhost/?key=${secret}"}}`),
    target(`{name: t, webhook: {url: http://localhost, secret: ${secret}}}`),
  ];
  for (const text of texts) {
    const problems = problemsOf(text);
    assert.notEqual(problems.length, 0);
    for (const problem of problems) {
      assert.ok(!JSON.stringify(problem).includes(secret), `${JSON.stringify(problem)}`);
    }
  }
  for (const problem of problemsOf(`${least}"\\e[31m\u202e": "\u001b[2J\u0007"`)) {
    assert.match(formatProblem(problem).replaceAll('\n', ''), /^[^\p{C}]+$/u);
  }
});
