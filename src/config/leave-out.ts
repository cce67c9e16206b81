import { type ConfigNode, type Entry, formatPath, nearestNode, type Path, type Place } from './config-tree.js';
import { createProblemList, type Finding, type ProblemList } from './problem-list.js';
import { validateTree } from './validate-tree.js';

/** What is left of a file without its mistakes: valid by the schema, and good for finding more mistakes alone. */
export interface Remains {
  readonly root: ConfigNode;
  /** As validated. */
  readonly value: unknown;
  /** Takes in what is certain although some keys are not known, at their places in the whole file. */
  readonly problems: ProblemList;
}

/** In place of what each file needs and this one lacks. */
const standIns: Readonly<Record<string, string>> = {
  apiVersion: 'disk2iso/v1',
  'storage.library': '/nonexistent/library',
  'storage.state': '/nonexistent/state',
};

/** One mistake may hide behind another: a key taken out can leave its entry without something it needs. */
const mostRounds = 5;

/** Takes out the keys and list entries that are wrong until the rest is valid; null where it does not become so. */
export function leaveOut(whole: ConfigNode, culprits: readonly Path[], problems: ProblemList): Remains | null {
  const leftOut: Path[] = [];
  let root = whole;
  let wrong: readonly Path[] | null = culprits;
  for (let round = 0; round < mostRounds && wrong !== null; round += 1) {
    const place = translator(root, whole);
    leftOut.push(...wrong.map(place));
    root = standIn(withoutPaths(root, wrong));
    const validated = validateTree(root, createProblemList(new Map()));
    if (validated.ok) {
      return { root, value: validated.value, problems: onlyCertain(problems, whole, leftOut, translator(root, whole)) };
    }
    wrong = validated.culprits;
  }
  return null;
}

function withoutPaths(node: ConfigNode, paths: readonly Path[]): ConfigNode {
  if (paths.length === 0 || node.kind === 'scalar') return node;
  const below = (step: string | number): Path[] =>
    paths.filter((path) => path.length > 1 && path[0] === step).map((path) => path.slice(1));
  const gone = new Set(paths.filter((path) => path.length === 1).map(([step]) => step));
  if (node.kind === 'list') {
    const items = node.items.flatMap((item, index) => (gone.has(index) ? [] : [withoutPaths(item, below(index))]));
    return { ...node, items };
  }
  const left = [...node.entries].filter(([key]) => !gone.has(key));
  return {
    ...node,
    entries: new Map(left.map(([key, entry]) => [key, { ...entry, node: withoutPaths(entry.node, below(key)) }])),
  };
}

function standIn(root: ConfigNode): ConfigNode {
  if (root.kind !== 'map') return root;
  return Object.entries(standIns).reduce<ConfigNode>((node, [key, value]) => put(node, key.split('.'), value), root);
}

function put(node: ConfigNode, [step = '', ...rest]: readonly string[], value: string): ConfigNode {
  if (node.kind !== 'map') return node;
  const { place } = node;
  const old = node.entries.get(step);
  if (rest.length === 0 && old !== undefined) return node;
  const empty: ConfigNode = { kind: 'map', entries: new Map(), place };
  const inner: ConfigNode = rest.length === 0 ? { kind: 'scalar', value, place } : put(old?.node ?? empty, rest, value);
  const entry: Entry = { keyPlace: old?.keyPlace ?? place, node: inner };
  return { ...node, entries: new Map([...node.entries, [step, entry]]) };
}

/** From a path in what is left to the same in the whole file: entries keep their places when others before them go. */
function translator(from: ConfigNode, to: ConfigNode): (path: Path) => Path {
  return (path) => {
    let [here, there]: [ConfigNode | undefined, ConfigNode | undefined] = [from, to];
    return path.map((step) => {
      let found = step;
      if (here?.kind === 'list' && there?.kind === 'list' && typeof step === 'number') {
        const place: Place | undefined = here.items[step]?.place;
        const index = there.items.findIndex((item) => item.place === place);
        found = index === -1 ? step : index;
      }
      here = childOf(here, step);
      there = childOf(there, found);
      return found;
    });
  };
}

function childOf(node: ConfigNode | undefined, step: string | number): ConfigNode | undefined {
  if (node?.kind === 'list') return node.items[Number(step)];
  return node?.kind === 'map' ? node.entries.get(String(step))?.node : undefined;
}

/**
 * No warnings, no judgement of a value by those beside it where one of them is not known, and nobody is told that
 * there is no drive of a name whose entry was left out.
 */
function onlyCertain(
  problems: ProblemList,
  whole: ConfigNode,
  leftOut: readonly Path[],
  place: (path: Path) => Path,
): ProblemList {
  const doubtful = new Set(leftOut.map((path) => formatPath(path.slice(0, -1))));
  const hidden = leftOut
    .filter((path) => path[0] === 'drives' && path.length <= 2)
    .map((path) => valueAt(whole, [...path, 'name']));
  const certain = (path: Path, { severity, code }: Finding): boolean => {
    if (severity === 'warning') return false;
    if (code === 'unknown_name' && path.includes('drive')) {
      return !hidden.some((name) => name === null || name === valueAt(whole, path));
    }
    const byItself = code === 'overlap' || code === 'duplicate_name' || code === 'unknown_name';
    return byItself || !doubtful.has(formatPath(path.slice(0, -1)));
  };
  return {
    ...problems,
    at: (where, path, finding) => certain(place(path), finding) && problems.at(where, place(path), finding),
    atValue: (_, path, finding) => certain(place(path), finding) && problems.atValue(whole, place(path), finding),
    atKey: (_, path, finding) => certain(place(path), finding) && problems.atKey(whole, place(path), finding),
  };
}

/** Text at a path; null where none is. */
function valueAt(root: ConfigNode, path: Path): string | null {
  const { node, depth } = nearestNode(root, path);
  return depth === path.length && node.kind === 'scalar' && typeof node.value === 'string' ? node.value : null;
}
