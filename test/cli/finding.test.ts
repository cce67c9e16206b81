import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { status } from './canned.js';
import { makeFolder, startFakeDaemon } from './fake-daemon.js';
import { runCli, startCli } from './run-program.js';

const versioned = (version: string) => ({ 'GET /api/v1/system/status': { ...status, version } });

test('the command line goes before the environment, the environment before this folder', async (context) => {
  const folder = makeFolder(context);
  const daemons = {
    flag: await startFakeDaemon(context, versioned('flag')),
    config: await startFakeDaemon(context, versioned('config')),
    socketVariable: await startFakeDaemon(context, versioned('socketVariable')),
    configVariable: await startFakeDaemon(context, versioned('configVariable')),
    folder: await startFakeDaemon(context, versioned('folder')),
    example: await startFakeDaemon(context, versioned('example')),
  };
  writeFileSync(join(folder, 'chosen.yaml'), daemons.config.socket);
  writeFileSync(join(folder, 'variable.yaml'), daemons.configVariable.socket);
  writeFileSync(join(folder, 'config.yaml'), daemons.folder.socket);
  mkdirSync(join(folder, 'fresh'));
  writeFileSync(join(folder, 'fresh', 'config.example.yaml'), daemons.example.socket);
  const environment = { DISK2ISO_SOCKET: daemons.socketVariable.socket, DISK2ISO_CONFIG: 'variable.yaml' };
  const asked = async (args: string[], options: Parameters<typeof runCli>[1]): Promise<unknown> =>
    (JSON.parse((await runCli([...args, 'status', '--json'], options)).stdout) as { version: string }).version;

  const flags = ['--socket', daemons.flag.socket, '--config', 'chosen.yaml'];
  assert.equal(await asked(flags, { folder, environment }), 'flag');
  assert.equal(await asked(flags.slice(2), { folder, environment }), 'config');
  assert.equal(await asked([], { folder, environment }), 'socketVariable');
  assert.equal(await asked([], { folder, environment: { ...environment, DISK2ISO_SOCKET: '' } }), 'configVariable');
  assert.equal(await asked([], { folder }), 'folder');
  assert.equal(await asked([], { folder: join(folder, 'fresh') }), 'example');
});

test('each way of not reaching a daemon says what to do, and ends with 2', async (context) => {
  const folder = makeFolder(context);
  const nothing = await runCli(['status'], { folder });
  assert.equal(nothing.status, 2);
  assert.match(nothing.stderr, /^disk2iso: No daemon was found: .* or name it with --socket or --config\.\n$/);

  const planned = await runCli(['plan'], { folder });
  assert.deepEqual([planned.status, planned.stderr], [69, nothing.stderr], '2 would be changes');

  writeFileSync(join(folder, 'file'), '');
  const file = await runCli(['status', '--socket', 'file'], { folder });
  assert.deepEqual([file.status, file.stderr !== ''], [2, true]);

  const stale = createServer();
  stale.listen(join(folder, 'stale.sock'));
  await once(stale, 'listening');
  stale.close();

  const other = createServer((socket) => void socket.on('error', () => undefined).end('SSH-2.0-hello\r\n'));
  other.listen(join(folder, 'other.sock'));
  await once(other, 'listening');
  context.after(() => other.close());
  const wrong = await runCli(['status', '--socket', 'other.sock'], { folder });
  assert.equal(wrong.status, 2);

  const html = await startFakeDaemon(context, {
    'GET /api/v1/system/status': (response) => void response.end('<html>'),
  });
  const page = await runCli(['status'], html);
  assert.deepEqual([page.status, /is no disk2iso daemon/.test(page.stderr)], [2, true]);

  const json = await runCli(['status', '--json', '--socket', '/nonexistent'], { folder });
  assert.equal((JSON.parse(json.stdout) as { error: { code: string } }).error.code, 'not_running');
  assert.deepEqual([json.stderr, json.status], ['', 2]);
});

test('a configuration that names no socket is refused with its own words', async (context) => {
  const folder = makeFolder(context);
  writeFileSync(join(folder, 'config.yaml'), 'nonsense');
  const { stderr, status: exit } = await runCli(['status'], { folder });
  assert.deepEqual([exit, stderr], [1, `disk2iso: ${folder}/config.yaml:1:1: no socket\n`]);
});

test('a wrong command line ends with 64 and says what is wrong', async () => {
  for (const [args, message] of [
    [['statsu'], /unknown command 'statsu' \(Did you mean status\?\) See `disk2iso --help`/],
    [['status', '--jsn'], /unknown option '--jsn' \(Did you mean --json\?\)/],
    [['jobs', 'pause'], /missing required argument 'id'/],
    [['jobs', '--limit', '0'], /A whole number from 1 to 500 is wanted/],
    [['logs', '--level', 'loud'], /Allowed choices are debug, info, warning, error/],
    [['daemon'], /Which configuration\? Name it with --config FILE/],
    [[], /Which command\?\n\nUsage: disk2iso/],
  ] as [string[], RegExp][]) {
    const { stdout, stderr, status: exit } = await runCli(args);
    assert.deepEqual([exit, stdout], [64, ''], args.join(' '));
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n {4}at /);
  }
  const json = await runCli(['jobs', 'pause', '--json']);
  assert.equal((JSON.parse(json.stdout) as { error: { code: string } }).error.code, 'usage');
  assert.deepEqual([json.stderr, json.status], ['', 64]);
});

test('help tells the exit statuses; the daemon gets an absolute path and its status is passed on', async (context) => {
  const help = await runCli(['--help']);
  assert.equal(help.status, 0);
  for (const part of ['verify', 'catalog', 'Exit status:', '64  the command line makes no sense']) {
    assert.ok(help.stdout.includes(part), part);
  }
  const version = await runCli(['--version']);
  assert.deepEqual([version.stdout, version.status], ['1.2.3\n', 0]);
  const folder = makeFolder(context);
  const daemon = await runCli(['daemon', '--config', 'x.yaml'], { folder });
  assert.deepEqual([daemon.stdout, daemon.status], [`daemon on ${folder}/x.yaml\n`, 78]);
});

test('a reader that stops reading is no error', async (context) => {
  const many = Array.from({ length: 500 }, (_, index) => ({ id: String(index), text: 'x'.repeat(1000) }));
  const { socket } = await startFakeDaemon(context, { 'GET /api/v1/system/status': { ...status, many } });
  const child = startCli(['status', '--json'], { socket });
  child.stdout.once('data', () => child.stdout.destroy());
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const [exit] = (await once(child, 'exit')) as [number | null];
  assert.deepEqual([exit, errors], [0, '']);
});
