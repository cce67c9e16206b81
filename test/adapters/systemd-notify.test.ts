import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createServiceNotifier, parseWatchdog } from '../../src/adapters/systemd-notify.js';
import { recordLog } from '../notifications/samples.js';

// the sources are beside dist/, where nothing but compiled code is laid
const receiver = fileURLToPath(new URL('../../../test/adapters/datagram-receiver.py', import.meta.url));
let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'disk2iso-notify-'));
});
after(() => rmSync(folder, { recursive: true }));

/** A real datagram socket, as systemd has one. */
async function manager(context: TestContext) {
  const socket = join(folder, `${context.name.replace(/\W/g, '_').slice(0, 20)}.sock`);
  const child = spawn('/usr/bin/env', ['python3', receiver, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => child.kill());
  const lines = createInterface({ input: child.stdout });
  const messages: string[] = [];
  const bound = once(lines, 'line');
  lines.on('line', (line) => messages.push(JSON.parse(line) as string));
  await bound;
  messages.length = 0;
  // datagrams arrive in order, but the line that tells of the last may still be on its way
  const received = async (count: number): Promise<string[]> => {
    const told = () => messages.filter((message) => message !== 'BARRIER=1');
    for (const end = Date.now() + 60_000; told().length < count && Date.now() < end; ) await once(lines, 'line');
    return told();
  };
  return { environment: { NOTIFY_SOCKET: socket, PATH: process.env.PATH }, received };
}

test('each message arrives, in order, and reloading says when', async (context) => {
  const { environment, received } = await manager(context);
  const log = recordLog();
  const notifier = createServiceNotifier({ environment, log });
  const before = process.hrtime.bigint() / 1000n;
  const sent = [notifier.ready(), notifier.status('2 jobs\n\u001b[2Jrunning'), notifier.watchdog()];
  await Promise.all([...sent, notifier.reloading(), notifier.ready(), notifier.stopping()]);
  const messages = await received(6);
  assert.deepEqual(
    messages.map((message) => message.replace(/MONOTONIC_USEC=\d+/, 'MONOTONIC_USEC=#').trimEnd()),
    ['READY=1', 'STATUS=2 jobs��[2Jrunning', 'WATCHDOG=1', 'RELOADING=1\nMONOTONIC_USEC=#', 'READY=1', 'STOPPING=1'],
  );
  const micros = BigInt(/MONOTONIC_USEC=(\d+)/.exec(messages[3] ?? '')?.[1] ?? 0);
  assert.ok(micros >= before && micros <= process.hrtime.bigint() / 1000n);
  assert.deepEqual(log.lines, []);
});

test('of several status lines at once the latest is sent, and one that looks like an option is only text', async (context) => {
  const { environment, received } = await manager(context);
  const notifier = createServiceNotifier({ environment, log: recordLog() });
  const first = notifier.ready();
  await Promise.all([first, notifier.status('one'), notifier.status('two'), notifier.status('--pid=1')]);
  await notifier.status('four');
  assert.deepEqual(
    (await received(3)).map((message) => message.trimEnd()),
    ['READY=1', 'STATUS=--pid=1', 'STATUS=four'],
  );
});

test('without a service manager nothing is started', async () => {
  const log = recordLog();
  const notifier = createServiceNotifier({ environment: { PATH: '/nonexistent' }, log });
  await Promise.all([notifier.ready(), notifier.status('one'), notifier.stopping()]);
  assert.deepEqual(log.lines, []);
});

test('a missing, failing or hanging systemd-notify is said once and throws nothing', async () => {
  const log = recordLog();
  const missing = createServiceNotifier({ environment: { NOTIFY_SOCKET: '/x', PATH: folder }, log });
  await missing.ready();
  await missing.watchdog();
  assert.deepEqual(log.lines, ['warn systemd could not be notified']);

  const program = join(folder, 'systemd-notify');
  const PATH = `${folder}:${process.env.PATH}`;
  for (const body of ['exit 3', 'sleep 60']) {
    writeFileSync(program, `#!/bin/sh\n${body}\n`);
    chmodSync(program, 0o755);
    const begin = Date.now();
    await createServiceNotifier({ environment: { NOTIFY_SOCKET: '/x', PATH }, log, timeoutMs: 200 }).ready();
    assert.ok(Date.now() - begin < 45_000);
  }
  assert.equal(log.lines.length, 3);
  rmSync(program);
});

test('how often the watchdog wants to be fed', () => {
  const of = (usec?: string, pid?: string) =>
    parseWatchdog(
      { ...(usec === undefined ? {} : { WATCHDOG_USEC: usec }), ...(pid === undefined ? {} : { WATCHDOG_PID: pid }) },
      42,
    );
  assert.equal(of('30000000'), 30_000);
  assert.equal(of('30000000', '42'), 30_000);
  assert.equal(of('30000000', '43'), null);
  for (const senseless of [undefined, '', '0', '-5', 'abc', '1e9', '9'.repeat(30)]) assert.equal(of(senseless), null);
});
