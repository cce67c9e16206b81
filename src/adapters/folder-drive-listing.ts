import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { type MediumKey, mediumKey } from '../core/ids.js';

/**
 * What counts as an image: sectors of 2048 bytes in one file. Left out on purpose: .bin (raw sectors of 2352 bytes,
 * with a .cue beside it), .nrg, .mdf, .dmg and .cso, which hold an image in a wrapping of their own.
 */
const imageExtensions = ['.iso', '.img', '.udf', '.cdr', '.toast'];

/** Beside `NAME`, a file `NAME.part` and the like says that a download has not ended. */
const partialExtensions = ['.part', '.partial', '.crdownload', '.download', '.filepart', '.aria2', '.tmp'];

/** File names are bytes; they are handled as Latin-1 text, one character a byte, until they are shown. */
export type RawName = string;

export const rawBytes = (name: RawName): Buffer => Buffer.from(name, 'latin1');

/** The path of an entry as bytes, as Node cannot say every file name in a string. */
export const entryPath = (folder: string, name: RawName): Buffer =>
  Buffer.concat([Buffer.from(`${folder}/`), rawBytes(name)]);

export const hasReadableName = (name: RawName): boolean => isUtf8(rawBytes(name));
export const shownName = (name: RawName): string => rawBytes(name).toString('utf8');

/** Hidden files are left alone: rsync and others collect under such names what they rename later. */
export function isImageName(name: RawName): boolean {
  const lower = name.toLowerCase();
  return !name.startsWith('.') && imageExtensions.some((extension) => lower.endsWith(extension));
}

export interface Candidate {
  readonly name: RawName;
  readonly stats: BigIntStats;
  readonly key: MediumKey;
  /** The download it belongs to goes on beside it under this name. */
  readonly partial: RawName | null;
}

export interface FolderListing {
  /** Regular files with an image's name: oldest first, then by name. */
  readonly candidates: readonly Candidate[];
  readonly ignored: readonly RawName[];
}

const atOnce = 32;

/** One readdir, and one lstat for each entry with an image's name. Rejects as readdir does. */
export async function listFolder(folder: string): Promise<FolderListing> {
  const names = (await readdir(folder, { encoding: 'buffer' })).map((name) => name.toString('latin1'));
  const all = new Set(names);
  const wanted = names.filter(isImageName);
  const candidates: Candidate[] = [];
  const ignored = names.filter((name) => !isImageName(name));
  for (let at = 0; at < wanted.length; at += atOnce) {
    const part = wanted.slice(at, at + atOnce);
    const stats = await Promise.all(part.map((name) => statEntry(folder, name)));
    part.forEach((name, index) => {
      const found = stats[index] ?? null;
      if (found?.isFile()) {
        const partial = partialExtensions.map((extension) => name + extension).find((other) => all.has(other));
        candidates.push({ name, stats: found, key: fileKey(folder, name, found), partial: partial ?? null });
      } else if (found !== null) {
        ignored.push(name);
      }
    });
  }
  return { candidates: candidates.sort(byAge), ignored };
}

function byAge(a: Candidate, b: Candidate): number {
  if (a.stats.mtimeNs !== b.stats.mtimeNs) return a.stats.mtimeNs < b.stats.mtimeNs ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

/** Links are not followed. Null where it is gone or cannot be looked at. */
export async function statEntry(folder: string, name: RawName): Promise<BigIntStats | null> {
  try {
    return await lstat(entryPath(folder, name), { bigint: true });
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
    return null;
  }
}

/**
 * Names one landing of one file. The change time makes it new whenever the file was replaced or written to, even
 * where size and modification time were kept; device and inode numbers are left out, as a restart or a remote
 * filesystem may change them.
 */
export function fileKey(folder: string, name: RawName, stats: BigIntStats): MediumKey {
  const where = createHash('sha256').update(entryPath(folder, name)).digest('hex').slice(0, 16);
  return mediumKey(`file:${where}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`);
}
