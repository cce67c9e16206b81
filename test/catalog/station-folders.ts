import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { LevelCatalogOptions } from '../../src/adapters/level-catalog.js';
import { openCatalog } from '../../src/adapters/level-catalog-open.js';
import { createLibrary } from '../../src/adapters/library.js';
import type { Archive } from '../../src/core/archive.js';
import { createArchiveId, createJobId } from '../../src/core/ids.js';
import type { Job, JobState } from '../../src/core/job.js';
import type { Clock, Log } from '../../src/core/ports.js';
import { sampleArchive, sampleJob } from '../core/samples.js';

export interface Logged {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

export function memoryLog(): Log & { readonly lines: Logged[] } {
  const lines: Logged[] = [];
  const add = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  return { lines, debug: add('debug'), info: add('info'), warn: add('warn'), error: add('error') };
}

export const realClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** A library and a state folder that go when the test ends. */
export async function stationFolders(t: TestContext, over: Partial<LevelCatalogOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'disk2iso-catalog-'));
  const mounts: string[] = [];
  t.after(async () => {
    for (const mount of mounts) spawnSync('umount', ['-l', mount]);
    await rm(folder, { recursive: true, force: true });
  });
  /** Mounts a filesystem of so many MiB; false where that is not allowed. */
  const mountSmall = async (kind: 'tmpfs' | 'ext4', at: string, size: number): Promise<boolean> => {
    await mkdir(at, { recursive: true });
    const image = join(folder, `${basename(at)}.img`);
    const commands =
      kind === 'tmpfs'
        ? [['mount', '-t', 'tmpfs', '-o', `size=${size}m`, 'tmpfs', at]]
        : [
            ['truncate', '-s', `${size}M`, image],
            ['mkfs.ext4', '-q', image],
            ['mount', '-o', 'loop', image, at],
          ];
    for (const [program = '', ...args] of commands) if (spawnSync(program, args).status !== 0) return false;
    mounts.push(at);
    return true;
  };
  const log = memoryLog();
  const options: LevelCatalogOptions = {
    state: join(folder, 'state'),
    library: join(folder, 'library'),
    clock: realClock,
    log,
    outboxFor: () => [],
    ...over,
  };
  await mkdir(options.library, { recursive: true });
  const library = createLibrary({ library: options.library, log });
  return { folder, options, log, library, mountSmall, open: () => openCatalog(options) };
}

let made = 0;
const random = (): Uint8Array => Uint8Array.from({ length: 10 }, () => Math.floor(Math.random() * 256));

/** A job of its own, later than all made before. */
export function newJob(state: JobState = { kind: 'queued' }, over: Partial<Job> = {}): Job {
  made += 1;
  return sampleJob(state, { id: createJobId(1_700_000_000_000 + made, random()), ...over });
}

export function newArchive(over: Partial<Archive> = {}): Archive {
  made += 1;
  const now = 1_700_000_000_000 + made;
  const id = createArchiveId(now, random());
  const checksums = { md5: 'd4'.repeat(16), sha256: '5a'.repeat(32) };
  return sampleArchive({ id, jobId: createJobId(now, random()), path: `dvd/${id}.iso`, checksums, ...over });
}
