import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { parseDocument } from 'yaml';
import { loadConfig } from '../../src/config/load-config.js';
import { parseConfig } from '../../src/config/parse-config.js';
import { rootSchema, type Schema } from '../../src/config/schema-walk.js';
import type { Desired } from '../../src/core/desired.js';
import { createFakeMachine } from '../drives/fake-drive.js';
import { tinyIso } from '../drives/recorded-image.js';
import { makeIso, StationProcess } from '../e2e/station-process.js';
import { base, type KeyRow, type KeyTable, type Setting } from './key-row.js';
import { fixity, retention, trash } from './keys-archive.js';
import { defaults, drives, rules, whatIsBegun } from './keys-imaging.js';
import { notifications, users } from './keys-told.js';

const table: KeyTable = {
  ...whatIsBegun,
  ...drives,
  ...defaults,
  ...rules,
  ...fixity,
  ...retention,
  ...trash,
  ...notifications,
  ...users,
};

/** Keys that are seen in the running daemon, further down. */
const inTheDaemon: Readonly<Record<string, (daemon: Daemon) => Promise<void>>> = {
  include: async ({ station }) => {
    assert.ok((await station.archives()).every(({ path }) => path.startsWith(`${station.folder}/images/of-conf.d/`)));
  },
  'storage.library': async ({ station }) => {
    assert.ok((await stat(join(station.folder, 'images/of-conf.d/HOLIDAY.iso'))).size > 0);
  },
  'storage.state': async ({ station }) => {
    assert.ok((await readdir(join(station.folder, 'records'))).includes('catalog'));
  },
  'api.listen': async ({ port }) => assert.equal(await statusOf(port, '127.0.0.1'), 200),
  'api.allowed_hosts': async ({ port }) => {
    assert.equal(await statusOf(port, 'archive.example.org'), 200);
    assert.equal(await statusOf(port, 'other.example.org'), 421);
  },
  'api.socket': async ({ station }) => {
    assert.ok((await stat(join(station.folder, 'd.sock'))).isSocket());
    assert.equal((await station.get('/healthz')).status, 200);
  },
  apiVersion: async ({ station, file }) => {
    await station.writeConfig(file.replace('disk2iso/v1', 'disk2iso/v7'));
    const { status, body } = await station.get('/-/reload', { method: 'POST' });
    assert.deepEqual([status, body.outcome, body.generation], [422, 'rejected', 1]);
  },
};

function leavesOf(schema: Schema, path: string): string[] {
  const inner = schema.properties ?? schema.items?.properties;
  if (inner === undefined) return [path];
  const here = schema.properties === undefined ? `${path}[]` : path;
  return Object.entries(inner).flatMap(([key, below]) => leavesOf(below, here === '' ? key : `${here}.${key}`));
}

test('every key of the schema has a row, and every row a key', () => {
  const rows = [...Object.keys(table), ...Object.keys(inTheDaemon)];
  const keys = leavesOf(rootSchema, '');
  const [missing, extra] = [keys.filter((key) => !rows.includes(key)), rows.filter((row) => !keys.includes(row))];
  assert.equal(missing.join(', '), '', 'keys that need a row in test/declare/keys-*.ts');
  assert.equal(extra.join(', '), '', 'rows of keys that are gone');
  assert.ok(keys.length > 60);
});

const code = new URL('../../src/', import.meta.url).href;

/**
 * Notes which values of it are read by the station's own code outside of the configuration: what no such code reads
 * does nothing.
 */
function recording<Value>(value: Value, read: Set<string>, path = ''): Value {
  if (value === null || typeof value !== 'object') return value;
  return new Proxy(value, {
    get(target, key) {
      const found: unknown = Reflect.get(target, key);
      if (typeof key === 'symbol' || !Object.hasOwn(target, key)) return found;
      const here = path === '' ? key : `${path}.${key}`;
      const [reader = ''] = new Error().stack?.match(/file:\/\/\S+/g)?.slice(1) ?? [];
      if (reader.startsWith(code) && !reader.startsWith(`${code}config/`)) read.add(here);
      return recording(found, read, here);
    },
  }) as Value;
}

/** The values in which two configurations differ. */
function differences(one: unknown, two: unknown, path = ''): string[] {
  if (typeof one === 'function' || typeof two === 'function') return [path];
  const parts = [one, two].filter((value) => value !== null && typeof value === 'object') as object[];
  if (parts.length === 0) return Object.is(one, two) ? [] : [path];
  const keys = new Set(parts.flatMap((value) => Object.keys(value)));
  const at = (value: unknown, key: string): unknown => (value as Record<string, unknown> | null | undefined)?.[key];
  return [...keys].flatMap((key) => differences(at(one, key), at(two, key), path === '' ? key : `${path}.${key}`));
}

/** The text without the key, found in the first entry of each list on the way. */
function without(file: string, key: string): string {
  const document = parseDocument(file);
  document.deleteIn(
    key
      .replaceAll('[]', '.0')
      .split('.')
      .map((step) => (step === '0' ? 0 : step)),
  );
  return String(document);
}

interface World extends Omit<Setting, 't'> {
  /** With the addresses in place of their names. */
  readonly place: <Value>(value: Value) => Value;
  readonly read: (file: string) => Promise<Desired>;
}

