import type { ConfigNode } from './config-tree.js';
import { decodeText } from './decode-text.js';
import { parseTree } from './parse-tree.js';
import { createProblemList } from './problem-list.js';

/** What else has to be read to understand a file; as written there. */
export interface References {
  readonly include: readonly string[];
  readonly secrets: readonly string[];
}

/** Finds them in any file, broken ones too (none then): what is wrong with it is for the parser to say. */
export function findReferences(bytes: Uint8Array): References {
  const decoded = decodeText(bytes);
  const tree = decoded.ok ? parseTree('', decoded.text, createProblemList(new Map())) : 'broken';
  if (tree === 'empty' || tree === 'broken' || tree.kind !== 'map') return { include: [], secrets: [] };
  const include = tree.entries.get('include')?.node;
  const secrets: string[] = [];
  const walk = (node: ConfigNode): void => {
    if (node.kind === 'list') node.items.forEach(walk);
    if (node.kind !== 'map') return;
    for (const [key, entry] of node.entries) {
      if (key.endsWith('_file')) secrets.push(...texts(entry.node));
      else walk(entry.node);
    }
  };
  walk(tree);
  return { include: include === undefined ? [] : texts(include), secrets };
}

function texts(node: ConfigNode): string[] {
  if (node.kind === 'list') return node.items.flatMap(texts);
  return node.kind === 'scalar' && typeof node.value === 'string' && node.value !== '' ? [node.value] : [];
}
