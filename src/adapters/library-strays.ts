import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './library-files.js';

/**
 * Every file below the library but the daemon's own, folder by folder in the order of names, as paths below it. Links
 * are named, not followed. Folders that cannot be read are left out: what they hold is not known to be stray.
 */
export async function* walkLibrary(library: string, below = ''): AsyncGenerator<string> {
  let entries: { readonly name: string; isDirectory(): boolean }[];
  try {
    entries = await readdir(join(library, below), { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === '') throw error;
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (!entry.isDirectory()) yield path;
    else if (path !== '.disk2iso' && path !== 'lost+found') yield* walkLibrary(library, path);
  }
}
