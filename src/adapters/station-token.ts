import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../core/fault.js';
import { isMissing, writeDurably } from './library-files.js';

export const tokenPath = (state: string): string => join(state, 'station.id');

/**
 * `<state>/station.id`: by which a station knows its own claim on a library, whatever becomes of its catalog. Made
 * once, by whoever holds the state's lock, and on disk before anything is claimed with it.
 *
 * Throws Fault io_error where it cannot be understood: it is not made anew, as a claim may have been made with it.
 */
export async function stationToken(state: string): Promise<string> {
  const path = tokenPath(state);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (!isMissing(error)) throw error;
    const token = randomBytes(16).toString('hex');
    await writeDurably(path, `${token}\n`);
    return token;
  }
  const [, token] = /^([0-9a-f]{32})\n$/.exec(text) ?? [];
  if (token !== undefined) return token;
  throw new Fault('io_error', `${path} is damaged: put it back, or remove it.`, { retry: 'later' });
}
