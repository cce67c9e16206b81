import { link, lstat, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault } from '../core/fault.js';
import { codeOf, exists, isMissing } from './library-files.js';

/** How a file gets a second name; another may be given where a filesystem without hard links is to be tried. */
export type Link = (from: string, to: string) => Promise<void>;

/**
 * Gives a finished file its final name without ever replacing anything, and may be repeated: a name that is this
 * very file already, or a small file with the same content, is as it should be. `from` may still exist afterwards.
 *
 * link() fails where the name exists, which rename() does not; Node has no rename that would. FAT, exFAT and some
 * network filesystems have no hard links: there the name is looked for first. Names are given by one daemon, one at
 * a time, so only a foreign program that creates the same name within that instant could lose its file.
 *
 * Throws Fault state_conflict where something else has the name.
 */
export async function placeFile(from: string, to: string, makeLink: Link = link): Promise<void> {
  try {
    await makeLink(from, to);
    return;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return checkSame(from, to);
    if (code === 'EXDEV') {
      const message = `${dirname(to)} lies on another filesystem than the library: mount one filesystem over all of it.`;
      throw new Fault('library_unwritable', message, { retry: 'later', cause: error });
    }
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw error;
  }
  if (await nameExists(to)) await checkSame(from, to);
  else await rename(from, to);
}

async function nameExists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

const smallBytes = 64 * 1024 * 1024;

async function checkSame(from: string, to: string): Promise<void> {
  const [mine, there] = await Promise.all([stat(from), lstat(to)]);
  if (there.isFile()) {
    if (mine.ino === there.ino && mine.dev === there.dev) return;
    const small = mine.size === there.size && mine.size <= smallBytes;
    // Never true of two images: what is compared in full are checksum files, maps and manifests.
    if (small && !to.endsWith('.iso') && (await readFile(from)).equals(await readFile(to))) return;
  }
  throw new Fault('state_conflict', `${to} has appeared in the library meanwhile and is not replaced: move it away.`, {
    retry: 'later',
  });
}

export async function removeFile(path: string): Promise<void> {
  if (await exists(path)) await unlink(path);
}
