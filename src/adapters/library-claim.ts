import { readFile, readlink, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Fault } from '../core/fault.js';
import { fileFault, isMissing, libraryPlace, writeDurably } from './library-files.js';
import { ownFolder } from './library-layout.js';

/**
 * `<library>/.disk2iso/station`: which station works on this library, from the opening of its catalog to the closing.
 * A file that names a process, not a lock that is held: that would keep the library from being unmounted, and could
 * not be relied on over a network. After a crash it stays, and is seen through where that process is gone.
 */
interface Claim {
  readonly catalog: string;
  readonly host: string;
  /** Empty where there is none. */
  readonly machine: string;
  readonly boot: string;
  /** The namespace in which `pid` counts. */
  readonly namespace: string;
  readonly pid: number;
  /** Clock ticks after boot, so that a number given out again is told apart. */
  readonly started: string;
}

export const claimPath = (library: string): string => join(ownFolder(library), 'station');

/** Notes that this process works on the library from now on. */
export async function claimLibrary(library: string, catalog: string): Promise<void> {
  await writeDurably(claimPath(library), `${JSON.stringify({ catalog, ...(await thisProcess()) })}\n`);
}

/** Takes this process's own claim back; that of another stays. */
export async function releaseLibrary(library: string): Promise<void> {
  const claim = await readClaim(library);
  const me = await thisProcess();
  if (claim?.pid !== me.pid || claim.started !== me.started || claim.boot !== me.boot) return;
  await rm(claimPath(library), { force: true });
}

/**
 * Throws Fault library_unwritable where a station with another catalog works on this library, or may. `catalog`: one's
 * own, null where it is lost; whoever has that one open is kept apart by its own lock.
 */
export async function checkClaim(library: string, catalog: string | null): Promise<void> {
  const claim = await readClaim(library);
  if (claim === null || claim.catalog === catalog) return;
  const life = await lifeOf(claim);
  if (life === 'gone') return;
  const advice = 'give this one a library of its own';
  const message =
    life === 'runs'
      ? `The library ${library} is in use by another station (process ${claim.pid} on ${claim.host}): stop that one, or ${advice}.`
      : `The library ${library} belongs to a station on ${claim.host}, and whether it still runs cannot be told from here: ${advice}, or make sure that it does not run and remove ${claimPath(library)}.`;
  throw new Fault('library_unwritable', message, { retry: 'later' });
}

async function lifeOf(claim: Claim): Promise<'runs' | 'gone' | 'unknown'> {
  const me = await thisProcess();
  if (claim.boot !== me.boot) return claim.machine !== '' && claim.machine === me.machine ? 'gone' : 'unknown';
  if (claim.namespace !== me.namespace) return 'unknown';
  if (claim.pid === me.pid) return 'gone'; // what this process has open it has closed, or it names one before it
  try {
    return (await startOf(claim.pid)) === claim.started ? 'runs' : 'gone';
  } catch {
    return exists(claim.pid) ? 'unknown' : 'gone'; // /proc may hide the processes of others
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function thisProcess(): Promise<Omit<Claim, 'catalog'>> {
  return {
    host: hostname(),
    machine: await readFile('/etc/machine-id', 'utf8').then(
      (text) => text.trim(),
      () => '',
    ),
    boot: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
    namespace: await readlink('/proc/self/ns/pid'),
    pid: process.pid,
    started: await startOf(process.pid),
  };
}

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)); the name before it may hold anything, spaces and brackets too. */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** Null where there is none, or nothing that can be understood. */
async function readClaim(library: string): Promise<Claim | null> {
  let text: string;
  try {
    text = await readFile(claimPath(library), 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileFault(error, libraryPlace, 'it is looked up whose it is');
  }
  try {
    const claim = JSON.parse(text) as Partial<Claim> | null;
    return typeof claim?.catalog === 'string' && Number.isSafeInteger(claim.pid) ? (claim as Claim) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
