import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadConfig } from '../../src/config/load-config.js';
import { parseConfig } from '../../src/config/parse-config.js';

const none = { credentialsFolder: null };
const least =
  'apiVersion: disk2iso/v1\nstorage: {library: ./library, state: ./state}\ndrives: [{name: a, folder: ./in}]\n';
let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'disk2iso-load-'));
});
after(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text, { mode: 0o640 });
  return path;
}

/** The one problem of a file that cannot be read. */
async function refusal(path: string): Promise<string> {
  const parsed = parseConfig(await loadConfig(path, none), none);
  assert.ok(!parsed.ok);
  assert.equal(parsed.problems.length, 1);
  const [problem] = parsed.problems;
  assert.equal(problem?.file, path);
  return `${problem?.code}: ${problem?.message}`;
}

test('the hash of a file that stands alone is what sha256sum says', async () => {
  const path = await write('alone.yaml', least);
  const [sum] = execFileSync('sha256sum', [path], { encoding: 'utf8' }).split(' ');
  assert.equal((await loadConfig(path, none)).hash, sum);
});

test('what is no readable file of a sensible size is a problem, at once', async () => {
  assert.match(await refusal(join(folder, 'nothing.yaml')), /^unreadable: .*does not exist/);
  assert.match(await refusal(folder), /^unreadable: .*is not a file/);
  assert.match(await refusal(join(await write('file', ''), 'below')), /^unreadable: .*not a folder/);
  assert.match(await refusal('/dev/zero'), /^unreadable: .*is not a file/);
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  assert.match(await refusal(join(folder, 'pipe')), /^unreadable: .*is not a file/);
  await symlink('round.yaml', join(folder, 'round.yaml'));
  assert.match(await refusal(join(folder, 'round.yaml')), /^unreadable: .*leads back to itself/);
  const large = await write('large.yaml', least);
  await truncate(large, 100 * 1024 * 1024);
  const before = process.memoryUsage().rss;
  assert.match(await refusal(large), /^too_large: .*104857600 bytes/);
  assert.ok(process.memoryUsage().rss - before < 50e6, 'it was not read');
  // files of the kernel's state no size
  assert.match(await refusal('/proc/self/maps'), /^syntax|^encoding|^wrong_type/);
});

test('a file of another user is named with the user who may not read it', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root can become another user');
  const path = await write('secret.yaml', least);
  await chmod(folder, 0o755);
  await chmod(path, 0o600);
  process.seteuid?.('nobody');
  try {
    assert.match(await refusal(path), /^unreadable: .*may not be read by the user nobody/);
  } finally {
    process.seteuid?.(0);
  }
});

test('included files come in the order of their names, by bytes; others stay out', async () => {
  const path = await write('many/config.yaml', `include: [conf.d, more]\n${least}`);
  for (const name of [
    'conf.d/b.yaml',
    'conf.d/a.yml',
    'conf.d/B.yaml',
    'conf.d/10.yaml',
    'conf.d/9.yaml',
    'more/a.yaml',
  ]) {
    await write(`many/${name}`, '# nothing\n');
  }
  for (const name of [
    'conf.d/.a.yaml.swp',
    'conf.d/.hidden.yaml',
    'conf.d/a.yaml~',
    'conf.d/readme.txt',
    'conf.d/deeper/a.yaml',
  ]) {
    await write(`many/${name}`, '{{{');
  }
  const snapshot = await loadConfig(path, none);
  assert.deepEqual(
    snapshot.files.map((file) => file.path.slice(join(folder, 'many').length + 1)),
    ['config.yaml', 'conf.d/10.yaml', 'conf.d/9.yaml', 'conf.d/B.yaml', 'conf.d/a.yml', 'conf.d/b.yaml', 'more/a.yaml'],
  );
  assert.ok(parseConfig(snapshot, none).ok);
});

test('an included folder with nothing to take in is warned of', async () => {
  const path = await write('bare/config.yaml', `include: conf.d\n${least}`);
  await write('bare/conf.d/rules.yaml.off', 'suspend: true\n');
  const parsed = parseConfig(await loadConfig(path, none), none);
  assert.ok(parsed.ok);
  const [{ code, line, path: key } = assert.fail()] = parsed.warnings;
  assert.deepEqual([code, line, key], ['no_effect', 1, 'include']);
  await write('bare/conf.d/rules.yaml', 'suspend: true\n');
  const filled = parseConfig(await loadConfig(path, none), none);
  assert.deepEqual(filled.ok && filled.warnings, []);
});

test('an included folder that is not there is a problem, not an empty folder', async () => {
  const path = await write('missing/config.yaml', `include: conf.d\n${least}`);
  const parsed = parseConfig(await loadConfig(path, none), none);
  assert.ok(!parsed.ok);
  assert.match(parsed.problems[0]?.message ?? '', /conf.d" does not exist/);
  await write('missing/conf.d/a.yaml', '');
  const emptied = parseConfig(await loadConfig(path, none), none);
  assert.equal(!emptied.ok && emptied.problems[0]?.code, 'empty');
});

test('secrets come from files beside the configuration and from credentials, and change only the fingerprint', async () => {
  const targets =
    '[{name: a, webhook: {url: http://localhost/, secret_file: key}}, {name: b, webhook: {url: http://localhost/, secret_file: "credential:hook"}}]';
  const path = await write('secret/config.yaml', `${least}notifications: {targets: ${targets}}\n`);
  await write('secret/key', 'one\n');
  await write('credentials/hook', 'two');
  const environment = { credentialsFolder: join(folder, 'credentials') };
  const snapshot = await loadConfig(path, environment);
  const parsed = parseConfig(snapshot, environment);
  assert.ok(parsed.ok);
  assert.deepEqual(
    parsed.desired.notifications.map((target) => target.kind === 'webhook' && target.secret),
    ['one', 'two'],
  );
  assert.deepEqual(parsed.warnings, []);
  await write('secret/key', 'three\n');
  const later = await loadConfig(path, environment);
  assert.equal(later.hash, snapshot.hash);
  assert.notEqual(later.fingerprint, snapshot.fingerprint);
  const without = parseConfig(await loadConfig(path, none), none);
  assert.match(without.ok ? '' : (without.problems[0]?.message ?? ''), /\$CREDENTIALS_DIRECTORY is not set/);
  await chmod(join(folder, 'secret', 'key'), 0o644);
  const open = parseConfig(await loadConfig(path, environment), environment);
  assert.match(open.ok ? (open.warnings[0]?.message ?? '') : '', /Everyone on this machine may read it/);
});
