import { createHash, randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../core/fault.js';
import {
  codeOf,
  exists,
  fileFault,
  isMissing,
  libraryPlace,
  makeFolder,
  syncFolder,
  writeDurably,
} from './library-files.js';
import { ownFolder } from './library-layout.js';
import { identifyThisProcess, lifeOf, type ProcessIdentity } from './process-identity.js';

/**
 * `<library>/.disk2iso/claim/station`: which station works on this library, from the opening of its catalog to the
 * closing. A file that names a process, not a lock that is held: that would keep the library from being unmounted, and
 * could not be relied on over a network. After a crash it stays, and is seen through where that process is gone.
 *
 * Of those who come at once one gets it. A claim is made beside and its folder renamed, which fails, on every
 * filesystem, where a folder with something in it has the name. The claim of a process that is gone is renamed first,
 * to a name made of its content: only one can do that, and it stays there, so that nobody who has looked at it takes
 * the claim that came after it away.
 */
interface Claim extends ProcessIdentity {
  /** The station's token, see station-token.ts; empty where none is told. */
  readonly station: string;
}

interface FoundClaim {
  readonly text: string;
  /** One claim's own, as everybody sees it. */
  readonly mark: string;
  /** Null where nothing can be understood. */
  readonly claim: Claim | null;
}

export const claimFolder = (library: string): string => join(ownFolder(library), 'claim');
export const claimPath = (library: string): string => join(claimFolder(library), 'station');

const mostTries = 100;
/** Longer than anybody takes between a look at a claim and what follows from it. */
const leftoversKeptMs = 10 * 60_000;

/**
 * This process works on the library from now on; to be said as often as one likes. `station`: one's own token. Whoever
 * claims holds the lock of the state folder that the token is of: a claim with it that is not seen to be alive was
 * left by one that has ended.
 * Throws Fault library_unwritable where another station works on this library, or may; and what writing there throws.
 */
export async function claimLibrary(library: string, station: string, keptMs = leftoversKeptMs): Promise<void> {
  const text = `${JSON.stringify({ station, ...(await identifyThisProcess()) })}\n`;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const found = await readClaim(library);
    const life = await lifeOfClaim(found);
    if (life === 'self') return writeDurably(claimPath(library), text);
    if (found !== null) {
      const isOwn = life === 'unknown' && found.claim?.station === station;
      if (life !== 'gone' && !isOwn) throw inUse(library, found.claim, life);
      await putAside(library, found);
    }
    if (await place(library, text)) return clearLeftovers(library, keptMs);
  }
  const message = `The library ${library} cannot be claimed: see what lies in ${claimFolder(library)}, and remove it.`;
  throw new Fault('library_unwritable', message, { retry: 'later' });
}

/** Takes this process's own claim back; that of another stays. */
export async function releaseLibrary(library: string): Promise<void> {
  if ((await lifeOfClaim(await readClaim(library))) !== 'self') return;
  const ended = besideOf(library);
  await rename(claimFolder(library), ended);
  await rm(ended, { recursive: true, force: true });
}

/**
 * Throws Fault library_unwritable where another station works on this library, or may; whoever has the same state
 * folder is kept apart by its lock. Nothing is claimed.
 */
export async function checkClaim(library: string, station: string): Promise<void> {
  const found = await readClaim(library);
  if (found === null || found.claim?.station === station) return;
  const life = await lifeOfClaim(found);
  if (life === 'runs' || life === 'unknown') throw inUse(library, found.claim, life);
}

/** What cannot be understood was left by nobody. */
async function lifeOfClaim(found: FoundClaim | null): Promise<Awaited<ReturnType<typeof lifeOf>>> {
  return found === null || found.claim === null ? 'gone' : lifeOf(found.claim);
}

function inUse(library: string, claim: Claim | null, life: 'runs' | 'unknown'): Fault {
  const advice = 'give this one a library of its own';
  const message =
    life === 'runs'
      ? `The library ${library} is in use by another station (process ${claim?.pid} on ${claim?.host}): stop that one, or ${advice}.`
      : `The library ${library} belongs to a station on ${claim?.host}, and whether it still runs cannot be told from here: ${advice}, or make sure that it does not run and remove ${claimFolder(library)}.`;
  return new Fault('library_unwritable', message, { retry: 'later' });
}

const besideOf = (library: string): string => `${claimFolder(library)}.${randomBytes(8).toString('hex')}`;

/** Returns whether the claim is there now; false where there is one, which has to be looked at. */
async function place(library: string, text: string): Promise<boolean> {
  const beside = besideOf(library);
  try {
    await makeFolder(beside);
    await writeDurably(join(beside, 'station'), text);
    await rename(beside, claimFolder(library));
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    // Network filesystems have other words for it, or lose the answer to a rename that was done.
    if (isFilled(error) || (await exists(claimPath(library)))) return false;
    throw error;
  }
  await syncFolder(ownFolder(library));
  return true;
}

/** Takes the claim of one that is gone out of the way, unless another has done so already. */
async function putAside(library: string, { text, mark }: FoundClaim): Promise<void> {
  const folder = claimFolder(library);
  const aside = `${folder}.gone-${mark}`;
  try {
    await rename(folder, aside);
  } catch (error) {
    if (isMissing(error) || isFilled(error)) return;
    throw error;
  }
  try {
    if ((await readFile(join(aside, 'station'), 'utf8')) === text) return;
    // Looked at so long ago that what had been put aside was cleared away since: it is another's claim.
    await rename(aside, folder);
  } catch (error) {
    // Cleared away by now, or claimed anew: the next look shows whose it is.
    if (!isMissing(error) && !isFilled(error)) throw error;
  }
}

/** Removes what crashes left, once nobody can be about to use it. What cannot be removed is in nobody's way. */
async function clearLeftovers(library: string, keptMs: number): Promise<void> {
  const own = ownFolder(library);
  try {
    const { ctimeMs: now } = await stat(claimFolder(library)); // by the clock of the library's own computer
    for (const name of await readdir(own)) {
      if (!/^claim\.(gone-)?[0-9a-f]{16}$/.test(name)) continue;
      const path = join(own, name);
      if (now - (await stat(path)).ctimeMs >= keptMs) await rm(path, { recursive: true, force: true });
    }
  } catch (error) {
    if (codeOf(error) === '') throw error;
  }
}

/** What rename() says where a folder with something in it has the name. */
const isFilled = (error: unknown): boolean => ['ENOTEMPTY', 'EEXIST'].includes(codeOf(error));

/** Null where there is none. */
async function readClaim(library: string): Promise<FoundClaim | null> {
  let text: string;
  let mark: string;
  try {
    const file = await open(claimPath(library), 'r');
    try {
      const { mtimeMs } = await file.stat();
      text = await file.readFile('utf8');
      mark = createHash('sha256').update(`${mtimeMs}\n${text}`).digest('hex').slice(0, 16);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileFault(error, libraryPlace, 'it is looked up whose it is');
  }
  return { text, mark, claim: parseClaim(text) };
}

function parseClaim(text: string): Claim | null {
  try {
    const claim = JSON.parse(text) as Partial<Claim> | null;
    if (typeof claim?.boot !== 'string' || !Number.isSafeInteger(claim.pid)) return null;
    return { station: '', ...(claim as ProcessIdentity) };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
