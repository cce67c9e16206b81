import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, type TestContext, test } from 'node:test';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { createSmtpNotifier, type SmtpOptions } from '../../src/adapters/smtp.js';
import { Fault } from '../../src/core/fault.js';
import type { MailTarget } from '../../src/core/notification.js';
import type { Verdict } from '../../src/core/verdict.js';
import { archive, completed, entryOf, failed, mailTarget, recordLog } from './samples.js';

let folder: string;
let key: string;
let cert: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'disk2iso-smtp-'));
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...subject], {
    stdio: 'ignore',
  });
  key = readFileSync(join(folder, 'key.pem'), 'utf8');
  cert = readFileSync(join(folder, 'cert.pem'), 'utf8');
});
after(() => rmSync(folder, { recursive: true }));

interface Received {
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: unknown;
  readonly raw: string;
}

/** A real mail server on a free port that keeps what it gets. */
async function mailServer(context: TestContext, options: SMTPServerOptions = {}) {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, session, callback) => {
      void text(stream).then((raw) => {
        const to = session.envelope.rcptTo.map((one) => one.address);
        received.push({ to, secure: session.secure, user: session.user, raw });
        callback();
      });
    },
    ...options,
  });
  // a client that breaks off is what some tests are about
  server.on('error', () => undefined);
  server.listen(0, 'localhost');
  await once(server.server, 'listening');
  context.after(() => new Promise<void>((resolve) => server.close(resolve)));
  return { received, port: (server.server.address() as AddressInfo).port };
}

const refusal = (code: number, message: string) => Object.assign(new Error(message), { responseCode: code });

function notifier(change: Partial<SmtpOptions> = {}, verdict: Verdict = { kind: 'complete' }) {
  const found = { job: null, archive: archive('HOLIDAY', verdict), imagePath: '/srv/library/dvd/HOLIDAY.iso' };
  return createSmtpNotifier({ station: 'attic', log: recordLog(), findSubject: async () => found, ...change });
}

async function faultOf(target: MailTarget, change: Partial<SmtpOptions> = {}): Promise<Fault> {
  try {
    await notifier(change).deliver(target, entryOf(completed('HOLIDAY')));
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    assert.equal(error.code, 'delivery_failed');
    assert.equal(error.message, error.message.replace(/[\r\n]/g, ''));
    return error;
  }
  return assert.fail('was delivered');
}

