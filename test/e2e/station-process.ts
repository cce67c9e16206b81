import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
export const program = join(root, 'dist', 'src', 'main.js');

// biome-ignore lint/suspicious/noExplicitAny: tests read JSON answers whose shape the schema tests hold
export type Json = any;

export interface StationOptions {
  /** YAML laid over the small default file, by top-level key. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Makes ddrescue see these byte ranges as bad, or slows it to this many bytes a second: a wrapper on PATH. */
  readonly ddrescue?: { readonly badMap?: string; readonly rate?: number };
  /** An existing folder that becomes the library, a small filesystem for instance. */
  readonly library?: string;
}

const stations = new WeakMap<TestContext, StationProcess[]>();
const daemons = new Set<ChildProcess>();

/**
 * All daemons of a test end before the first of its folders goes: one may work in another's library, and the runner
 * skips the hooks behind one that fails, so that a daemon would stay and the run would never end.
 */
function cleanUpAfter(t: TestContext, station: StationProcess): void {
  const known = stations.get(t);
  if (known !== undefined) {
    known.push(station);
    return;
  }
  const all = [station];
  stations.set(t, all);
  t.after(async () => {
    await Promise.all(all.map((one) => one.kill()));
    // what a killed daemon has started (ddrescue) ends a moment later
    for (const { folder } of all) await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  });
}

