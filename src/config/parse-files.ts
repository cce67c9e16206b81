import type { ConfigSnapshot, SnapshotFile } from '../core/config-snapshot.js';
import type { MapNode, Place } from './config-tree.js';
import { decodeText } from './decode-text.js';
import { parseTree } from './parse-tree.js';
import type { ProblemList } from './problem-list.js';

/**
 * The main file's tree, then the included ones'; null for each that is broken, with the reason in `problems`.
 * A file that vanished or is empty is a problem: it must never pass for a configuration without drives and rules.
 */
export function parseFiles(
  snapshot: ConfigSnapshot,
  texts: Map<string, string>,
  problems: ProblemList,
): (MapNode | null)[] {
  const trees = snapshot.files.filter((file) => file.role !== 'secret').map((file) => parseFile(file, texts, problems));
  for (const folder of snapshot.folders) {
    if (folder.reason === null) continue;
    problems.at({ file: folder.path, line: 1, column: 1 }, ['include'], { code: 'unreadable', message: folder.reason });
    trees.push(null);
  }
  return trees;
}

function parseFile(file: SnapshotFile, texts: Map<string, string>, problems: ProblemList): MapNode | null {
  const top: Place = { file: file.path, line: 1, column: 1 };
  texts.set(file.path, '');
  if (file.content.kind !== 'bytes') {
    texts.delete(file.path);
    problems.at(top, [], { code: file.content.kind, message: file.content.reason });
    return null;
  }
  const decoded = decodeText(file.content.bytes);
  if (!decoded.ok) {
    texts.set(file.path, new TextDecoder().decode(file.content.bytes));
    problems.at({ ...top, line: decoded.line, column: decoded.column }, [], {
      code: 'encoding',
      message: decoded.message,
    });
    return null;
  }
  texts.set(file.path, decoded.text);
  const blank = decoded.text.trim() === '';
  const tree = blank ? 'empty' : parseTree(file.path, decoded.text, problems);
  if (tree === 'broken') return null;
  if (tree === 'empty') {
    // a part of which only comments are left says nothing; a file without a word was cut off
    if (file.role === 'include' && !blank) return { kind: 'map', entries: new Map(), place: top };
    const message = 'The file is empty, which is no configuration.';
    problems.at(top, [], {
      code: 'empty',
      message,
      expected: 'apiVersion: disk2iso/v1 and the sections of the example',
    });
    return null;
  }
  if (tree.kind === 'map') return dropEmptySections(tree);
  const message = `The file holds ${tree.kind === 'list' ? 'a list' : 'a single value'} instead of keys and values.`;
  problems.at(tree.place, [], { code: 'wrong_type', message, expected: 'lines such as apiVersion: disk2iso/v1' });
  return null;
}

/** A section of which only comments are left reads as null; it counts as not written. Deeper down null stays an error. */
function dropEmptySections(tree: MapNode): MapNode {
  const entries = [...tree.entries].filter(([, { node }]) => node.kind !== 'scalar' || node.value !== null);
  return { ...tree, entries: new Map(entries) };
}
