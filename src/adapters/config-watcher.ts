import { setTimeout as delay } from 'node:timers/promises';
import type { ConfigSnapshot } from '../core/config-snapshot.js';
import type { ConfigWatcher, Log } from '../core/ports.js';
import { createFolderEvents } from './folder-events.js';
import { pathHops } from './path-hops.js';

export interface ConfigWatcherOptions {
  /** Reads the configuration with all its parts; never throws. */
  readonly loader: { load(): Promise<ConfigSnapshot> };
  readonly log: Log;
  /** Milliseconds between two looks when nothing is heard. */
  readonly pollMs?: number;
  /** Milliseconds for which the content must stay the same before it is believed to be whole. */
  readonly settleMs?: number;
}

/** Content that never comes to rest is delivered all the same after this many milliseconds. */
const mostUnrestMs = 2000;

/**
 * Two ways to notice a change, since each alone misses some (a file that is watched goes deaf when it is replaced,
 * and a poll is slow): events of every folder on the way to each file, and a look at the content every two seconds.
 * Both only lead to the same thing: read everything, compare with what was seen last.
 */
export function createConfigWatcher(options: ConfigWatcherOptions): ConfigWatcher {
  const { loader, log, pollMs = 2000, settleMs = 150 } = options;
  let seen: string | null = null;
  let callBack: (snapshot: ConfigSnapshot) => void = () => {};
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | null = null;
  let lookAgain = false;
  const ending = new AbortController();
  const events = createFolderEvents(look, (folder, error) => {
    log.warn({ folder, error: String(error) }, 'Changes in this folder are found by looking every other second alone.');
  });

  function watch(onChange: (snapshot: ConfigSnapshot) => void): void {
    callBack = onChange;
    look();
  }

  /** One look at a time; a hint during one asks for another. */
  function look(): void {
    if (closed) return;
    if (looking !== null) {
      lookAgain = true;
      return;
    }
    clearTimeout(timer);
    looking = lookOnce().finally(() => {
      looking = null;
      if (closed) return;
      timer = setTimeout(look, lookAgain ? settleMs : pollMs);
      lookAgain = false;
    });
  }

  async function lookOnce(): Promise<void> {
    let snapshot = await loader.load();
    for (let unrest = 0; snapshot.fingerprint !== seen && !closed && unrest < mostUnrestMs; unrest += settleMs) {
      if (!(await settle())) return;
      const later = await loader.load();
      const rest = later.fingerprint === snapshot.fingerprint;
      snapshot = later;
      if (rest) break;
    }
    if (closed) return;
    if (snapshot.fingerprint !== seen) {
      seen = snapshot.fingerprint;
      callBack(snapshot);
    }
    await listen(snapshot);
  }

  async function settle(): Promise<boolean> {
    try {
      await delay(settleMs, undefined, { signal: ending.signal });
      return true;
    } catch {
      // closed meanwhile
      return false;
    }
  }

  /** Listens to all folders that lie on the way to the files, for the names on that way. */
  async function listen(snapshot: ConfigSnapshot): Promise<void> {
    const paths = new Set([...snapshot.files, ...snapshot.folders].map((one) => one.path));
    const interest = new Map<string, Set<string> | null>();
    for (const { folder, name } of (await Promise.all([...paths].map(pathHops))).flat()) {
      interest.set(folder, (interest.get(folder) ?? new Set()).add(name));
    }
    for (const { path } of snapshot.folders) interest.set(path, null);
    if (await events.listen(interest)) lookAgain = true;
  }

  async function readNow(): Promise<ConfigSnapshot> {
    const snapshot = await loader.load();
    seen = snapshot.fingerprint;
    return snapshot;
  }

  async function close(): Promise<void> {
    closed = true;
    clearTimeout(timer);
    ending.abort();
    await looking;
    await events.close();
  }

  return { watch, readNow, close };
}
