import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigHistory, Generation } from '../core/config-history.js';
import { Fault } from '../core/fault.js';

const kept = 10;
const fileName = (generation: number): string => `${String(generation).padStart(8, '0')}.json`;

/** Generations as one JSON file each in `folder`, written whole or not at all. */
export function createConfigHistory(folder: string): ConfigHistory {
  async function names(): Promise<string[]> {
    try {
      return (await readdir(folder)).filter((name) => /^\d{8}\.json$/.test(name)).sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw unwritable(folder, error);
    }
  }

  return {
    async list() {
      const found: Generation[] = [];
      for (const name of (await names()).reverse()) {
        const generation = parse(await readText(join(folder, name)));
        if (generation !== null) found.push(generation);
      }
      return found;
    },
    async append(generation) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o750 });
        const path = join(folder, fileName(generation.generation));
        const file = await open(`${path}.new`, 'w', 0o640);
        try {
          await file.writeFile(`${JSON.stringify({ v: 1, ...generation })}\n`);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(`${path}.new`, path);
      } catch (error) {
        throw unwritable(folder, error);
      }
      for (const old of (await names()).slice(0, -kept)) await rm(join(folder, old), { force: true });
    },
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // removed meanwhile, or damaged: no generation either way
    return '';
  }
}

/** A file cut off by a power failure is no generation. */
function parse(text: string): Generation | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('v' in value) || value.v !== 1) return null;
    const { v, ...generation } = value as { v: 1 } & Generation;
    return Number.isSafeInteger(generation.generation) && Array.isArray(generation.snapshot?.files) ? generation : null;
  } catch {
    return null;
  }
}

function unwritable(folder: string, error: unknown): Fault {
  const code = (error as NodeJS.ErrnoException).code === 'ENOSPC' ? 'no_space' : 'io_error';
  const message = `The state folder cannot be written (${folder}: ${(error as Error).message}); check its disk and owner.`;
  return new Fault(code, message, { retry: 'later', cause: error });
}
