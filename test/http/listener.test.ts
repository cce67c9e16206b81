import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Fault } from '../../src/core/fault.js';
import { ask, until } from './api-client.js';
import { createFakeStation } from './fake-station.js';
import { serve } from './serve.js';

const faultWith = (code: string, text: RegExp) => (error: unknown) =>
  error instanceof Fault && error.code === code && text.test(error.message);

test('answers on the port and on the unix socket, which owner and group may use', async (t) => {
  const { station, server } = await serve(t);
  assert.equal((await ask(server, '/healthz')).json.status, 'ok');
  const socketPath = station.applied.desired.api.socket;
  assert.equal((await ask(server, '/healthz', { socketPath })).json.status, 'ok');
  assert.equal((await stat(socketPath)).mode & 0o777, 0o660);
  await server.stop();
  await assert.rejects(stat(socketPath), { code: 'ENOENT' });
});

test('the unix socket alone', async (t) => {
  const { station, remove } = await createFakeStation();
  station.setApi({ listen: null });
  const server = station.createServer({ graceMs: 50 });
  t.after(async () => {
    await server.stop();
    await remove();
  });
  await server.start();
  assert.equal(server.address(), null);
  assert.equal((await ask(server, '/healthz', { socketPath: station.applied.desired.api.socket })).status, 200);
});

test('nothing but loopback is listened on', async (t) => {
  const { station, remove } = await createFakeStation();
  t.after(remove);
  for (const host of ['0.0.0.0', '::', '192.168.1.5', '10.0.0.1', '::ffff:0.0.0.0', 'example.org', '']) {
    station.setApi({ listen: { host, port: 0 } });
    await assert.rejects(station.createServer().start(), faultWith('config_invalid', /other machines/), host);
  }
});

test('a port in use is named, and the socket is given back', async (t) => {
  const { station, remove } = await createFakeStation();
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  t.after(async () => {
    other.close();
    await remove();
  });
  station.setApi({ listen: { host: '127.0.0.1', port } });
  const server = station.createServer();
  await assert.rejects(server.start(), faultWith('state_conflict', new RegExp(`127\\.0\\.0\\.1:${port}`)));
  await assert.rejects(stat(station.applied.desired.api.socket), { code: 'ENOENT' });
  await server.stop();
});

test('a socket that a killed daemon left is replaced', async (t) => {
  const { station, remove } = await createFakeStation();
  const { socket } = station.applied.desired.api;
  const holder = spawn(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(socket)})`]);
  await until(
    () =>
      stat(socket).then(
        () => true,
        () => false,
      ),
    'the socket',
  );
  holder.kill('SIGKILL');
  await once(holder, 'close');
  assert.ok((await stat(socket)).isSocket());
  const server = station.createServer({ graceMs: 50 });
  t.after(async () => {
    await server.stop();
    await remove();
  });
  await server.start();
  assert.equal((await ask(server, '/healthz', { socketPath: socket })).status, 200);
});

test('a socket on which another daemon answers is left alone', async (t) => {
  const { station, server } = await serve(t);
  const second = station.createServer();
  const { socket } = station.applied.desired.api;
  await assert.rejects(second.start(), faultWith('state_conflict', /Another daemon answers on .*api\.sock/));
  assert.equal((await ask(server, '/healthz', { socketPath: socket })).status, 200);
});

test('what is no socket is never deleted', async (t) => {
  const { station, remove } = await createFakeStation();
  t.after(remove);
  const file = join(station.folder, 'precious');
  await writeFile(file, 'text');
  const link = join(station.folder, 'link');
  await symlink(file, link);
  for (const socket of [file, link, station.folder]) {
    station.setApi({ socket });
    await assert.rejects(station.createServer().start(), faultWith('state_conflict', /is no socket/));
  }
  assert.equal((await stat(file)).size, 4);
  station.setApi({ socket: join(station.folder, 'absent', 'x.sock') });
  await assert.rejects(station.createServer().start(), faultWith('config_invalid', /folder .* does not exist/));
  station.setApi({ socket: join(station.folder, 'x'.repeat(120)) });
  await assert.rejects(station.createServer().start(), faultWith('config_invalid', /shorter/));
});

test('a changed address is opened before the old one is closed', async (t) => {
  const { station, server } = await serve(t);
  const old = server.address();
  await server.relisten();
  assert.equal(server.address(), old, 'the same configuration changes nothing');

  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  station.setApi({ listen: { host: '127.0.0.1', port: (taken.address() as AddressInfo).port } });
  await assert.rejects(server.relisten(), faultWith('state_conflict', /Another program/));
  assert.equal(server.address(), old);
  assert.equal((await ask(server, '/healthz')).status, 200);

  const oldSocket = station.applied.desired.api.socket;
  const socket = join(station.folder, 'second.sock');
  station.setApi({ listen: { host: '::1', port: 0 }, socket });
  await server.relisten();
  assert.match(server.address() ?? '', /^http:\/\/\[::1\]:/);
  assert.equal((await ask(server, '/healthz')).status, 200);
  assert.equal((await ask(server, '/healthz', { socketPath: socket })).status, 200);
  await assert.rejects(stat(oldSocket), { code: 'ENOENT' });
  const { hostname, port } = new URL(old ?? '');
  const [error] = await once(connect(Number(port), hostname), 'error');
  assert.equal((error as NodeJS.ErrnoException).code, 'ECONNREFUSED');

  station.setApi({ listen: null });
  await server.relisten();
  assert.equal(server.address(), null);
});

test('a configuration that is tried while it stops leaves nothing open', async (t) => {
  const { station, server } = await serve(t);
  const socket = join(station.folder, 'late.sock');
  station.setApi({ listen: { host: '127.0.0.1', port: 0 }, socket });
  const [, , late] = [server.relisten(), server.stop(), server.relisten()];
  await late;
  await server.stop();
  assert.equal(server.address(), null);
  await assert.rejects(stat(socket), { code: 'ENOENT' });
});

test('stop ends idle, half-sent and hanging connections', async (t) => {
  const { station, server } = await serve(t, { graceMs: 50 });
  const { hostname, port } = new URL(server.address() ?? '');
  station.verifyWith = () => new Promise(() => undefined);
  const sockets = ['', 'GET /healthz HT', `GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n`].map((text) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.resume();
    socket.on('error', () => undefined);
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const closed = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  const from = performance.now();
  await server.stop();
  await closed;
  assert.ok(performance.now() - from < 30_000);
});
