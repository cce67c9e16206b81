import { type ConfigNode, type Entry, formatPath, type MapNode, type Path } from './config-tree.js';
import { quote } from './excerpt.js';
import type { ProblemList } from './problem-list.js';
import { quotePath } from './read-bounded.js';

/**
 * Lays the included files over the main one: maps are merged key by key, lists are appended in the order given,
 * and a single value may be set by one file alone; only `apiVersion` may be repeated. `include` is the main file's.
 */
export function mergeTrees(main: MapNode, included: readonly MapNode[], problems: ProblemList): MapNode {
  return included.reduce((merged, next) => {
    const include = next.entries.get('include');
    if (include !== undefined) {
      problems.at(include.keyPlace, ['include'], {
        code: 'not_allowed',
        message: 'Only the main file may include others.',
      });
    }
    return mergeMaps(merged, next, [], problems);
  }, main);
}

function mergeMaps(first: MapNode, second: MapNode, path: Path, problems: ProblemList): MapNode {
  const entries = new Map(first.entries);
  for (const [key, entry] of second.entries) {
    const old = entries.get(key);
    if (path.length === 0 && key === 'include') continue;
    entries.set(key, old === undefined ? entry : mergeEntries(old, entry, [...path, key], problems));
  }
  return { ...first, entries };
}

function mergeEntries(old: Entry, next: Entry, path: Path, problems: ProblemList): Entry {
  const [a, b] = [old.node, next.node];
  if (a.kind === 'map' && b.kind === 'map') return { ...old, node: mergeMaps(a, b, path, problems) };
  if (a.kind === 'list' && b.kind === 'list') return { ...old, node: { ...a, items: [...a.items, ...b.items] } };
  if (formatPath(path) === 'apiVersion' && sameScalar(a, b)) return old;
  problems.at(next.keyPlace, path, {
    code: 'conflict',
    message: `${quote(formatPath(path))} is set in ${quotePath(old.keyPlace.file)} line ${old.keyPlace.line} already; keep one of the two.`,
  });
  return old;
}

const sameScalar = (a: ConfigNode, b: ConfigNode): boolean =>
  a.kind === 'scalar' && b.kind === 'scalar' && a.value === b.value;
