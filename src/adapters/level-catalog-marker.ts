import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../core/fault.js';
import { rebuildAdvice } from './level-catalog-record.js';
import { isMissing, writeDurably } from './library-files.js';

/**
 * `<state>/catalog.id`: which catalog belongs here, and how far it had come. LevelDB opens without a word when the
 * end of its log is gone; the last commit noted here is what tells. It is written after each commit and not
 * forced to disk: behind the database it does no harm, and ahead of it cannot be.
 */
export interface Marker {
  readonly catalogId: string;
  readonly commit: number;
  readonly seq: number;
}

const markerText = /^disk2iso catalog 1\nid (\S+)\ncommit (\d{16})\nevent (\d{16})\n$/;
const format = ({ catalogId, commit, seq }: Marker): string =>
  `disk2iso catalog 1\nid ${catalogId}\ncommit ${String(commit).padStart(16, '0')}\nevent ${String(seq).padStart(16, '0')}\n`;

export const markerPath = (state: string): string => join(state, 'catalog.id');

/** Null where there is none. Throws Fault catalog_damaged where it cannot be understood. */
export async function readMarker(state: string): Promise<Marker | null> {
  let text: string;
  try {
    text = await readFile(markerPath(state), 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  const [, catalogId, commit, seq] = markerText.exec(text) ?? [];
  if (catalogId === undefined) {
    throw new Fault('catalog_damaged', `${markerPath(state)} is damaged; ${rebuildAdvice}.`);
  }
  return { catalogId, commit: Number(commit), seq: Number(seq) };
}

export async function writeMarker(state: string, marker: Marker): Promise<void> {
  await writeDurably(markerPath(state), format(marker));
}

/** Notes each commit in the same few bytes of the file. */
export class MarkerNote {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(state: string): Promise<MarkerNote> {
    return new MarkerNote(await open(markerPath(state), 'r+'));
  }

  async note(marker: Marker): Promise<void> {
    await this.#file.write(format(marker), 0);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
