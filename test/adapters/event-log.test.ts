import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./log-program.js', import.meta.url));
let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'disk2iso-log-'));
});
after(() => rmSync(folder, { recursive: true }));

function run(args: string[] = [], environment: Record<string, string> = {}): string {
  const env = { PATH: process.env.PATH ?? '', ...environment };
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...args], { env, encoding: 'utf8' });
  assert.deepEqual([stderr, status], ['', 0]);
  return stdout;
}

function assertClean(output: string): void {
  assert.doesNotMatch(output, /geheim/);
  assert.doesNotMatch(output.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
}

test('JSON, one object a line, when nobody watches', () => {
  const output = run();
  assertClean(output);
  const records = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    records.map((record) => record.level),
    ['info', 'error', 'info', 'warning', 'error', 'debug'],
  );
  assert.match(String(records[0]?.message), /^“HOLIDAY” is archived as dvd\/HOLIDAY\.iso/);
  assert.equal(records[0]?.seq, 1);
  assert.ok(Math.abs(Date.parse(String(records[0]?.time)) - Date.now()) < 60_000);
  assert.deepEqual(records[2]?.smtp, { password: '[redacted]', user: 'u' });
  assert.deepEqual(records[3]?.nested, [{ authToken: '[redacted]', Cookie: '[redacted]', ok: 'yes' }]);
  const error = records[4]?.err as { name: string; stack: string[]; cause: unknown };
  assert.equal(error.name, 'TypeError');
  assert.match(error.stack[0] ?? '', /^at .*log-program/);
  assert.deepEqual(error.cause, { name: 'Fault', message: 'The disk is gone.', code: 'io_error' });
});

test('text for people on a terminal', () => {
  const output = run(['--terminal']);
  assertClean(output);
  const lines = output.trimEnd().split('\n');
  assert.match(lines[0] ?? '', /^\d\d:\d\d:\d\d info {5}“HOLIDAY” is archived as .* complete$/);
  assert.match(lines[1] ?? '', /^\d\d:\d\d:\d\d error {4}“X��<0>forged.* failed: The disc was taken out\./);
  assert.match(lines[2] ?? '', /info {5}Multi�line {2}target=home url=https:\/\/\[redacted\]@example\.org\/ smtp=\{/);
  assert.match(output, /error {4}A bug: oops�forged\n {4}at .*\n/);
  assert.match(output, /\n {4}because: The disk is gone\.\n/);
});

test('plain lines with priorities for the journal, but only where the output really leads there', () => {
  const path = join(folder, 'journal');
  const fd = openSync(path, 'w');
  const { dev, ino } = statSync(path, { bigint: true });
  const env = { JOURNAL_STREAM: `${dev}:${ino}` };
  const { status } = spawnSync(process.execPath, [program], { env, stdio: ['ignore', fd, 'inherit'] });
  assert.equal(status, 0);
  const output = readFileSync(path, 'utf8');
  assertClean(output);
  const lines = output.trimEnd().split('\n');
  for (const line of lines) assert.match(line, /^<[3467]>[^<]/);
  assert.match(lines[0] ?? '', /^<6>“HOLIDAY” is archived/);
  assert.match(lines[1] ?? '', /^<3>“X/);
  assert.match(lines[3] ?? '', /^<4>to \/\/\[redacted\]@host/);
  assert.match(output, /^<3> {4}at /m);
  assert.match(run([], env), /^\{"level"/);
  assert.match(run([], { JOURNAL_STREAM: 'nonsense' }), /^\{"level"/);
});

test('a reader that does not read neither stops the daemon nor fills its memory', async () => {
  const child = spawn(process.execPath, [program, '--flood', '50000'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.pause();
  const exit = once(child, 'exit');
  // a write that waits for the reader would wait for ever
  const { rss } = JSON.parse(await text(child.stderr)) as { rss: number };
  assert.ok(rss < 150e6, `${rss} bytes of memory`);
  assert.deepEqual(await exit, [0, null]);
});

test('a reader that has gone away does not end the daemon', async () => {
  const child = spawn(process.execPath, [program, '--flood', '2000'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [code] = (await once(child, 'exit')) as [number];
  assert.equal(code, 0);
});
