/** A parsed file with the place of every key and value, so that any later finding can be pointed at. */
export interface Place {
  /** Absolute path. */
  readonly file: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

export type Scalar = string | number | boolean | null;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: Scalar;
  readonly place: Place;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly ConfigNode[];
  readonly place: Place;
}

export interface MapNode {
  readonly kind: 'map';
  /** A Map, so that a key such as `__proto__` is nothing but a key. */
  readonly entries: ReadonlyMap<string, Entry>;
  readonly place: Place;
}

export interface Entry {
  readonly keyPlace: Place;
  readonly node: ConfigNode;
}

export type ConfigNode = ScalarNode | ListNode | MapNode;

export type Path = readonly (string | number)[];

/** The node at a path, or the nearest one above it. */
export function nearestNode(root: ConfigNode, path: Path): { readonly node: ConfigNode; readonly depth: number } {
  let node = root;
  for (const [depth, step] of path.entries()) {
    const next =
      node.kind === 'map'
        ? node.entries.get(String(step))?.node
        : node.kind === 'list'
          ? node.items[Number(step)]
          : null;
    if (next == null) return { node, depth };
    node = next;
  }
  return { node, depth: path.length };
}

/** Place of the value at a path, or null where the file says nothing of it. */
export function placeOf(root: ConfigNode, path: Path): Place | null {
  const { node, depth } = nearestNode(root, path);
  return depth === path.length ? node.place : null;
}

export function keyPlaceOf(root: ConfigNode, path: Path): Place | null {
  const last = path.at(-1);
  if (last === undefined) return null;
  const { node, depth } = nearestNode(root, path.slice(0, -1));
  if (depth !== path.length - 1 || node.kind !== 'map') return null;
  return node.entries.get(String(last))?.keyPlace ?? null;
}

/** Plain data. `Object.fromEntries` makes even `__proto__` an ordinary key. */
export function toValue(node: ConfigNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toValue);
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, toValue(entry.node)]));
}

/** `drives[0].folder`; keys that are no plain words are quoted. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}
