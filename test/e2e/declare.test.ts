import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { StationProcess } from './station-process.js';

test('a reload answers when the outcome is known: HTTP, command and signal', async (t) => {
  const station = await StationProcess.start(t);
  const first = await station.get('/-/reload', { method: 'POST' });
  assert.deepEqual([first.status, first.body.outcome, first.body.generation], [200, 'unchanged', 1]);

  await station.configure({ suspend: true });
  const applied = station.cli('reload', '--json');
  assert.equal(applied.status, 0, applied.stderr);
  // the watcher may have been quicker, and then there is nothing left to do
  assert.equal(JSON.parse(applied.stdout).generation, 2);
  assert.equal((await station.get('/api/v1/system/status')).body.suspended, true);

  await station.writeConfig('apiVersion: disk2iso/v1\nstorage: {libary: ./x, state: ./state}\n');
  const refused = station.cli('reload');
  assert.equal(refused.status, 1);
  assert.match(refused.stdout, /config\.yaml:2:11: error: Unknown key "libary"/);
  assert.match(refused.stdout, /did you mean library\?/);
  assert.match(refused.stdout, /The file was refused \(.*\); generation 2 stays in force\./);
  const asked = await station.get('/-/reload', { method: 'POST' });
  assert.deepEqual([asked.status, asked.body.outcome, asked.body.problems[0].line], [422, 'rejected', 2]);

  await station.configure({});
  process.kill(station.pid, 'SIGHUP');
  await station.until(async () => (await station.get('/api/v1/system/status')).body.config.generation === 3, 10);
  assert.equal((await station.get('/-/wake', { method: 'POST' })).status, 204);
  assert.equal(station.cli('wake').status, 0);
});

test('validate tells by its exit status, without a daemon', async (t) => {
  const station = await StationProcess.prepare(t);
  const judge = async (text: string | null, ...options: string[]) => {
    const file = join(station.folder, 'judged.yaml');
    if (text !== null) await writeFile(file, text);
    return station.cli('validate', text === null ? join(station.folder, 'none.yaml') : file, ...options);
  };
  const good =
    'apiVersion: disk2iso/v1\nstorage: {library: ./library, state: ./state}\ndrives: [{name: a, device: /dev/sr0}]\n';
  assert.equal((await judge(good)).status, 0);
  const warned = await judge(`${good}rules: [{name: a}, {name: b}]\n`);
  assert.deepEqual([warned.status, warned.stdout.includes('warning: This rule can never decide')], [3, true]);
  const invalid = await judge(good.replace('device', 'devcie'), '--json');
  assert.deepEqual([invalid.status, JSON.parse(invalid.stdout)[0].severity], [1, 'error']);
  assert.equal((await judge(null)).status, 2);
  const secret = `${good}notifications: {targets: [{name: t, webhook: {url: "https://example.org/x", secret_file: nowhere}}]}\n`;
  assert.deepEqual([(await judge(secret)).status, (await judge(secret, '--no-secrets')).status], [1, 0]);
});
