import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Names of interest by absolute folder; null where each name in it is. */
export type FolderInterest = ReadonlyMap<string, ReadonlySet<string> | null>;

export interface FolderEvents {
  /**
   * Listens to these folders from now on, and anew to each that is another folder under the same name.
   * True where one was begun: what happened in it just before was not heard.
   */
  listen(interest: FolderInterest): Promise<boolean>;
  close(): void;
}

/**
 * The kernel's events of some folders (inotify, through fs.watch), as hints. Folders rather than files: a file that is
 * replaced takes the watch on it along. A folder that cannot be listened to is reported once and left to the caller's
 * polling.
 */
export function createFolderEvents(
  onHint: () => void,
  onTrouble: (folder: string, error: unknown) => void,
): FolderEvents {
  const open = new Map<string, { readonly watcher: FSWatcher; readonly identity: string }>();
  const troubled = new Set<string>();
  let wanted: FolderInterest = new Map();
  let closed = false;

  function begin(folder: string, identity: string): boolean {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        const names = wanted.get(folder);
        if (names === null || name === null || names?.has(name)) onHint();
      });
      watcher.on('error', (error) => report(folder, error));
      open.set(folder, { watcher, identity });
      return true;
    } catch (error) {
      report(folder, error);
      return false;
    }
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
    for (const [folder, { watcher, identity }] of open) {
      if (found.some(([name, now]) => name === folder && now === identity)) continue;
      watcher.close();
      open.delete(folder);
    }
    let begun = false;
    for (const [folder, identity] of found) {
      if (identity !== null && !open.has(folder) && begin(folder, identity)) begun = true;
    }
    return begun;
  }

  function close(): void {
    closed = true;
    for (const { watcher } of open.values()) watcher.close();
    open.clear();
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
