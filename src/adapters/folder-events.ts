import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type FSWatcher, watch } from 'chokidar';

/** Names of interest by absolute folder; null where each name in it is. */
export type FolderInterest = ReadonlyMap<string, ReadonlySet<string> | null>;

export interface FolderEvents {
  /**
   * Listens to these folders from now on, and anew to each that is another folder under the same name.
   * True where one was begun: what happened in it just before was not heard.
   */
  listen(interest: FolderInterest): Promise<boolean>;
  close(): Promise<void>;
}

/** Milliseconds that the events of one save, several as a rule, are taken together. */
const debounceMs = 25;
/** Milliseconds given to a folder to be listened to; then the caller goes on, as it looks by itself too. */
const mostBeginMs = 1000;

/**
 * The events of some folders, through chokidar, as hints. Folders rather than files: a file that is replaced takes the
 * watch on it along. Its raw events are heard as well as those it has thought about: they come at once, and they come
 * for what looks the same to it. A folder that cannot be listened to is reported once and left to the caller's polling.
 */
export function createFolderEvents(
  onHint: () => void,
  onTrouble: (folder: string, error: unknown) => void,
): FolderEvents {
  const open = new Map<string, { readonly watcher: FSWatcher; readonly identity: string }>();
  const troubled = new Set<string>();
  let wanted: FolderInterest = new Map();
  let closed = false;
  let hinting: NodeJS.Timeout | null = null;

  function hint(): void {
    hinting ??= setTimeout(() => {
      hinting = null;
      if (!closed) onHint();
    }, debounceMs);
  }

  const isWanted = (folder: string, name: string): boolean => {
    const names = wanted.get(folder);
    return names === null || (names?.has(name) ?? false);
  };

  /** Settles when the folder is listened to, or cannot be, or it takes too long to tell. */
  async function begin(folder: string, identity: string): Promise<void> {
    const watcher = watch(folder, {
      persistent: false,
      ignoreInitial: true,
      depth: 0,
      followSymlinks: false,
      atomic: false,
      // the folders on the way may be as full as /tmp
      ignored: (path) => resolve(path) !== folder && !isWanted(folder, basename(path)),
    });
    open.set(folder, { watcher, identity });
    watcher.on('all', hint);
    watcher.on('raw', (_, name) => {
      if (typeof name !== 'string' || isWanted(folder, basename(name))) hint();
    });
    const begun = new Promise<void>((settle) => {
      watcher.on('ready', settle);
      watcher.on('error', (error) => {
        report(folder, error);
        settle();
      });
    });
    const patience = new AbortController();
    await Promise.race([begun, delay(mostBeginMs, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
  }

  function report(folder: string, error: unknown): void {
    if (troubled.has(folder)) return;
    troubled.add(folder);
    onTrouble(folder, error);
  }

  async function listen(interest: FolderInterest): Promise<boolean> {
    wanted = interest;
    const found = await Promise.all(
      [...interest.keys()].map(async (folder) => [folder, await identify(folder)] as const),
    );
    if (closed) return false;
    const gone = [...open].filter(
      ([folder, { identity }]) => !found.some(([name, now]) => name === folder && now === identity),
    );
    for (const [folder] of gone) open.delete(folder);
    await Promise.all(gone.map(([, { watcher }]) => watcher.close()));
    const begun = found.flatMap(([folder, identity]) =>
      identity === null || open.has(folder) ? [] : [begin(folder, identity)],
    );
    await Promise.all(begun);
    return begun.length > 0;
  }

  async function close(): Promise<void> {
    closed = true;
    if (hinting !== null) clearTimeout(hinting);
    const watchers = [...open.values()];
    open.clear();
    await Promise.all(watchers.map(({ watcher }) => watcher.close()));
  }

  return { listen, close };
}

/** Tells a folder from another one that took its name; null where there is none. */
async function identify(folder: string): Promise<string | null> {
  try {
    const { dev, ino } = await stat(folder);
    return `${dev}:${ino}`;
  } catch {
    // gone: the folder above tells when it is back
    return null;
  }
}