/** The text of a mail as its reader sees it. */
function decode(raw: string): string {
  const [head = '', ...body] = raw.split('\r\n\r\n');
  const joined = body.join('\r\n\r\n');
  if (/^content-transfer-encoding: base64/im.test(head)) return Buffer.from(joined, 'base64').toString('utf8');
  if (!/^content-transfer-encoding: quoted-printable/im.test(head)) return joined;
  const bytes = joined
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

test('a mail says what happened, where it is, what it is worth and what to do', async (context) => {
  const server = await mailServer(context);
  const bad = Array.from({ length: 25 }, (_, index) => ({ start: index * 40_960, length: 2048 }));
  const verdict: Verdict = { kind: 'damaged', bad, badBytes: 51_200 };
  await notifier({}, verdict).deliver(mailTarget(server.port), entryOf(completed('HOLIDAY', verdict)));
  const [mail, ...more] = server.received;
  assert.ok(mail !== undefined && more.length === 0);
  assert.deepEqual(mail.to, ['anna@example.org', 'bert@example.org']);
  assert.match(mail.raw, /^Subject: \[attic\] HOLIDAY is damaged\r$/m);
  assert.match(mail.raw, /^From: disk2iso <station@example.org>\r$/m);
  assert.match(mail.raw, /^Message-ID: <7-home\.1767182403000@example.org>\r$/m);
  const body = decode(mail.raw);
  for (const part of [
    /^“HOLIDAY” is archived as dvd\/HOLIDAY\.iso, 4\.7 GB in 12 min 03 s, damaged: 51\.2 kB in 25 places could not be read/,
    /^Station: {5}attic\r?$/m,
    /^When: {8}2025-12-31 12:00:03 UTC\r?$/m,
    /^Drive: {7}reader \(PIONEER BD-RW\)\r?$/m,
    /^Image: {7}\/srv\/library\/dvd\/HOLIDAY\.iso\r?$/m,
    /^ {13}sector 20 \(2\.0 kB\)\r?$/m,
    /and 5 more: all are in \/srv\/library\/dvd\/HOLIDAY\.iso\.json/,
    /^md5: {9}d41d8cd98f00b204e9800998ecf8427e\r?$/m,
    /^What to do:\r?\n {2}Clean the disc and put it in again/m,
  ]) {
    assert.match(body, part);
  }
});

test('line ends in a label reach neither headers nor recipients', async (context) => {
  const server = await mailServer(context);
  const label = 'X\r\nBcc: eve@example.org\r\n\r\n.\r\nRCPT TO:<eve@example.org>\u202E\u0000\u001b[2J';
  const found = { job: null, archive: archive(label, { kind: 'complete' }), imagePath: '/srv/a\nb.iso' };
  const target = { ...mailTarget(server.port), name: 'ho\r\nme' };
  for (const event of [completed(label), failed(label)]) {
    await notifier({ findSubject: async () => found }).deliver(target, entryOf(event, 7, target.name));
  }
  assert.equal(server.received.length, 2);
  for (const mail of server.received) {
    assert.deepEqual(mail.to, ['anna@example.org', 'bert@example.org']);
    const [head = ''] = mail.raw.split('\r\n\r\n');
    assert.doesNotMatch(head, /^bcc:/im);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the point of the test
    assert.doesNotMatch(decode(mail.raw), /[\u0000\u001b\u202e]|^Bcc/m);
  }
});

test('an address with line ends is refused before anything is sent', async (context) => {
  const server = await mailServer(context);
  for (const to of [
    'a@example.org\r\nBcc: eve@example.org',
    'a@example.org, eve@example.org',
    'nobody',
    'a\u0000b@example.org',
    'a\u200bb@example.org',
  ]) {
    const fault = await faultOf({ ...mailTarget(server.port), to: [to] });
    assert.equal(fault.retry, 'never');
  }
  assert.equal(server.received.length, 0);
});

test('TLS from the first byte, and STARTTLS with a login', async (context) => {
  const secrets: string[] = [];
  const login: SMTPServerOptions = {
    key,
    cert,
    authOptional: false,
    onAuth: (auth, _, callback) => {
      secrets.push(auth.password ?? '');
      callback(null, { user: auth.username ?? '' });
    },
  };
  const tls = await mailServer(context, { ...login, secure: true });
  const starttls = await mailServer(context, { ...login, disabledCommands: [] });
  const credentials = { user: 'station', password: 'geheim' };
  const deliver = notifier({ ca: cert }).deliver;
  await deliver(mailTarget(tls.port, { security: 'tls', ...credentials }), entryOf(completed('A')));
  await deliver(mailTarget(starttls.port, { security: 'starttls', ...credentials }), entryOf(completed('B')));
  for (const { received } of [tls, starttls])
    assert.deepEqual([received[0]?.secure, received[0]?.user], [true, 'station']);
  assert.deepEqual(secrets, ['geheim', 'geheim']);
});

test('an untrusted certificate, and a server without STARTTLS, get neither mail nor password', async (context) => {
  const seen: string[] = [];
  const onAuth: NonNullable<SMTPServerOptions['onAuth']> = (auth, _, callback) => {
    seen.push(auth.username ?? '');
    callback(null, { user: 'x' });
  };
  const untrusted = await mailServer(context, { key, cert, secure: true, onAuth });
  const plain = await mailServer(context, { onAuth });
  const credentials = { user: 'station', password: 'geheim' };
  const first = await faultOf(mailTarget(untrusted.port, { security: 'tls', ...credentials }));
  assert.equal(first.retry, 'later');
  assert.match(first.message, /TLS connection .* certificate/);
  assert.equal((await faultOf(mailTarget(plain.port, { security: 'starttls', ...credentials }))).retry, 'later');
  assert.deepEqual([...seen, ...untrusted.received, ...plain.received], []);
});

test('a refused login is tried again later and names no password, even where the server repeats it', async (context) => {
  const server = await mailServer(context, {
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: (auth, _, callback) => callback(refusal(535, `no such password: ${auth.password}`)),
  });
  const fault = await faultOf(mailTarget(server.port, { user: 'station', password: 'geheim' }));
  assert.equal(fault.retry, 'later');
  assert.match(fault.message, /refused the login \(535\): check user and password/);
  assert.doesNotMatch(fault.message, /geheim/);
});

for (const { code, retry } of [
  { code: 451, retry: 'later' },
  { code: 550, retry: 'never' },
]) {
  test(`${code} to sender, recipient or text is tried again ${retry}`, async (context) => {
    const refuse = refusal(code, 'not\tthis one');
    for (const hooks of [
      { onMailFrom: (_: unknown, __: unknown, callback: (error: Error) => void) => callback(refuse) },
      { onRcptTo: (_: unknown, __: unknown, callback: (error: Error) => void) => callback(refuse) },
      {
        onData: (stream: NodeJS.ReadableStream, _: unknown, callback: (error: Error) => void) => {
          stream.on('end', () => callback(refuse)).resume();
        },
      },
    ] satisfies SMTPServerOptions[]) {
      const server = await mailServer(context, hooks);
      const fault = await faultOf(mailTarget(server.port));
      assert.equal(fault.retry, retry, fault.message);
      assert.match(fault.message, new RegExp(`: ${code}.*not.this one`));
    }
  });
}

test('one refused recipient of two is told in the log and not sent again', async (context) => {
  const server = await mailServer(context, {
    onRcptTo: ({ address }, _, callback) => callback(address.startsWith('bert') ? refusal(550, 'gone') : null),
  });
  const log = recordLog();
  await notifier({ log }).deliver(mailTarget(server.port), entryOf(completed('HOLIDAY')));
  assert.deepEqual(server.received[0]?.to, ['anna@example.org']);
  assert.deepEqual(log.lines, ['warn The mail server refused some of the recipients']);
});

/** Accepts connections and goes on as told. */
async function rawServer(context: TestContext, onConnection: (socket: import('node:net').Socket) => void) {
  const open = new Set<import('node:net').Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket.on('error', () => undefined));
    onConnection(socket);
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  context.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, open };
}

test('a server that never greets, one that dribbles for ever, one that hangs up, and none at all', async (context) => {
  const silent = await rawServer(context, () => undefined);
  assert.equal((await faultOf(mailTarget(silent.port), { patienceMs: 50 })).retry, 'later');

  const dribble = await rawServer(context, (socket) => {
    const timer = setInterval(() => socket.write('220-wait\r\n'), 10);
    socket.on('close', () => clearInterval(timer));
  });
  const fault = await faultOf(mailTarget(dribble.port), { patienceMs: 5000, deadlineMs: 100 });
  assert.deepEqual([fault.retry, /took too long/.test(fault.message)], ['later', true]);

  const rude = await rawServer(context, (socket) => socket.end('554 go away\r\n'));
  assert.equal((await faultOf(mailTarget(rude.port))).retry, 'later');

  const gone = await rawServer(context, (socket) => socket.destroy());
  assert.equal((await faultOf(mailTarget(gone.port))).retry, 'later');

  // port 1 is served by nobody
  const none = await faultOf(mailTarget(1));
  assert.deepEqual([none.retry, /localhost:1 cannot be reached/.test(none.message)], ['later', true]);
});
