import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import { openingFault } from './level-catalog-fault.js';

/** Held by one process at a time, and free again when it ends, however it does. */
export interface StateLock {
  release(): Promise<void>;
}

/**
 * Keeps two processes of one state folder apart, from before anything is looked at until all is closed: the catalog's
 * own lock is not there yet while it is made. The lock is that of an empty LevelDB, `<state>/lock`, which the kernel
 * takes back; it works across containers too.
 *
 * Throws Fault catalog_locked, permission_denied, no_space, io_error, catalog_damaged.
 */
export async function lockState(state: string): Promise<StateLock> {
  await mkdir(state, { recursive: true });
  const folder = join(state, 'lock');
  try {
    return await hold(folder);
  } catch (error) {
    const fault = await openingFault(error, folder, state);
    if (!isDamage(fault)) throw fault;
  }
  try {
    // There is nothing in it to lose. Its lock is taken for this and its file stays, so that nobody is passed by.
    await repairable.repair(folder);
    return await hold(folder);
  } catch (error) {
    throw await openingFault(error, folder, state);
  }
}

/** Its types leave out what browsers lack. */
const repairable = Level as unknown as { repair(folder: string): Promise<void> };

const isDamage = (fault: unknown): boolean => (fault as { code?: string }).code === 'catalog_damaged';

async function hold(folder: string): Promise<StateLock> {
  const db = new Level<string, string>(folder);
  await db.open();
  return { release: () => db.close() };
}
