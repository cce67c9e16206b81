import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { rmdirSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CatalogStore } from '../../src/adapters/level-catalog-store.js';
import { makeIso, root, StationProcess, sha256Of } from './station-process.js';

test('a bad file changes nothing, says where and why, and clears when it is reverted', async (t) => {
  const station = await StationProcess.start(t);
  const good = await readFile(station.configFile, 'utf8');
  const generation = async () => (await station.get('/api/v1/system/status')).body.config.generation;
  const before = await generation();
  await station.writeConfig(good.replace('"drives"', '"drivse"'));
  const problems = await station.until(async () => {
    const { body } = await station.get('/api/v1/system/status');
    return body.config.problems.length > 0 && body.config.problems;
  });
  assert.match(JSON.stringify(problems), /config\.yaml:\d+:\d+/);
  assert.match(JSON.stringify(problems), /drivse/);
  assert.equal(await generation(), before);
  await station.writeConfig(good);
  await station.until(async () => (await station.get('/api/v1/system/status')).body.config.problems.length === 0);
  assert.equal(await generation(), before, 'the file in force is the one it was');
});

test('a changed file is applied without a restart', async (t) => {
  const station = await StationProcess.start(t);
  await mkdir(join(station.folder, 'second'));
  await station.configure({
    drives: [{ name: 'second', folder: './second' }],
    defaults: { checksums: ['sha512'], verify: false },
  });
  await station.until(async () =>
    (await station.get('/api/v1/devices')).body.devices.some((one: { path: string }) => one.path.endsWith('/second')),
  );
  const image = await makeIso(station.folder, 'x.iso', 'SECOND', 2);
  await rename(image, join(station.folder, 'second', 'x.iso'));
  await station.jobIn('SECOND', 'completed');
  assert.deepEqual(Object.keys((await station.archives())[0].checksums), ['sha512']);
});