/** Servers, drives and files, once for all rows. */
async function createWorld(t: TestContext): Promise<World> {
  const sent: string[] = [];
  const mailServer = async () => {
    const server = new SMTPServer({
      authOptional: true,
      closeTimeout: 100,
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      onAuth: ({ username, password }, _, callback) => callback(null, { user: `${username} with ${password}` }),
      onData: (stream, { envelope, user, localAddress, localPort }, callback) => {
        void text(stream).then(() => {
          const to = envelope.rcptTo.map(({ address }) => address).join(',');
          const sender = envelope.mailFrom === false ? 'nobody' : envelope.mailFrom.address;
          sent.push(`from ${sender} to ${to} by ${user ?? 'nobody'} at ${localAddress}:${localPort}`);
          callback();
        });
      },
    });
    server.on('error', () => undefined);
    server.listen(0, '0.0.0.0');
    await once(server.server, 'listening');
    t.after(() => new Promise<void>((resolve) => server.close(resolve)));
    return (server.server.address() as AddressInfo).port;
  };
  const http = createServer((asked, response) => {
    void text(asked).then((body) => {
      const signed = asked.headers['x-disk2iso-signature'];
      const stamp = `${asked.headers['x-disk2iso-timestamp']}.${body}`;
      const secret = ['hunter2'].find(
        (one) => signed === `sha256=${createHmac('sha256', one).update(stamp).digest('hex')}`,
      );
      sent.push(`${asked.method} ${asked.url}, ${secret === undefined ? 'unsigned' : `signed with ${secret}`}`);
      response.end();
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  t.after(() => http.close());
  const { port } = http.address() as AddressInfo;
  const programs = process.env.PATH;
  const machine = await createFakeMachine();
  t.after(machine.end);
  process.env.PATH = `${machine.path('bin')}:${programs}`;
  await machine.addDrive('sr0');
  await machine.addDrive('sr1', { udev: ['DEVNAME=/dev/sr1', 'ID_SERIAL=ASUS_1'] });
  for (const folder of ['in', 'other']) await mkdir(machine.path(folder));
  await writeFile(machine.path('in/disc.iso'), tinyIso('FILE'));

  const folder = await mkdtemp(join(tmpdir(), 'disk2iso-keys-'));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'conf.d'));
  await writeFile(join(folder, 'config.yaml'), base);
  const secrets = {
    password: 'hunter2',
    'other-password': 'hunter3',
    address: `http://127.0.0.1:${port}/secret-place`,
  };
  for (const [name, secret] of Object.entries(secrets)) await writeFile(join(folder, name), secret, { mode: 0o600 });

  const names: Readonly<Record<string, string>> = {
    '@ROOT@': machine.root,
    '@SMTP@': String(await mailServer()),
    '@SMTP2@': String(await mailServer()),
    '@HTTP@': String(port),
  };
  const place = <Value>(value: Value): Value =>
    JSON.parse(JSON.stringify(value).replace(/@[A-Z0-9]+@/g, (name) => names[name] ?? name)) as Value;
  const read = async (file: string): Promise<Desired> => {
    await writeFile(join(folder, 'conf.d/key.yaml'), file);
    const environment = { credentialsFolder: null };
    const parsed = parseConfig(await loadConfig(join(folder, 'config.yaml'), environment), environment);
    assert.ok(parsed.ok, `${file}: ${JSON.stringify(parsed)}`);
    return parsed.desired;
  };
  return { machine, sent, place, read };
}

async function checkRow(key: string, given: KeyRow, { place, read, ...world }: World, t: TestContext): Promise<void> {
  const setting = { ...world, t };
  const { see } = given;
  const row = place(given);
  const other = row.insteadOf ?? without(row.file, key);
  assert.notDeepEqual(row.is, row.otherwise);
  for (const file of [row.file, row.insteadOf ?? row.file]) {
    const section = key.split(/\W/)[0] ?? '';
    assert.ok(parseDocument(file).has(section), `${key} does not stand in its row`);
  }
  const [desired, instead] = [await read(row.file), await read(other)];
  assert.deepEqual(await see(instead, setting), row.otherwise, `without ${key}`);
  const used = new Set<string>();
  assert.deepEqual(await see(recording(desired, used), setting), row.is, `with ${key}`);
  const differing = differences(desired, instead);
  const isRead = differing.some((path) => [...used].some((one) => one === path || one.startsWith(`${path}.`)));
  assert.ok(isRead, `no code of the station reads ${differing.join(', ')}`);
}

test('each key does what it says, and the same file without it something else', async (t) => {
  const world = await createWorld(t);
  for (const [key, row] of Object.entries(table)) await t.test(key, (inner) => checkRow(key, row, world, inner));
});

interface Daemon {
  readonly station: StationProcess;
  readonly port: number;
  readonly file: string;
}

function statusOf(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/healthz', headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on('error', reject).end();
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('and those of the station itself in the running daemon', async (t) => {
  const station = await StationProcess.prepare(t);
  const port = await freePort();
  const file = `apiVersion: disk2iso/v1
include: conf.d
storage: {library: ./images, state: ./records, warn_at: "99.8%", stop_at: "99.9%"}
drives: [{name: inbox, folder: ./inbox}]
api: {listen: "127.0.0.1:${port}", socket: ./d.sock, allowed_hosts: [archive.example.org]}
`;
  await mkdir(join(station.folder, 'conf.d'));
  await writeFile(join(station.folder, 'conf.d', 'path.yaml'), 'defaults: {path: "of-conf.d/{label}"}\n');
  await station.writeConfig(file);
  await station.launch();
  await station.drop(await makeIso(station.folder, 'source.iso', 'HOLIDAY', 1), 'a.iso');
  await station.jobIn('HOLIDAY', 'completed');
  for (const [key, see] of Object.entries(inTheDaemon)) await t.test(key, () => see({ station, port, file }));
});
