import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { createStreamParser } from '../../src/cli/event-stream.js';
import type { ApiShapes } from '../../src/http/api.gen.js';
import { event, status } from './canned.js';
import { startFakeDaemon } from './fake-daemon.js';
import { runCli, startCli } from './run-program.js';

type Event = ApiShapes['event'];

const message = (name: string, data: unknown, id?: number) =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/** A daemon with a history, whose open streams a test writes to. */
async function startLoggingDaemon(context: TestContext, history: Event[]) {
  const streams: { readonly response: ServerResponse; readonly lastEventId: string | undefined }[] = [];
  let wake = (): void => undefined;
  const daemon = await startFakeDaemon(context, {
    'GET /api/v1/system/status': status,
    'GET /api/v1/logs': (response, request) => {
      const query = new URL(request.url ?? '', 'http://x').searchParams;
      const order = ['debug', 'info', 'warning', 'error'];
      const least = order.indexOf(query.get('level') ?? 'debug');
      const limit = Number(query.get('limit') ?? 100);
      const events = history
        .filter((one) => order.indexOf(one.level) >= least)
        .slice(-limit)
        .reverse();
      response.end(JSON.stringify({ events, limit }));
    },
    'GET /api/v1/events': (response, request) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(':\n\n');
      streams.push({ response, lastEventId: request.headers['last-event-id'] as string | undefined });
      wake();
    },
  });
  const stream = async (index: number): Promise<ServerResponse> => {
    while (streams[index] === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return streams[index].response;
  };
  return { ...daemon, stream, streams };
}

/** The lines of a running command, one after another. */
function follow(context: TestContext, args: string[], socket: string) {
  const child = startCli(['logs', '--follow', ...args], { socket });
  context.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const remarks = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  return {
    child,
    next: async () => String((await lines.next()).value),
    remark: async () => String((await remarks.next()).value),
  };
}

const timeout = { timeout: 120_000 };

test('logs are shown oldest first, at the level asked for', async (context) => {
  const history = [event(1), event(2, 'warning'), event(3, 'debug'), event(4, 'error')];
  const { socket } = await startLoggingDaemon(context, history);
  const { stdout, stderr, status: exit } = await runCli(['logs', '--limit', '2'], { socket });
  assert.deepEqual([exit, stderr], [0, '']);
  assert.match(
    stdout,
    /^2025-12-31 12:00:03 warning {2}event 2 of EVIL�.*\n2025-12-31 12:00:03 error {4}event 4 of .*\n$/,
  );
  assert.doesNotMatch(stdout.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
  const json = await runCli(['logs', '--level', 'debug', '--json'], { socket });
  assert.deepEqual(JSON.parse(json.stdout), { events: [...history].reverse(), limit: 50 });
});

test('--follow goes on after the history, quietly passing over what is not loud enough', timeout, async (context) => {
  const { socket, stream, streams } = await startLoggingDaemon(context, [event(1), event(2, 'debug')]);
  const { next } = follow(context, [], socket);
  assert.match(await next(), /event 1 of/);
  const open = await stream(0);
  assert.equal(streams[0]?.lastEventId, '2');
  open.write(message('status', { ...status }));
  open.write(message('event', event(2, 'debug'), 2));
  open.write(message('event', event(3, 'debug'), 3));
  // in pieces, in the middle of a character
  const bytes = Buffer.from(message('event', { ...event(4), message: 'Grüße' }, 4));
  const cut = bytes.indexOf('ü') + 1;
  open.write(bytes.subarray(0, cut));
  await new Promise(setImmediate);
  open.write(bytes.subarray(cut));
  assert.match(await next(), /info {5}Grüße$/);
});

test('a broken connection is taken up where it ended: nothing twice, nothing missed', timeout, async (context) => {
  const history = [event(1)];
  const { socket, stream, streams } = await startLoggingDaemon(context, history);
  const { next } = follow(context, ['--json'], socket);
  const seq = async (): Promise<number> => (JSON.parse(await next()) as Event).seq;
  assert.equal(await seq(), 1);
  const first = await stream(0);
  first.write(message('event', event(2), 2));
  assert.equal(await seq(), 2);
  first.destroy();
  const second = await stream(1);
  assert.equal(streams[1]?.lastEventId, '2');
  second.write(message('event', event(2), 2) + message('event', event(3), 3));
  assert.equal(await seq(), 3);
  // the daemon was restarted and no longer knows: the gap is filled from the log
  history.push(event(2), event(3), event(4), event(5));
  second.end();
  const third = await stream(2);
  third.write(message('snapshot', { seq: 5 }, 5) + message('event', event(5), 5) + message('event', event(6), 6));
  assert.deepEqual([await seq(), await seq(), await seq()], [4, 5, 6]);
});

test('people are told of a break and of what is lost', timeout, async (context) => {
  const history = [event(1)];
  const { socket, stream } = await startLoggingDaemon(context, history);
  const { next, remark } = follow(context, [], socket);
  assert.match(await next(), /event 1 of/);
  (await stream(0)).destroy();
  assert.equal(await remark(), 'The connection broke; trying again.');
  const second = await stream(1);
  assert.equal(await remark(), 'Connected again.');
  history.splice(0, 1, event(9));
  second.write(message('snapshot', { seq: 9 }, 9));
  assert.equal(await remark(), '7 events were missed.');
  assert.match(await next(), /event 9 of/);
  history.splice(0, 1, event(1));
  second.write(message('snapshot', { seq: 1 }, 1));
  assert.equal(await remark(), 'The catalog begins anew: its events are counted from 1 again.');
  assert.match(await next(), /event 1 of/);
});

test('--follow ends when its reader has gone', timeout, async (context) => {
  const { socket, stream } = await startLoggingDaemon(context, []);
  const { child } = follow(context, [], socket);
  const open = await stream(0);
  const exit = once(child, 'exit');
  child.stdout.destroy();
  for (let seq = 1; child.exitCode === null && seq < 1000; seq += 1) {
    open.write(message('event', event(seq), seq));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.deepEqual(await exit, [0, null]);
});

test('no daemon at the start ends with 2', async () => {
  assert.equal((await runCli(['logs', '--follow', '--socket', '/nonexistent'])).status, 2);
});

test('an event stream is the same however it is cut into pieces', () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ''));
  const one = fc.record({
    name: fc.constantFrom('event', 'status'),
    id: fc.nat(),
    text: line,
    end: fc.constantFrom('\n', '\r\n'),
  });
  fc.assert(
    fc.property(fc.array(one), fc.array(fc.integer({ min: 1, max: 9 })), (messages, sizes) => {
      const text = messages
        .map(({ name, id, text: data, end }) =>
          [`: x`, `event: ${name}`, `id: ${id}`, `data: ${data}`, '', ''].join(end),
        )
        .join('');
      const bytes = Buffer.from(text);
      const parse = createStreamParser();
      const parsed = [];
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const size = sizes[turn % Math.max(1, sizes.length)] ?? 7;
        parsed.push(...parse(bytes.subarray(at, at + size)));
        at += size;
      }
      assert.deepEqual(
        parsed,
        messages.map(({ name, id, text: data }) => ({
          event: name,
          id: String(id),
          data: Buffer.from(data).toString(),
        })),
      );
    }),
  );
  const parse = createStreamParser();
  assert.throws(() => {
    for (let i = 0; i < 100; i += 1) parse(Buffer.alloc(1_000_000, 'x'));
  }, RangeError);
});