test('a second daemon on the same state is turned away and harms nothing', async (t) => {
  const station = await StationProcess.start(t);
  const other = join(station.folder, 'other.yaml');
  await writeFile(other, (await readFile(station.configFile, 'utf8')).replace('d.sock', 'other.sock'));
  const second = spawnSync(process.execPath, [join(root, 'dist', 'src', 'main.js'), 'daemon', '--config', other], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  assert.notEqual(second.status, 0);
  assert.match(second.stderr + second.stdout, /another|already/i);
  await station.drop(await makeIso(station.folder, 'y.iso', 'STILL', 1), 'y.iso');
  await station.jobIn('STILL', 'completed');
});

test('a second station on the same library is turned away, by its daemon and without one, until the first has ended', async (t) => {
  const first = await StationProcess.start(t);
  const second = await StationProcess.prepare(t, { library: first.library });
  const offline = () => second.cli('catalog', 'rebuild', '--config', second.configFile);
  assert.match(offline().stderr, /in use by another station \(process \d+/);
  await second.launch({ ready: false });
  await second.until(async () => /in use by another station/.test((await second.get('/readyz')).text));
  const refused = second.cli('catalog', 'rebuild');
  assert.notEqual(refused.status, 0);
  assert.match(refused.stderr, /in use by another station/);
  await first.drop(await makeIso(first.folder, 'y.iso', 'STILL', 1), 'y.iso');
  await first.jobIn('STILL', 'completed');
  assert.equal(first.cli('health').status, 0);
  await first.stop('SIGKILL');
  assert.equal(second.cli('catalog', 'rebuild').status, 0);
  assert.equal((await second.archives()).length, 1);
});

test('a lost catalog is noticed, and rebuilt from the manifests', async (t) => {
  const station = await StationProcess.start(t);
  await station.drop(await makeIso(station.folder, 'z.iso', 'KEPT', 2), 'z.iso');
  await station.jobIn('KEPT', 'completed');
  const [before] = await station.archives();
  await station.stop();
  await rm(join(station.folder, 'state'), { recursive: true });
  await station.launch({ ready: false });
  await station.until(async () => station.output.includes('catalog rebuild'));
  assert.equal((await station.get('/readyz')).status, 503);
  const rebuilt = station.cli('catalog', 'rebuild');
  assert.equal(rebuilt.status, 0, rebuilt.stderr);
  await station.until(async () => (await station.get('/readyz')).status === 200);
  const [after] = await station.archives();
  assert.deepEqual(after, before);
});

test('a catalog that opens and holds what cannot be read is rebuilt by the daemon that runs', async (t) => {
  const station = await StationProcess.start(t);
  await station.drop(await makeIso(station.folder, 'z.iso', 'KEPT', 2), 'z.iso');
  await station.jobIn('KEPT', 'completed');
  const before = await station.archives();
  await station.stop();
  const store = new CatalogStore(join(station.folder, 'state', 'catalog'));
  await store.open({ create: false });
  await store.write([{ type: 'put', key: 'insertion!["a","b"]', value: '{' }]);
  await store.close();
  await station.launch({ ready: false });
  await station.until(async () => station.output.includes('catalog rebuild'));
  const rebuilt = station.cli('catalog', 'rebuild');
  assert.equal(rebuilt.status, 0, rebuilt.stderr);
  await station.until(async () => (await station.get('/readyz')).status === 200);
  assert.deepEqual(await station.archives(), before);
});

test('a rebuild by root does not take the state folder from the user whose it is', {
  skip: process.getuid?.() !== 0 && 'is not root',
}, async (t) => {
  const station = await StationProcess.prepare(t);
  const state = join(station.folder, 'state');
  await mkdir(state);
  await chown(state, 65_534, 65_534);
  const refused = station.cli('catalog', 'rebuild', '--config', station.configFile);
  assert.notEqual(refused.status, 0);
  assert.match(refused.stderr, /sudo -u '#65534' disk2iso catalog rebuild --config \//);
  assert.deepEqual(await readdir(state), []);
});

test('what a rebuild cannot take in is told, and stays a condition until another one can', async (t) => {
  const station = await StationProcess.start(t);
  const catalog = async () => (await station.get('/api/v1/system/status')).body.services.catalog;
  const broken = join(station.library, 'LOST.iso.json');
  await writeFile(broken, '{"manifest_version": 1}}');
  const rebuilt = station.cli('catalog', 'rebuild');
  assert.deepEqual([rebuilt.status, /^! LOST\.iso\.json: /m.test(rebuilt.stdout)], [1, true], rebuilt.stdout);
  await station.until(async () => (await catalog()) === 'rebuild_needed');
  assert.equal(station.cli('health').status, 1);
  assert.equal((await station.get('/readyz')).status, 200, 'it works with what it has');
  await rm(broken);
  assert.equal(station.cli('catalog', 'rebuild').status, 0);
  await station.until(async () => (await catalog()) === 'ok');
});

test('a ledger that cannot be written is a condition, until it can', async (t) => {
  const station = await StationProcess.start(t);
  const catalog = async () => (await station.get('/api/v1/system/status')).body.services.catalog;
  const ledger = join(station.library, '.disk2iso', 'ledger');
  const own = await readFile(ledger, 'utf8');
  await writeFile(ledger, own.replace(/ledger 1 \S+/, 'ledger 1 another'));
  await station.drop(await makeIso(station.folder, 'z.iso', 'KEPT', 2), 'z.iso');
  await station.jobIn('KEPT', 'completed');
  await station.until(async () => (await catalog()) === 'catalog_damaged');
  await writeFile(ledger, own);
  await station.get('/-/wake', { method: 'POST' });
  await station.until(async () => (await catalog()) === 'ok');
  assert.match(await readFile(ledger, 'utf8'), /^1 added /m);
});

test('a rebuild without the library is refused and leaves the catalog as it was', async (t) => {
  const station = await StationProcess.start(t);
  await station.drop(await makeIso(station.folder, 'z.iso', 'KEPT', 2), 'z.iso');
  await station.jobIn('KEPT', 'completed');
  const [before] = await station.archives();
  await rename(station.library, `${station.library}.away`);
  assert.notEqual(station.cli('catalog', 'rebuild').status, 0);
  await rename(`${station.library}.away`, station.library);
  await station.get('/-/wake', { method: 'POST' });
  await station.until(async () => (await station.get('/readyz')).status === 200);
  assert.deepEqual((await station.archives())[0], before);
});

test('a full library pauses the job; it ends exact when there is space again', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root to mount a small filesystem');
  const small = await mkdtemp(join(tmpdir(), 'small-'));
  assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', small]).status, 0);
  t.after(() => {
    spawnSync('umount', ['-l', small]);
    rmdirSync(small);
  });
  const station = await StationProcess.start(t, {
    library: small,
    config: { storage: { library: small, state: './state', warn_at: '60%', stop_at: '90%' } },
    ddrescue: { rate: 4_000_000 },
  });
  const image = await makeIso(station.folder, 'big.iso', 'BIG', 12);
  await station.drop(image, 'big.iso');
  await station.jobIn('BIG', 'running');
  await writeFile(join(small, 'ballast'), Buffer.alloc(20 * 1024 * 1024 - 4 * 1024 * 1024));
  const paused = await station.jobIn('BIG', 'paused');
  assert.ok(paused);
  await station.until(async () => (await station.events('storage_stop')).length > 0);
  await rm(join(small, 'ballast'));
  await station.setDdrescue({});
  await station.jobIn('BIG', 'completed');
  assert.equal((await station.archives())[0].checksums.sha256, await sha256Of(image));
});

test('a catalog that cannot be written is said to be so, stops no shutdown, and goes on when there is space', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root to mount a small filesystem');
  const small = await mkdtemp(join(tmpdir(), 'small-'));
  assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', small]).status, 0);
  t.after(() => {
    spawnSync('umount', ['-l', small]);
    rmdirSync(small);
  });
  const station = await StationProcess.prepare(t);
  await station.configure({
    storage: { library: station.library, state: small, warn_at: '99.8%', stop_at: '99.9%' },
  });
  await station.launch();
  const fill = () => spawnSync('dd', ['if=/dev/zero', `of=${join(small, 'ballast')}`, 'bs=4k']);
  fill();
  const image = await makeIso(station.folder, 'first.iso', 'FIRST', 2);
  await station.drop(image, 'first.iso');
  await station.until(async () => (await station.get('/readyz')).status === 503);
  const { conditions } = (await station.get('/readyz')).body;
  const catalog = conditions.find((one: { subject: string }) => one.subject === 'catalog');
  assert.equal(catalog.reason, 'no_space');
  await rm(join(small, 'ballast'));
  await station.jobIn('FIRST', 'completed');
  assert.equal((await station.archives())[0].checksums.sha256, await sha256Of(image));
  await station.until(async () => (await station.get('/readyz')).status === 200);

  await station.setDdrescue({ rate: 500_000 });
  await station.drop(await makeIso(station.folder, 'second.iso', 'SECOND', 8, 2), 'second.iso');
  await station.jobIn('SECOND', 'running');
  fill();
  assert.equal(await station.stop(), 0);
  assert.match(station.output, /filesystem is full|No space/);
  await rm(join(small, 'ballast'));
  await station.setDdrescue({});
  await station.launch();
  await station.jobIn('SECOND', 'completed');
});

test('a webhook that is down loses nothing, over a restart too', async (t) => {
  const received: { readonly signature: unknown; readonly body: string }[] = [];
  const server = createServer((call, answer) => {
    let body = '';
    call.on('data', (data) => (body += data));
    call.on('end', () => {
      received.push({ signature: call.headers['x-disk2iso-signature'], body });
      answer.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const station = await StationProcess.prepare(t);
  await writeFile(join(station.folder, 'secret'), 'open sesame\n');
  await chmod(join(station.folder, 'secret'), 0o600);
  await station.configure({
    notifications: {
      targets: [
        { name: 'hook', on: ['job_completed'], webhook: { url: `http://127.0.0.1:${port}/`, secret_file: './secret' } },
      ],
    },
  });
  await station.launch();
  await station.drop(await makeIso(station.folder, 'n.iso', 'NOTED', 1), 'n.iso');
  await station.jobIn('NOTED', 'completed');
  await station.stop('SIGKILL');
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  t.after(() => server.close());
  await station.launch();
  await station.until(async () => received.length === 1);
  assert.match(String(received[0]?.signature), /^sha256=[0-9a-f]{64}$/);
  assert.match(received[0]?.body ?? '', /NOTED/);
  assert.doesNotMatch(station.output, /open sesame/);
});

test('hostile names and labels end harmless', async (t) => {
  const station = await StationProcess.start(t);
  const image = await makeIso(station.folder, 'evil.iso', 'EVIL', 1);
  const bytes = await readFile(image);
  bytes.write('../../../../tmp/evil\n\u0007'.padEnd(32), 16 * 2048 + 40, 'latin1');
  await writeFile(image, bytes);
  await station.drop(image, `${'n'.repeat(240)}\n.iso`);
  await station.until(async () => (await station.archives()).length === 1);
  const [archive] = await station.archives();
  assert.ok(archive.path.startsWith(`${station.library}/`));
  assert.doesNotMatch(archive.path.slice(station.library.length + 1), /\.\.\/|\p{Cc}/u);
  assert.equal((await readdir(station.library)).filter((name) => name !== '.disk2iso').length, 1);
});

test('Ctrl-C ends it at once and cleanly', async (t) => {
  const station = await StationProcess.start(t);
  assert.equal(await station.stop('SIGINT'), 0);
  assert.doesNotMatch(station.output, /Error|at .*\.js:/);
});

test('a second Ctrl-C does not wait for a program that hangs', async (t) => {
  const station = await StationProcess.start(t);
  const hanging =
    'case "$*" in *--version*) exec /usr/bin/ddrescue --version;; esac; trap "" INT; : > "$0.hangs"; while :; do sleep 1; done';
  await writeFile(join(station.folder, 'bin', 'ddrescue'), `#!/bin/sh\n${hanging}\n`);
  await station.drop(await makeIso(station.folder, 'hung.iso', 'HUNG', 1), 'hung.iso');
  // A job that is only about to start its program ends at once.
  await station.until(async () => (await readdir(join(station.folder, 'bin'))).includes('ddrescue.hangs'));
  process.kill(station.pid, 'SIGINT');
  await station.until(() => Promise.resolve(station.output.includes('Stopping.')));
  assert.equal(await station.stop('SIGINT'), 130);
});

test('logs --follow shows what happens as it happens', async (t) => {
  const station = await StationProcess.start(t);
  const follow = spawn(process.execPath, [
    join(root, 'dist', 'src', 'main.js'),
    'logs',
    '--follow',
    '--socket',
    station.socket,
  ]);
  t.after(() => follow.kill());
  let shown = '';
  follow.stdout.on('data', (data) => (shown += data));
  await station.drop(await makeIso(station.folder, 'f.iso', 'FOLLOWED', 1), 'f.iso');
  await station.until(async () => /FOLLOWED/.test(shown));
});
