import { dirname, join, resolve } from 'node:path';
import type { ConfigHistory, Generation } from '../core/config-history.js';
import type { ConfigSnapshot } from '../core/config-snapshot.js';
import { restoreSnapshot } from './load-config.js';
import { parseConfig } from './parse-config.js';
import type { ConfigEnvironment } from './secret.js';

/** A configuration that was in force before and can be again. */
export interface LastGood {
  readonly snapshot: ConfigSnapshot;
  readonly generation: Generation;
}

export interface LastGoodOptions {
  readonly environment: ConfigEnvironment;
  /** Where a state folder may be if the file does not tell; beside the file is looked as well. */
  readonly folders: readonly string[];
  readonly historyIn: (folder: string) => ConfigHistory;
}

/** The newest generation that still parses, for a start with a file that does not. Null where there is none. */
export async function findLastGood(refused: ConfigSnapshot, options: LastGoodOptions): Promise<LastGood | null> {
  const named = [...namedFolders(refused), ...options.folders];
  for (const folder of new Set([...named, ...usualFolders(refused)])) {
    for (const generation of await options.historyIn(join(folder, 'config')).list()) {
      const snapshot = await restoreSnapshot(generation, options.environment);
      const parsed = parseConfig(snapshot, options.environment, 'degrade');
      // a state folder that was copied or moved is not the station's own
      if (!parsed.ok || parsed.desired.storage.state !== folder) continue;
      // what nobody has named may be the folder of another station
      if (named.includes(folder) || generation.snapshot.path === refused.path) return { snapshot, generation };
    }
  }
  return null;
}

/** Where the examples have it. */
const usualFolders = ({ path }: ConfigSnapshot): string[] =>
  ['state', 'station/state'].map((folder) => join(dirname(path), folder));

/** Whatever the broken text may mean by its state folder; a wrong guess has no history of that folder in it. */
function namedFolders({ path, files }: ConfigSnapshot): string[] {
  const named: string[] = [];
  for (const { role, content } of files) {
    if (role === 'secret' || content.kind !== 'bytes') continue;
    const text = Buffer.from(content.bytes).toString('utf8');
    for (const [, quoted, single, plain] of text.matchAll(
      /\bstate["']?\s*:\s*(?:"([^"\n]+)"|'([^'\n]+)'|([^\s,}#]+))/g,
    )) {
      named.push(resolve(dirname(path), quoted ?? single ?? plain ?? ''));
    }
  }
  return named.slice(0, 20);
}
