import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Log } from '../core/ports.js';
import { isImageName } from './folder-drive-listing.js';

/** A copy writes without a pause; it must not make a pass each time. */
const quietMs = 500;

interface Watched {
  folder: FSWatcher | null;
  parent: FSWatcher | null;
  /** Which folder is watched: another one may have taken its name. */
  identity: string | null;
}

/** Hints from inotify for some folders, also when one is created or replaced. Never the truth: see observe. */
export class FolderWatch {
  readonly #onHint: () => void;
  readonly #log: Log;
  readonly #watched = new Map<string, Watched>();
  #timer: NodeJS.Timeout | null = null;
  #lastHint = 0;

  constructor(onHint: () => void, log: Log) {
    this.#onHint = onHint;
    this.#log = log;
  }

  /** Watches just these folders. */
  async set(folders: readonly string[]): Promise<void> {
    for (const folder of [...this.#watched.keys()]) if (!folders.includes(folder)) this.#drop(folder);
    for (const folder of folders) {
      if (!this.#watched.has(folder)) this.#watched.set(folder, { folder: null, parent: null, identity: null });
    }
    await Promise.all(folders.map((folder) => this.ensure(folder)));
  }

  /** Watches anew where the folder is not the one that was watched. */
  async ensure(folder: string): Promise<void> {
    if (!this.#watched.has(folder)) return;
    const identity = await identityOf(folder);
    const watched = this.#watched.get(folder);
    if (watched === undefined) return;
    watched.parent ??= this.#begin(dirname(folder), (name) => {
      if (name === null || name === basename(folder)) this.#replaced(folder);
    });
    if (watched.identity === identity) return;
    watched.folder?.close();
    watched.folder = identity === null ? null : this.#begin(folder, (name) => this.#entryChanged(name));
    watched.identity = watched.folder === null ? null : identity;
  }

  close(): void {
    for (const folder of [...this.#watched.keys()]) this.#drop(folder);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #drop(folder: string): void {
    const watched = this.#watched.get(folder);
    watched?.folder?.close();
    watched?.parent?.close();
    this.#watched.delete(folder);
  }

  #begin(path: string, onChange: (name: string | null) => void): FSWatcher | null {
    try {
      const watcher = watch(path, { encoding: 'latin1', persistent: false });
      watcher.on('change', (_, name) => onChange(typeof name === 'string' ? name : null));
      watcher.on('error', () => this.#hint());
      return watcher;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      this.#log.debug({ err: error, path }, 'the folder cannot be watched; it is looked at now and then instead');
      return null;
    }
  }

  #entryChanged(name: string | null): void {
    if (name === null || isImageName(name)) this.#hint();
  }

  #replaced(folder: string): void {
    void this.ensure(folder).finally(() => this.#hint());
  }

  #hint(): void {
    if (this.#timer !== null) return;
    const wait = Math.max(0, this.#lastHint + quietMs - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#lastHint = performance.now();
      this.#onHint();
    }, wait).unref();
  }
}

async function identityOf(folder: string): Promise<string | null> {
  try {
    const found = await stat(folder, { bigint: true });
    return found.isDirectory() ? `${found.dev}:${found.ino}` : null;
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
    return null;
  }
}
