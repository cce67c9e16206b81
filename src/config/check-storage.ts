import { relative } from 'node:path';
import type { Desired } from '../core/desired.js';
import { placeOf } from './config-tree.js';
import { error, type Resolution } from './resolution.js';

/** Whether `inner` is `outer` or lies below it. Both absolute; symlinks are not looked at. */
export function isWithin(outer: string, inner: string): boolean {
  const way = relative(outer, inner);
  return way === '' || !(way === '..' || way.startsWith('../'));
}

export function checkStorage(on: Resolution, { storage }: Desired): void {
  const { library, state, warnAt, stopAt } = storage;
  if (isWithin(state, library)) {
    const message = 'The library lies inside the state folder; give each a folder of its own.';
    error(on, ['storage', 'library'], { code: 'overlap', message });
  } else if (isWithin(library, state)) {
    const message = 'The state folder lies inside the library; give each a folder of its own.';
    error(on, ['storage', 'state'], { code: 'overlap', message });
  }
  if (stopAt < warnAt) {
    const path = placeOf(on.root, ['storage', 'stop_at']) === null ? 'warn_at' : 'stop_at';
    error(on, ['storage', path], {
      code: 'not_allowed',
      message: `"stop_at" (${stopAt}%) is below "warn_at" (${warnAt}%): work would stop before the warning.`,
      expected: 'warn_at at or below stop_at',
    });
  }
}
