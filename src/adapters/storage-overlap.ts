import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { ConfigProblem } from '../core/config-problem.js';
import type { ParsedConfig } from '../core/parsed-config.js';
import { BoundedLooks } from './bounded-look.js';

/** A library on a disk that does not answer keeps nobody waiting: then nothing is claimed. */
const patienceMs = 2000;

/** The library and the state folder that lie in each other through links, which the file alone does not tell; else null. */
export async function findStorageOverlap(
  { desired, effective }: Extract<ParsedConfig, { ok: true }>,
  file: string,
): Promise<ConfigProblem | null> {
  const looks = new BoundedLooks<string | null>(() => undefined);
  const look = (path: string) => looks.look(path, patienceMs, () => realPath(path));
  const [library, state] = await Promise.all([look(desired.storage.library), look(desired.storage.state)]);
  if (library === null || state === null || !(isWithin(library, state) || isWithin(state, library))) return null;
  const key = 'storage.library';
  const origin = effective.find((one) => one.key === key)?.origin;
  const place = origin?.kind === 'file' ? origin : { file, line: 1, column: 1 };
  return {
    severity: 'error',
    code: 'overlap',
    file: place.file,
    line: place.line,
    column: place.column,
    path: key,
    message: `Behind links the library is ${library} and the state folder ${state}; give each a folder of its own.`,
    excerpt: null,
  };
}

/** Of the part that exists, with the rest as it will be; null where that cannot be looked at. */
async function realPath(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const above = isAbsent && dirname(path) !== path ? await realPath(dirname(path)) : null;
    return above === null ? null : join(above, basename(path));
  }
}

function isWithin(outer: string, inner: string): boolean {
  const way = relative(outer, inner);
  return way === '' || !(way === '..' || way.startsWith('../'));
}