// Nor does a daemon outlive a test file that is ended from outside, when its time is up for instance.
process.once('exit', () => {
  for (const daemon of daemons) daemon.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** A real daemon in a folder of its own, driven as a person would: files, the socket, signals. */
export class StationProcess {
  readonly folder: string;
  readonly inbox: string;
  readonly library: string;
  readonly configFile: string;
  readonly socket: string;
  output = '';
  private child: ChildProcess | null = null;

  private constructor(folder: string, library: string) {
    this.folder = folder;
    this.inbox = join(folder, 'inbox');
    this.library = library;
    this.configFile = join(folder, 'config.yaml');
    this.socket = join(folder, 'd.sock');
  }

  /** Lays out the folders and the file; the daemon is not started yet. Everything goes when the test ends. */
  static async prepare(t: TestContext, options: StationOptions = {}): Promise<StationProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'station-'));
    const station = new StationProcess(folder, options.library ?? join(folder, 'library'));
    cleanUpAfter(t, station);
    await mkdir(station.inbox);
    await station.setDdrescue(options.ddrescue ?? {});
    await station.configure(options.config ?? {});
    return station;
  }

  static async start(t: TestContext, options: StationOptions = {}): Promise<StationProcess> {
    const station = await StationProcess.prepare(t, options);
    await station.launch();
    return station;
  }

  async setDdrescue({ badMap, rate }: NonNullable<StationOptions['ddrescue']>): Promise<void> {
    const words = ['exec', '/usr/bin/ddrescue'];
    if (badMap !== undefined) {
      await writeFile(join(this.folder, 'bad.map'), badMap);
      words.push('-H', join(this.folder, 'bad.map'));
    }
    if (rate !== undefined) words.push('-Z', String(rate));
    await mkdir(join(this.folder, 'bin'), { recursive: true });
    await writeFile(join(this.folder, 'bin', 'ddrescue'), `#!/bin/sh\n${words.join(' ')} "$@"\n`);
    await chmod(join(this.folder, 'bin', 'ddrescue'), 0o755);
  }

  async configure(overrides: Readonly<Record<string, unknown>>): Promise<void> {
    const file = {
      apiVersion: 'disk2iso/v1',
      storage: { library: this.library, state: './state', warn_at: '99.8%', stop_at: '99.9%' },
      drives: [{ name: 'inbox', folder: './inbox' }],
      api: { listen: false, socket: this.socket },
      ...overrides,
    };
    // JSON is YAML; what is tested of YAML itself is tested with config files as people write them
    await this.writeConfig(`${JSON.stringify(file, null, 2)}\n`);
  }

  async writeConfig(text: string): Promise<void> {
    await writeFile(`${this.configFile}.new`, text);
    await rename(`${this.configFile}.new`, this.configFile);
  }

  /** Starts the daemon and waits until it answers; `ready: false` does not wait for the first pass to be well. */
  async launch({
    ready = true,
    args = [],
  }: {
    readonly ready?: boolean;
    readonly args?: readonly string[];
  } = {}): Promise<void> {
    const env = { ...process.env, PATH: `${join(this.folder, 'bin')}${delimiter}${process.env.PATH}` };
    this.child = spawn(process.execPath, [program, 'daemon', '--config', this.configFile, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const child = this.child;
    daemons.add(child);
    child.once('exit', () => daemons.delete(child));
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', (data) => (this.output += data));
    await this.until(async () => {
      if (this.child === null || this.child.exitCode !== null)
        throw new Error(`the daemon ended early:\n${this.output}`);
      const { status } = await this.get(ready ? '/readyz' : '/healthz');
      return status === 200;
    });
  }

  get pid(): number {
    assert.ok(this.child?.pid !== undefined);
    return this.child.pid;
  }

  /** Sends a signal and waits for the end; resolves to the exit status or the signal's name. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    const child = this.child;
    assert.ok(child !== null);
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await ended;
    }
    this.child = null;
    return child.exitCode ?? child.signalCode ?? 'unknown';
  }

  async kill(): Promise<void> {
    if (this.child !== null) await this.stop('SIGKILL');
  }

  /** One request over the unix socket. */
  get(
    path: string,
    init: { readonly method?: string; readonly body?: unknown; readonly headers?: Record<string, string> } = {},
  ) {
    return new Promise<{ status: number; body: Json; text: string }>((resolve, reject) => {
      const body = init.body === undefined ? undefined : JSON.stringify(init.body);
      const headers = { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...init.headers };
      const call = request(
        { socketPath: this.socket, path, method: init.method ?? 'GET', headers, agent: false },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (data) => (text += data));
          answer.on('error', reject);
          answer.on('end', () => {
            const isJson = answer.headers['content-type']?.includes('json');
            resolve({ status: answer.statusCode ?? 0, body: isJson ? JSON.parse(text) : null, text });
          });
        },
      );
      call.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET')
          resolve({ status: 0, body: null, text: '' });
        else reject(error);
      });
      call.end(body);
    });
  }

  async jobs(): Promise<Json[]> {
    const { body } = await this.get('/api/v1/jobs?limit=200');
    return body?.jobs ?? [];
  }

  async archives(): Promise<Json[]> {
    const { body } = await this.get('/api/v1/archives?limit=200');
    return body?.archives ?? [];
  }

  async events(type: string): Promise<Json[]> {
    const { body } = await this.get('/api/v1/logs?limit=500');
    return (body?.events ?? []).filter((entry: Json) => entry.type === type);
  }

  /** Waits for a condition, at most `seconds`; says what was there instead when it never comes. */
  async until<Result>(look: () => Promise<Result | false | null | undefined>, seconds = 120): Promise<Result> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const found = await look();
      if (found) return found;
      if (Date.now() > deadline) {
        const jobs = JSON.stringify(await this.jobs(), null, 1).slice(0, 3000);
        throw new Error(`waited ${seconds} s in vain for ${look}\njobs: ${jobs}\n${this.output.slice(-3000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** The first job with this name in one of these states. */
  jobIn(name: string, ...statuses: string[]): Promise<Json> {
    return this.until(async () =>
      (await this.jobs()).find((job) => job.name === name && statuses.includes(job.status)),
    );
  }

  /** Copies beside the inbox, then renames: the file lands at once. */
  async drop(source: string, name: string): Promise<void> {
    const landing = join(this.folder, `landing-${name.length}-${Date.now()}`);
    await copyFile(source, landing);
    await rename(landing, join(this.inbox, name));
  }

  /** Runs the CLI against this station. */
  cli(...args: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
    return spawnSync(process.execPath, [program, ...args, '--socket', this.socket], { encoding: 'utf8' });
  }
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** An ISO 9660 image with one file of `megabytes` that differ by `seed`. */
export async function makeIso(
  folder: string,
  name: string,
  label: string,
  megabytes: number,
  seed = 1,
): Promise<string> {
  const content = await mkdtemp(join(folder, 'content-'));
  const block = Buffer.alloc(1024 * 1024);
  const file = join(content, 'data.bin');
  for (let i = 0; i < megabytes; i += 1) {
    for (let at = 0; at < block.length; at += 8)
      block.writeBigUInt64LE(BigInt(seed) * 1_000_003n + BigInt(i * block.length + at) * 2_654_435_761n, at);
    await writeFile(file, block, { flag: 'a' });
  }
  const image = join(folder, name);
  const { status, stderr } = spawnSync('xorriso', ['-as', 'mkisofs', '-quiet', '-V', label, '-o', image, content], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  await rm(content, { recursive: true });
  return image;
}

/** The manifest beside an archive. */
export async function manifestOf(station: StationProcess, path: string): Promise<Json> {
  return JSON.parse(await readFile(join(station.library, `${path}.json`), 'utf8'));
}
