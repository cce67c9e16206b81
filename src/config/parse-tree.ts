import { Composer, type Document, isAlias, isMap, isScalar, isSeq, type ParsedNode, Parser } from 'yaml';
import type { ConfigNode, Entry, Path, Place } from './config-tree.js';
import { quote } from './excerpt.js';
import { createPlaceFinder } from './place-finder.js';
import type { ProblemList } from './problem-list.js';
import { checkYamlLimits } from './yaml-limits.js';

/** Values after aliases are written out. */
const mostValues = 20_000;
const mostDepth = 32;
const mostSyntaxErrors = 20;

const plainTags = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((tag) => `tag:yaml.org,2002:${tag}`),
);

/** What the YAML library says, where its own words would not help. */
const syntaxMessages: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'A tab cannot indent in YAML; use spaces.',
  BAD_INDENT: 'The indentation does not fit the lines around it.',
  MULTIPLE_DOCS: 'The file holds several YAML documents; remove the line ---.',
  BAD_DIRECTIVE: 'Lines that begin with % are not supported here.',
  UNEXPECTED_TOKEN: 'This does not belong here.',
};

/**
 * YAML text to a tree in which each key and value knows its place. `empty`: nothing but comments. `broken`: no tree
 * can be had, `problems` says why; lesser problems (a key twice, say) leave a tree to go on with. Never throws.
 */
export function parseTree(file: string, text: string, problems: ProblemList): ConfigNode | 'empty' | 'broken' {
  const placeAt = createPlaceFinder(file, text);
  const syntax = (offset: number, message: string) => problems.at(placeAt(offset), [], { code: 'syntax', message });

  const broken = checkYamlLimits(text);
  if (broken !== null) {
    problems.at(placeAt(broken.offset), [], { code: 'too_large', message: broken.message });
    return 'broken';
  }
  let documents: Document.Parsed[];
  try {
    const composer = new Composer({
      version: '1.2',
      uniqueKeys: false, // quadratic there; done below
      prettyErrors: false,
      resolveKnownTags: false,
      merge: false,
      logLevel: 'silent',
    });
    documents = [...composer.compose(new Parser().parse(text))] as Document.Parsed[];
  } catch (error) {
    // the library on hostile text; a bug of ours cannot come from there
    problems.at({ file, line: 1, column: 1 }, [], {
      code: 'syntax',
      message: `Cannot be read as YAML: ${quote(error instanceof Error ? error.message : error)}.`,
    });
    return 'broken';
  }
  const [document, second] = documents;
  if (document === undefined) return 'empty';
  const errors = [...document.errors, ...document.warnings];
  for (const error of errors.slice(0, mostSyntaxErrors)) {
    syntax(error.pos[0], syntaxMessage(error.code, error.message));
  }
  if (second !== undefined) syntax(second.range[0], syntaxMessages.MULTIPLE_DOCS ?? '');
  const old = document.directives?.yaml.version === '1.1';
  if (old) syntax(0, 'YAML 1.1 is not supported; remove the line %YAML.');
  if (errors.length > 0 || second !== undefined || old) return 'broken';
  const { contents } = document;
  const empty = contents === null || (isScalar(contents) && contents.value === null && contents.source !== 'null');
  return empty ? 'empty' : convert(contents, placeAt, problems);
}

function syntaxMessage(code: string, message: string): string {
  // the library has one code for lines that do not fit and for what is never closed
  const bracket = /\bend with an? ([\]}])/.exec(message)?.[1];
  if (bracket !== undefined) return `A ${bracket} is missing, or the lines before it are not indented enough.`;
  return syntaxMessages[code] ?? sentence(message);
}

const sentence = (message: string): string => {
  const [first = ''] = message.split('\n');
  const text = quote(first).slice(1, -1).replaceAll('\\"', '"');
  return /[.!?…]$/.test(text) ? text : `${text}.`;
};

function convert(
  contents: ParsedNode,
  placeAt: (offset: number) => Place,
  problems: ProblemList,
): ConfigNode | 'broken' {
  const anchors = new Map<string, ConfigNode>();
  let values = 0;

  /** Counts what an alias writes out, too. False once it is too much. */
  function count(node: ConfigNode, depth: number): boolean {
    values += 1;
    if (values > mostValues || depth > mostDepth) return false;
    if (node.kind === 'list') return node.items.every((item) => count(item, depth + 1));
    if (node.kind === 'map') return [...node.entries.values()].every((entry) => count(entry.node, depth + 1));
    return true;
  }

  const fail = (place: Place, path: Path, message: string): ConfigNode => {
    problems.at(place, path, { code: 'syntax', message });
    return { kind: 'scalar', value: null, place };
  };

  function convertNode(node: ParsedNode, path: Path): ConfigNode {
    const place = placeAt(node.range[0]);
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined)
        return fail(place, path, `No anchor &${quote(node.source).slice(1, -1)} stands before this.`);
      if (values > mostValues) return { kind: 'scalar', value: null, place };
      if (!count(target, path.length)) {
        values = mostValues + 1;
        const message = `Aliases stand for more than ${mostValues} values, or too deep ones; write out what is needed.`;
        problems.at(place, path, { code: 'too_large', message });
      }
      return { ...target, place };
    }
    values += 1;
    if (path.length > mostDepth) return fail(place, path, `Nested more than ${mostDepth} deep.`);
    if (node.tag !== undefined && !plainTags.has(node.tag))
      return fail(place, path, `Tags such as ${quote(node.tag)} are not supported.`);
    const converted = convertContent(node, path, place);
    if (node.anchor !== undefined) anchors.set(node.anchor, converted);
    return converted;
  }

  function convertContent(node: ParsedNode, path: Path, place: Place): ConfigNode {
    if (isMap(node)) return { kind: 'map', entries: convertEntries(node, path), place };
    if (isSeq(node)) {
      const items = node.items.map((item, index) => convertNode(item as ParsedNode, [...path, index]));
      return { kind: 'list', items, place };
    }
    const value = isScalar(node) ? node.value : null;
    if (typeof value === 'string' && /[\p{Cc}\p{Cs}]/u.test(value)) {
      return fail(place, path, 'The text holds a line break or another control character.');
    }
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null) {
      return { kind: 'scalar', value, place };
    }
    return fail(place, path, 'Only text, numbers, true, false, lists and maps are supported.');
  }

  function convertEntries(node: ParsedNode, path: Path): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    if (!isMap(node)) return entries;
    for (const pair of node.items) {
      const { key, value } = pair as { key: ParsedNode; value: ParsedNode | null };
      const keyPlace = placeAt(key.range[0]);
      if (!isScalar(key) || key.value === null) {
        fail(keyPlace, path, 'A key must be plain text.');
        continue;
      }
      const name = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
      if (name === '<<') {
        fail(keyPlace, path, 'Merge keys (<<) are not supported; write the keys out.');
        continue;
      }
      const here = [...path, name];
      const first = entries.get(name);
      if (first !== undefined) {
        problems.at(keyPlace, here, {
          code: 'duplicate_key',
          message: `The key ${quote(name)} stands here a second time; it is set in line ${first.keyPlace.line} already.`,
        });
        continue;
      }
      const nothing: ConfigNode = { kind: 'scalar', value: null, place: keyPlace };
      entries.set(name, { keyPlace, node: value === null ? nothing : convertNode(value, here) });
    }
    return entries;
  }

  const root = convertNode(contents, []);
  return values > mostValues ? 'broken' : root;
}
