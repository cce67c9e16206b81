import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import type { ConfigPlanShape } from './api-shapes.js';
import { bindAction, type CliContext, type CliRun, type GlobalOptions } from './cli-context.js';
import { CliError, exitStatus } from './cli-error.js';
import { countProblems, showProblems } from './config-problems.js';
import type { Output } from './output.js';

/** Told in the help of the command; as with diff(1) and terraform, changes are no failure. */
const planned = { unchanged: 0, invalid: 1, changes: 2 } as const;

interface PlanOptions extends GlobalOptions {
  readonly diff?: true;
}

export function planCommand(run: CliRun): Command {
  const command = new Command('plan')
    .description('what the running station would do under a file; changes nothing')
    .argument('[file]', 'the configuration to try; the one on disk that the daemon runs on where none is named')
    .option('--diff', 'show the changed lines too')
    .addHelpText(
      'after',
      [
        '',
        'Exit status: 0 no change, 1 the file is not valid, 2 changes, or the archives cannot be looked at, 69 no daemon',
        'answers.',
      ].join('\n'),
    );
  return bindAction<PlanOptions>(run, command, plan);
}

async function plan(context: CliContext, [file]: readonly string[], options: PlanOptions): Promise<number> {
  const { output, client, dependencies } = context;
  const path = file === undefined ? null : resolve(dependencies.workingFolder, file);
  const body = path === null ? {} : { files: await textsOf(context, path) };
  const request = { method: 'POST', body, patienceMs: null } as const;
  const said = (await orUnavailable(async () =>
    (await client()).call('/api/v1/system/config/plan', request),
  )) as ConfigPlanShape;
  // of files that were sent the daemon knows no more than their names
  const problems = said.problems.map((one) => ({ ...one, file: resolve(dirname(path ?? one.file), one.file) }));
  const answer = { ...said, problems };
  if (output.isJson) output.json(answer);
  else {
    showProblems(context, answer.problems);
    if (answer.outcome === 'invalid') output.line(`It would be refused: ${countProblems(answer.problems)}.`);
    if (answer.outcome === 'unchanged') output.line('No change.');
    showEffects(output, answer);
    showWaiting(output, answer);
    if (options.diff === true) for (const line of answer.diff.split('\n').slice(0, -1)) output.line(line);
  }
  return planned[answer.outcome];
}

/** Whoever acts on the exit status must not take a daemon that is down for changes. */
async function orUnavailable<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof CliError) || error.status !== exitStatus.unreachable) throw error;
    throw new CliError(error.code, error.message, exitStatus.unavailable);
  }
}

async function textsOf({ dependencies }: CliContext, file: string) {
  const { texts, problems, isReadable } = await dependencies.checkFile(file);
  // the daemon is sent what could be read, and would take that for all there is
  const lacking = problems.find(({ code }) => code === 'unreadable' || code === 'too_large');
  if (isReadable && lacking === undefined) return texts;
  throw new CliError('config_unreadable', (lacking ?? problems[0])?.message ?? `${file} cannot be read.`);
}

const marks = { begin: '+', end: '-', change: '~' } as const;

export function showEffects(output: Output, { effects }: Pick<ConfigPlanShape, 'effects'>): void {
  for (const { change, kind, message, archives } of effects) {
    const deletes = kind === 'archive_delete' && change === 'begin';
    const mark = deletes ? '!' : marks[change];
    output.line(`${mark} ${message}`);
    if (archives !== null) showPaths(output, archives);
  }
}

function showWaiting(output: Output, { waiting }: ConfigPlanShape): void {
  if (waiting === null) return;
  const { until, count } = waiting;
  const words = count === 1 ? '1 archived image waits' : `${count} archived images wait`;
  output.line(`! ${words} to be DELETED, until ${until}.`);
  showPaths(output, waiting);
}

function showPaths(
  output: Output,
  { count, paths }: { readonly count: number; readonly paths: readonly string[] },
): void {
  for (const path of paths) output.line(`    ${path}`);
  if (count > paths.length) output.line(`    and ${count - paths.length} more`);
}
