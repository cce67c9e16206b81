/**
 * `npm run bench [-- --size MIB --rounds N --folder FOLDER]`: how long a whole imaging takes, as ratios to the programs
 * people use now. All run in turns over the same cached source on the same filesystem; the medians are compared.
 */
import { execFileSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { adapters, type Contestant, dc3dd, oneAfterTheOther, opensslMd5, type Timing } from './contestants.js';
import { daemon } from './daemon.js';
import { printStationFigures } from './station-figures.js';
import { printUpkeepFigures } from './upkeep-figures.js';

const mebibyte = 1024 * 1024;

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '2048' },
    rounds: { type: 'string', default: '3' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const sizeBytes = Number(values.size) * mebibyte;
const rounds = Number(values.rounds);

async function writeSource(path: string): Promise<void> {
  const handle = await open(path, 'w');
  const chunk = Buffer.alloc(8 * mebibyte);
  for (let written = 0; written < sizeBytes; ) {
    randomFillSync(chunk);
    const { bytesWritten } = await handle.write(chunk, 0, Math.min(chunk.length, sizeBytes - written));
    written += bytesWritten;
  }
  await handle.sync();
  await handle.close();
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', 'command -v "$0"', program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const median = (figures: readonly number[]): number =>
  [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;

async function measure(contestants: readonly Contestant[]): Promise<Map<Contestant, Timing[]>> {
  const base = await mkdtemp(join(values.folder, 'disk2iso-bench-'));
  const timings = new Map<Contestant, Timing[]>(contestants.map((one) => [one, []]));
  try {
    const source = join(base, 'source.iso');
    await writeSource(source);
    for (let round = 0; round < rounds; round += 1) {
      for (const contestant of contestants) {
        const folder = join(base, 'run');
        await mkdir(folder);
        const timing = await contestant.run(source, sizeBytes, folder);
        await rm(folder, { recursive: true });
        timings.get(contestant)?.push(timing);
        console.error(`round ${round + 1}: ${(timing.ms / 1000).toFixed(2)} s ${contestant.name}`);
      }
    }
  } finally {
    await rm(base, { recursive: true, force: true });
  }
  return timings;
}

/** What is promised of the daemon's whole job. */
const limits = new Map<Contestant, number>([
  [dc3dd, 0.7],
  [opensslMd5, 1.4],
]);
const peakLimitBytes = 150 * 1e6;

function print(timings: ReadonlyMap<Contestant, readonly Timing[]>, subject: Contestant, others: Contestant[]): void {
  const seconds = (one: Contestant): number => median((timings.get(one) ?? []).map(({ ms }) => ms / 1000));
  const peak = Math.max(...(timings.get(subject) ?? []).map(({ peakBytes }) => peakBytes ?? 0));
  console.log(`\n${subject.name}: ${seconds(subject).toFixed(2)} s, at most ${(peak / 1e6).toFixed(0)} MB of memory`);
  if (peak > peakLimitBytes) console.log(`  OVER the ${peakLimitBytes / 1e6} MB it may take`);
  for (const other of others) {
    const ratio = seconds(subject) / seconds(other);
    const limit = limits.get(other);
    const verdict = limit === undefined ? '' : `, ${ratio <= limit ? 'within' : 'OVER'} ${limit.toFixed(2)}`;
    console.log(`  ${ratio.toFixed(2)} of ${other.name} (${seconds(other).toFixed(2)} s)${verdict}`);
  }
}

const subjects: Contestant[] = [daemon, adapters];
const rivals: Contestant[] = [];
for (const rival of [dc3dd, oneAfterTheOther, opensslMd5]) {
  const missing = rival.needs.filter((program) => !isInstalled(program));
  if (missing.length === 0) rivals.push(rival);
  else console.error(`left out: ${rival.name}, for want of ${missing.join(' and ')} (apt-get install)`);
}
console.log(`A disc of ${sizeBytes / mebibyte} MiB with md5 and sha256, median of ${rounds} in turns:`);
const timings = await measure([...subjects, ...rivals]);
for (const subject of subjects) print(timings, subject, rivals);
await printStationFigures();
await printUpkeepFigures();
