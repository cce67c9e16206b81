import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Archive } from '../core/archive.js';
import { Fault, type FaultRecord, recordFault } from '../core/fault.js';
import { codeOf, exists } from './library-files.js';
import { trashRoot } from './library-layout.js';
import { parseManifest, parseTrashedManifest } from './manifest.js';

export type FoundManifest =
  | { readonly archive: Archive }
  /** `path` is below the library. */
  | { readonly path: string; readonly fault: FaultRecord };

/** A million bad ranges; beyond that it is no manifest. */
const longestBytes = 256 * 1024 * 1024;

const readAtOnce = 16;

/**
 * Every manifest of the trash, then every `*.iso.json` below the library, folder by folder in the order of names. Links
 * are not followed. What was on its way into the trash or out of it is found in both, and the trash counts.
 */
export async function* readManifests(library: string): AsyncGenerator<FoundManifest> {
  if (await exists(trashRoot(library))) yield* readFolder(library, '.disk2iso/trash', parseTrashedManifest);
  yield* readFolder(library, '', parseManifest);
}

type Parse = typeof parseManifest;
/** Where what comes back from the trash is made ready. */
const restoring = /^\.disk2iso\/trash\/[^/]+\/final$/;

async function* readFolder(library: string, below: string, parse: Parse): AsyncGenerator<FoundManifest> {
  const folder = join(library, below);
  let entries: { readonly name: string; isDirectory(): boolean; isFile(): boolean }[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    yield { path: below === '' ? '.' : below, fault: unreadable(error) };
    return;
  }
  const pathOf = ({ name }: { readonly name: string }) => (below === '' ? name : `${below}/${name}`);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const manifests = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.iso.json')).map(pathOf);
  for (let done = 0; done < manifests.length; done += readAtOnce) {
    yield* await Promise.all(
      manifests.slice(done, done + readAtOnce).map((path) => readManifest(library, path, parse)),
    );
  }
  for (const path of entries.filter((entry) => entry.isDirectory()).map(pathOf)) {
    if (path !== '.disk2iso' && !restoring.test(path)) yield* readFolder(library, path, parse);
  }
}

async function readManifest(library: string, path: string, parse: Parse): Promise<FoundManifest> {
  try {
    const file = await open(join(library, path), 'r');
    try {
      return { archive: parse(await readBounded(file), path.slice(0, -'.json'.length)) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!(error instanceof Fault) && codeOf(error) === '') throw error;
    return { path, fault: unreadable(error) };
  }
}

async function readBounded(file: FileHandle): Promise<string> {
  const { size } = await file.stat();
  if (size > longestBytes) throw new Fault('io_error', `With ${size} bytes it is too large for a manifest.`);
  return file.readFile('utf8');
}

function unreadable(error: unknown): FaultRecord {
  if (error instanceof Fault) return recordFault(error);
  const message = `It cannot be read (${(error as Error).message}); check its permissions and the disk.`;
  return { code: 'io_error', message, retry: 'later' };
}
