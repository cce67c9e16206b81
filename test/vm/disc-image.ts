import { createCipheriv, createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from './host-command.js';
import { cache } from './paths.js';

export interface DiscRecipe {
  /** ISO 9660 volume label: capitals, digits and underscores, 32 at most. */
  readonly label: string;
  /** About how large the disc becomes, in bytes. */
  readonly bytes: number;
  /** Another seed, another content and another volume date. Default 1. */
  readonly seed?: number;
  /** Random data only in the first MiB of each 64 MiB, zeros between: for discs of DVD size. */
  readonly sparse?: boolean;
}

export interface DiscImage {
  readonly file: string;
  readonly label: string;
  readonly bytes: number;
  /** Sectors of 2048 bytes. */
  readonly sectors: number;
}

const mebibyte = 1024 * 1024;

/** A valid ISO 9660 image of one file with random content, the same for the same recipe; kept in the cache. */
export async function makeDisc(recipe: DiscRecipe): Promise<DiscImage> {
  const key = createHash('sha256').update(JSON.stringify(recipe)).digest('hex');
  const folder = join(cache, 'discs');
  const file = join(folder, `${recipe.label}-${key.slice(0, 12)}.iso`);
  if (!existsSync(file)) {
    await mkdir(folder, { recursive: true });
    const work = await mkdtemp(join(folder, 'make-'));
    try {
      await mkdir(join(work, 'tree'));
      await writeContent(join(work, 'tree', 'data.bin'), recipe, key);
      await master(work, recipe, key);
      await rename(join(work, 'disc.iso'), file);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  const { size } = await stat(file);
  return { file, label: recipe.label, bytes: size, sectors: size / 2048 };
}

async function writeContent(file: string, recipe: DiscRecipe, key: string): Promise<void> {
  const cipher = createCipheriv('aes-256-ctr', Buffer.from(key, 'hex'), Buffer.alloc(16));
  const zeros = Buffer.alloc(mebibyte);
  const handle = await open(file, 'w');
  try {
    const step = recipe.sparse ? 64 * mebibyte : mebibyte;
    for (let at = 0; at < recipe.bytes; at += step) {
      await handle.write(cipher.update(zeros.subarray(0, Math.min(mebibyte, recipe.bytes - at))), 0, null, at);
    }
    await handle.truncate(recipe.bytes);
  } finally {
    await handle.close();
  }
}

async function master(work: string, recipe: DiscRecipe, key: string): Promise<void> {
  // A date of its own per recipe: the volume date is the filesystem's UUID, and no two real discs share one.
  const seconds = Number.parseInt(key.slice(0, 7), 16);
  const date = new Date(seconds * 1000).toISOString().replace(/\D/g, '').slice(0, 16);
  const output = join(work, 'disc.iso');
  const options = ['-quiet', '-R', '-V', recipe.label, `--modification-date=${date}`, '-iso-level', '3'];
  await mustRun('xorriso', ['-as', 'mkisofs', ...options, '-o', output, join(work, 'tree')]);
  if (recipe.sparse) await mustRun('fallocate', ['--dig-holes', output]);
}
