import type { ConfigProblem } from '../core/config-problem.js';
import { printable } from './excerpt.js';

/**
 * A problem for a terminal, over several lines:
 *
 *     /etc/disk2iso/config.yaml:12:5: error: Unknown key "raed_attempts".
 *       12 |   raed_attempts: 5
 *          |   ^ did you mean read_attempts?
 */
export function formatProblem(problem: ConfigProblem): string {
  const head = `${problem.file}:${problem.line}:${problem.column}: ${problem.severity}: ${problem.message}`;
  const hints = [
    problem.did_you_mean === undefined ? null : `did you mean ${problem.did_you_mean}?`,
    problem.expected === undefined ? null : `expected ${problem.expected}`,
  ].filter((hint) => hint !== null);
  const lines = [head];
  if (problem.excerpt !== null) {
    const gutter = String(problem.line).padStart(5);
    const column = problem.excerpt.startsWith('…') ? null : problem.column;
    lines.push(`${gutter} | ${problem.excerpt}`);
    const pointer = column === null ? '' : `${' '.repeat(column - 1)}^ `;
    if (pointer !== '' || hints.length > 0) lines.push(`${' '.repeat(5)} | ${pointer}${hints.join('; ')}`.trimEnd());
  } else if (hints.length > 0) {
    lines.push(`        ${hints.join('; ')}`);
  }
  return lines.map(printable).join('\n');
}

/** A problem in one line, for logs and events. */
export function summariseProblem(problem: ConfigProblem): string {
  const hint = problem.did_you_mean === undefined ? '' : ` Did you mean ${problem.did_you_mean}?`;
  return printable(`${problem.file}:${problem.line}:${problem.column}: ${problem.message}${hint}`);
}
