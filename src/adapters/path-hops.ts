import { readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A name in a folder that is passed on the way to a file. */
export interface Hop {
  readonly folder: string;
  readonly name: string;
}

const mostLinks = 40;

/**
 * Every name passed on the way from `/` to an absolute path, symbolic links followed: what the path leads to changes
 * only if one of these does. Ends early at a name that does not exist.
 */
export async function pathHops(path: string): Promise<Hop[]> {
  const hops: Hop[] = [];
  const ahead = parts(path);
  let folder = '/';
  let links = 0;
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    if (name === '..') {
      folder = dirname(folder);
      continue;
    }
    hops.push({ folder, name });
    const here = join(folder, name);
    const target = await readLink(here);
    if (target === 'missing') break;
    if (target === 'no link') {
      folder = here;
      continue;
    }
    links += 1;
    if (links > mostLinks) break;
    if (target.path.startsWith('/')) folder = '/';
    ahead.unshift(...parts(target.path));
  }
  return hops;
}

const parts = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

async function readLink(path: string): Promise<{ path: string } | 'no link' | 'missing'> {
  try {
    return { path: await readlink(path) };
  } catch (error) {
    // EINVAL: there, but no link; anything else keeps everyone from going on, too
    return error instanceof Error && 'code' in error && error.code === 'EINVAL' ? 'no link' : 'missing';
  }
}
