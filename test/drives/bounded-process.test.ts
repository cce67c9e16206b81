import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BoundedProcesses } from '../../src/adapters/bounded-process.js';
import { eventually } from './drive-rig.js';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('gives status and output, and needs no shell', async () => {
  const processes = new BoundedProcesses();
  const end = await processes.run('x', { command: 'printf', args: ['%s', '$(id) *'], timeoutMs: 5000 });
  assert.deepEqual(end, { status: 0, stdout: '$(id) *', stderr: '' });
  assert.equal((await processes.run('x', { command: 'false', args: [], timeoutMs: 5000 })).status, 1);
});

test('a program that hangs is killed with what it started, even if that alone is left', async (t) => {
  const processes = new BoundedProcesses();
  const folder = await mkdtemp(join(tmpdir(), 'bounded-'));
  t.after(() => rm(folder, { recursive: true }));
  // the shell ends at once, its child holds the output open
  const script = `sleep 60 & echo $! > ${folder}/pid`;
  await assert.rejects(processes.run('x', { command: 'sh', args: ['-c', script], timeoutMs: 300 }), {
    code: 'timeout',
  });
  const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
  await eventually(async () => !isAlive(pid));
});

test('what was killed is gone before the next program starts', async () => {
  let freed = 0;
  const processes = new BoundedProcesses(() => {
    freed += 1;
  });
  await assert.rejects(processes.run('x', { command: 'sleep', args: ['60'], timeoutMs: 200 }), { code: 'timeout' });
  assert.equal((await processes.run('x', { command: 'true', args: [], timeoutMs: 5000 })).status, 0);
  assert.equal(freed, 1);
});

test('stops on request, before and during', async () => {
  const processes = new BoundedProcesses();
  const stop = new AbortController();
  const run = processes.run('x', { command: 'sleep', args: ['60'], timeoutMs: 60_000, stop: stop.signal });
  stop.abort();
  await assert.rejects(run, { code: 'cancelled' });
  const again = processes.run('x', { command: 'sleep', args: ['60'], timeoutMs: 60_000, stop: stop.signal });
  await assert.rejects(again, { code: 'cancelled' });
});

test('a missing program says how to get it', async () => {
  const processes = new BoundedProcesses();
  const request = { command: 'no-such-program', args: [], timeoutMs: 1000, install: 'apt-get install it' };
  await assert.rejects(processes.run('x', request), { code: 'tool_missing', message: /apt-get install it/ });
});

test('endless output costs no more than a mebibyte', async () => {
  const processes = new BoundedProcesses();
  const end = await processes.run('x', { command: 'head', args: ['-c', '20000000', '/dev/zero'], timeoutMs: 20_000 });
  assert.ok(end.stdout.length <= 1_200_000);
});
