import { readFile, stat } from 'node:fs/promises';
import type { RescueProgress, RescueRequest } from '../core/imaging-ports.js';
import { bytesWith, clipMap, parseRescueMap, type RescueMap } from '../core/rescue-map.js';

/** Bytes that were tried in vain so far; trimming and scraping may yet rescue some of them. */
export const failedBytes = (map: RescueMap): number => bytesWith(map, '-') + bytesWith(map, '*') + bytesWith(map, '/');

export function progressOfMap(map: RescueMap, readErrors: number): RescueProgress {
  return { rescuedBytes: bytesWith(map, '+'), badBytes: failedBytes(map), readErrors };
}

/** Null where there is no map, or one that is being written this very moment. */
export async function readMap(path: string, mediumBytes: number): Promise<RescueMap | null> {
  try {
    const map = parseRescueMap(await readFile(path, 'latin1'));
    return map === null ? null : clipMap(map, mediumBytes);
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return null;
    throw error;
  }
}

/** Follows a running ddrescue by what it leaves on disk; its own figures are rounded. */
export class ProgressReader {
  readonly #request: RescueRequest;
  readonly #onMap: (map: RescueMap) => void;
  #readErrors = 0;
  #mapWrittenAt = 0;
  #last: RescueProgress | null = null;

  /** `onMap` gets every map that ddrescue saves. */
  constructor(request: RescueRequest, onMap: (map: RescueMap) => void) {
    this.#request = request;
    this.#onMap = onMap;
  }

  get readErrors(): number {
    return this.#readErrors;
  }

  /** Takes in what ddrescue prints: the number of read errors is nowhere else. */
  readStatus(text: string): void {
    const figure = [...text.matchAll(/read errors:\s*(\d[\d_,]*)/g)].at(-1)?.[1];
    if (figure !== undefined) this.#readErrors = Number(figure.replaceAll(/[_,]/g, ''));
  }

  /** Null while nothing is known yet. */
  async read(): Promise<RescueProgress | null> {
    const { mode, image, map, mediumBytes } = this.#request;
    if (mode.kind === 'sweep') {
      const { size } = await stat(image);
      return { rescuedBytes: Math.min(size, mediumBytes), badBytes: 0, readErrors: this.#readErrors };
    }
    const writtenAt = await stat(map).then(
      (found) => found.mtimeMs,
      () => null,
    );
    if (writtenAt === null || writtenAt === this.#mapWrittenAt) return this.#last;
    const current = await readMap(map, this.#request.mediumBytes);
    if (current === null) return this.#last;
    this.#mapWrittenAt = writtenAt;
    this.#onMap(current);
    this.#last = progressOfMap(current, this.#readErrors);
    return this.#last;
  }
}
