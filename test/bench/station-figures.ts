/** What a station costs while nothing goes on, and how that grows with the archive. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openCatalog } from '../../src/adapters/level-catalog-open.js';
import type { Archive } from '../../src/core/archive.js';
import { createArchiveId, createJobId } from '../../src/core/ids.js';
import { sampleArchive, sampleDisc } from '../core/samples.js';

const program = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: console.error };
const batch = 500;

export function archiveNumber(n: number): Archive {
  const at = 1_700_000_000_000 + n * 1000;
  const random = new Uint8Array([n & 31, (n >> 5) & 31, (n >> 10) & 31, (n >> 15) & 31, 0, 0, 0, 0, 0, 0]);
  return sampleArchive({
    id: createArchiveId(at, random),
    jobId: createJobId(at, random),
    path: `dvd/DISC_${n}.iso`,
    finishedAt: at,
    disc: sampleDisc({ fingerprint: { structure: `disc-${n}`, samples: [] } }),
  });
}

/** A station's folders with `count` archives in the catalog. */
async function prepare(folder: string, count: number): Promise<void> {
  const [library, state] = [join(folder, 'library'), join(folder, 'state')];
  for (const name of [library, join(library, '.disk2iso'), state, join(folder, 'inbox')]) await mkdir(name);
  const config = {
    apiVersion: 'disk2iso/v1',
    storage: { library, state, warn_at: '99.8%', stop_at: '99.9%' },
    drives: [{ name: 'inbox', folder: './inbox' }],
    api: { listen: false, socket: join(folder, 'd.sock') },
  };
  await writeFile(join(folder, 'config.yaml'), JSON.stringify(config));
  const clock = { now: Date.now, monotonic: () => performance.now() };
  const catalog = await openCatalog({ state, library, clock, log: silent, outboxFor: () => [] });
  for (let n = 0; n < count; n += batch) {
    const size = Math.min(batch, count - n);
    await catalog.commit({ archives: Array.from({ length: size }, (_, index) => archiveNumber(n + index)) });
  }
  await catalog.close();
}

function ask(
  folder: string,
  path: string,
  method: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve) => {
    const call = request({ socketPath: join(folder, 'd.sock'), path, method }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    call.on('error', () => resolve({ status: 0, text: '' })).end();
  });
}

const get = async (folder: string, path: string): Promise<number> => (await ask(folder, path, 'GET')).status;

/** Starts the daemon; milliseconds from there to ready. */
async function launch(folder: string): Promise<{ readonly child: ChildProcess; readonly readyMs: number }> {
  const from = performance.now();
  const child = spawn(process.execPath, [program, 'daemon', '--config', join(folder, 'config.yaml')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  while ((await get(folder, '/readyz')) !== 200) {
    if (child.exitCode !== null || performance.now() - from > 120_000) throw new Error('the daemon did not get ready');
    await wait(10);
  }
  return { child, readyMs: performance.now() - from };
}

export const median = (figures: number[]): number =>
  figures.sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;

/** Median milliseconds of `GET path`, after some to warm up. */
async function timeOf(folder: string, path: string): Promise<number> {
  const figures: number[] = [];
  for (let round = 0; round < 60; round += 1) {
    const from = performance.now();
    await get(folder, path);
    if (round >= 10) figures.push(performance.now() - from);
  }
  return median(figures);
}

/** Median milliseconds of a pass, as the daemon's own metric tells it. */
async function timeOfPass(folder: string): Promise<number> {
  const figures: number[] = [];
  for (let round = 0; round < 30; round += 1) {
    await ask(folder, '/-/wake', 'POST');
    await wait(100);
    const { text } = await ask(folder, '/metrics', 'GET');
    const seconds = Number(/^disk2iso_last_pass_seconds (\S+)$/m.exec(text)?.[1]);
    if (round >= 5) figures.push(seconds * 1000);
  }
  return median(figures);
}

/** CPU seconds of a process so far: proc(5), stat, fields 14 and 15 in hundredths. */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

interface Figures {
  readonly readyMs: number;
  readonly archivesMs: number;
  readonly passMs: number;
  readonly idlePercent: number;
}

async function figuresOf(count: number, idleSeconds: number): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'disk2iso-figures-'));
  try {
    await prepare(folder, count);
    const { child, readyMs } = await launch(folder);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      const archivesMs = await timeOf(folder, '/api/v1/archives?limit=50');
      const passMs = await timeOfPass(folder);
      const before = await cpuSeconds(child.pid ?? 0);
      await wait(idleSeconds * 1000);
      const idlePercent = (((await cpuSeconds(child.pid ?? 0)) - before) / idleSeconds) * 100;
      return { readyMs, archivesMs, passMs, idlePercent };
    } finally {
      child.kill();
      await ended;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Prints the figures of a small and a large archive. */
export async function printStationFigures(): Promise<void> {
  const few = await figuresOf(100, 60);
  const many = await figuresOf(100_000, 5);
  console.log('\nA station at rest:');
  console.log(`  ready ${(few.readyMs / 1000).toFixed(2)} s after its start (wanted: under 1 s)`);
  console.log(`  ${few.idlePercent.toFixed(2)} % of a core while nothing goes on (wanted: under 1 %)`);
  console.log(
    `  GET archives?limit=50 with 100,000 archives: ${(many.archivesMs / few.archivesMs).toFixed(2)} of that with 100 (wanted: at most 2)`,
  );
  const pass = (many.passMs / few.passMs).toFixed(2);
  console.log(`  a pass with 100,000 archives: ${pass} of one with 100 (wanted: at most 2)`);
}
