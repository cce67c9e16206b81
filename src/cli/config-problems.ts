import type { ConfigProblem } from '../core/config-problem.js';
import type { CliContext } from './cli-context.js';

/** Shows every problem with its place, its line and what was probably meant. */
export function showProblems({ output, dependencies }: CliContext, problems: readonly ConfigProblem[]): void {
  for (const problem of problems) {
    for (const line of dependencies.formatProblem(problem).split('\n')) output.line(line);
  }
}

export function countProblems(problems: readonly ConfigProblem[]): string {
  const errors = problems.filter((one) => one.severity === 'error').length;
  const warnings = problems.length - errors;
  const count = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;
  return [errors > 0 ? count(errors, 'error') : '', warnings > 0 ? count(warnings, 'warning') : '']
    .filter((text) => text !== '')
    .join(' and ');
}
