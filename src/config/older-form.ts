import type { ConfigNode, Entry, MapNode } from './config-tree.js';
import type { ProblemList } from './problem-list.js';

/**
 * The form before `disk2iso/v1`. Its other keys are those of today:
 *
 *   storage.output_dir   storage.library
 *   storage.state_dir    storage.state
 *   read_retries         read_attempts, one more: the first try was not counted
 */
export const olderVersion = 'disk2iso/v1alpha1';
export const version = 'disk2iso/v1';

/** Today's name of a key of that form, by the section it stands in; null where it is the same. */
export function newerKey(section: string | null, key: string): string | null {
  if (section === 'storage' && key === 'output_dir') return 'library';
  if (section === 'storage' && key === 'state_dir') return 'state';
  return (section === 'defaults' || section === 'rules') && key === 'read_retries' ? 'read_attempts' : null;
}

export const isOlder = (main: MapNode): boolean => {
  const node = main.entries.get('apiVersion')?.node;
  return node?.kind === 'scalar' && node.value === olderVersion;
};

/** Files of the older form as if they had been written in today's; a warning says so. Others are left as they are. */
export function acceptOlder(trees: readonly MapNode[], problems: ProblemList): readonly MapNode[] {
  const [main] = trees;
  if (main === undefined || !isOlder(main)) return trees;
  const place = main.entries.get('apiVersion')?.node.place ?? main.place;
  problems.at(place, ['apiVersion'], {
    severity: 'warning',
    code: 'not_allowed',
    message: `${olderVersion} is an older form; it is understood, but write ${version}.`,
    expected: 'what `disk2iso migrate FILE` prints',
  });
  return trees.map((tree) => renewMap(tree, null));
}

function renewMap(map: MapNode, section: string | null): MapNode {
  const entries = [...map.entries].map(([key, entry]): [string, Entry] => {
    const renamed = newerKey(section, key);
    // with both names there the old one stays, and is told as unknown
    if (renamed !== null && !map.entries.has(renamed)) {
      return [renamed, { ...entry, node: renamed === 'read_attempts' ? counted(entry.node) : entry.node }];
    }
    if (section === null && key === 'apiVersion') return [key, { ...entry, node: renewVersion(entry.node) }];
    return [key, { ...entry, node: section === null ? renewNode(entry.node, key) : entry.node }];
  });
  return { ...map, entries: new Map(entries) };
}

function renewNode(node: ConfigNode, section: string): ConfigNode {
  if (node.kind === 'map') return renewMap(node, section);
  return node.kind === 'list' ? { ...node, items: node.items.map((item) => renewNode(item, section)) } : node;
}

const counted = (node: ConfigNode): ConfigNode =>
  node.kind === 'scalar' && typeof node.value === 'number' ? { ...node, value: node.value + 1 } : node;

const renewVersion = (node: ConfigNode): ConfigNode =>
  node.kind === 'scalar' && node.value === olderVersion ? { ...node, value: version } : node;
