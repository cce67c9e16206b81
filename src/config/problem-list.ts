import type { ConfigProblem } from '../core/config-problem.js';
import { type ConfigNode, formatPath, keyPlaceOf, nearestNode, type Path, type Place } from './config-tree.js';
import { createExcerpt, shorten } from './excerpt.js';

/** More than this helps nobody; the last one then says how many were left out. */
const mostProblems = 100;

export interface Finding {
  readonly severity?: 'error' | 'warning';
  readonly code: ConfigProblem['code'];
  readonly message: string;
  readonly expected?: string | undefined;
  readonly did_you_mean?: string | undefined;
}

/** Collects what the steps find, each finding with its place and the line there. */
export interface ProblemList {
  at(place: Place, path: Path, finding: Finding): void;
  /** At a value; where the file does not have it, at what is nearest above it. */
  atValue(root: ConfigNode, path: Path, finding: Finding): void;
  atKey(root: ConfigNode, path: Path, finding: Finding): void;
  hasErrors(): boolean;
  /** By file in the order they were read, then by place. */
  all(): ConfigProblem[];
}

/** @param texts decoded text by file path, in the order of reading */
export function createProblemList(texts: ReadonlyMap<string, string>): ProblemList {
  const problems: Omit<ConfigProblem, 'excerpt'>[] = [];
  const files = (): string[] => [...texts.keys()];
  const said = new Set<string>();
  let errors = 0;

  function at(place: Place, path: Path, finding: Finding): void {
    // one mistake often breaks several checks; the first to speak knows it best
    const key = `${place.file}:${place.line}:${place.column}:${formatPath(path)}`;
    if (said.has(key)) return;
    said.add(key);
    const severity = finding.severity ?? 'error';
    if (severity === 'error') errors += 1;
    problems.push({
      severity,
      code: finding.code,
      file: place.file,
      line: place.line,
      column: place.column,
      path: shorten(formatPath(path), 200),
      message: finding.message,
      ...(finding.expected === undefined ? {} : { expected: finding.expected }),
      ...(finding.did_you_mean === undefined ? {} : { did_you_mean: finding.did_you_mean }),
    });
  }

  function order(a: Omit<ConfigProblem, 'excerpt'>, b: Omit<ConfigProblem, 'excerpt'>): number {
    const byFile = files().indexOf(a.file) - files().indexOf(b.file);
    return byFile !== 0 ? byFile : a.line !== b.line ? a.line - b.line : a.column - b.column;
  }

  function all(): ConfigProblem[] {
    const sorted = [...problems].sort(order);
    const shown = (['error', 'warning'] as const)
      .flatMap((severity) => sorted.filter((one) => one.severity === severity))
      .slice(0, mostProblems)
      .sort(order)
      .map((one) => {
        const text = texts.get(one.file);
        return { ...one, excerpt: text === undefined ? null : createExcerpt(text, one.line, one.column) };
      });
    const last = shown.at(-1);
    const left = problems.length - shown.length;
    if (left === 0 || last === undefined) return shown;
    const { severity, code, file, line, column } = last;
    const message = `There are ${left} more problems.`;
    return [...shown, { severity, code, file, line, column, path: '', message, excerpt: null }];
  }

  return {
    at,
    atValue: (root, path, finding) => at(nearestNode(root, path).node.place, path, finding),
    atKey: (root, path, finding) => at(keyPlaceOf(root, path) ?? nearestNode(root, path).node.place, path, finding),
    hasErrors: () => errors > 0,
    all,
  };
}
