import { resolve } from 'node:path';
import { Command } from 'commander';
import { parse } from 'yaml';
import type { ConfigHistoryShape, EffectiveConfigShape } from './api-shapes.js';
import { bindAction, type CliContext, type CliRun, type GlobalOptions } from './cli-context.js';
import { CliError, exitStatus } from './cli-error.js';
import { showProblems } from './config-problems.js';
import { formatTime } from './format-time.js';

export function configCommand(run: CliRun): Command {
  const get = new Command('get')
    .description('what is in force, defaults included, and where each value comes from')
    .argument('[key]', 'one value, or all below it: defaults.eject, drives[0], notifications');
  const history = new Command('history').description('the last configurations, each with what it changed');
  const set = new Command('set')
    .description('set one value in the file, keeping comments and form; the daemon takes it up by itself')
    .argument('<key>', 'such as defaults.eject, drives[0].suspend, rules[family films].path')
    .argument('<value>', 'as it would stand in the file: always, true, 12, "90%", [md5, sha256]')
    .option('--dry-run', 'show what would change, and change nothing');
  return new Command('config')
    .description('the configuration in force')
    .addCommand(bindAction(run, get, getValues))
    .addCommand(bindAction<SetOptions>(run, set, setValue))
    .addCommand(bindAction(run, history, showHistory));
}

interface SetOptions extends GlobalOptions {
  readonly dryRun?: true;
}

async function setValue(
  context: CliContext,
  [key = '', text = '']: readonly string[],
  options: SetOptions,
): Promise<number> {
  const { output, dependencies, whereabouts } = context;
  const named = options.config ?? dependencies.environment.DISK2ISO_CONFIG;
  const file = named === undefined || named === '' ? (await whereabouts()).configFile : named;
  if (file === null) throw new CliError('usage', 'Which configuration? Name it with --config FILE.', exitStatus.usage);
  const values = { [key]: parseValue(text) };
  const edit = await dependencies.editFile(resolve(dependencies.workingFolder, file), values, options.dryRun === true);
  if (output.isJson) output.json({ valid: edit.isValid, diff: edit.diff, problems: edit.problems });
  else {
    output.text(edit.diff === '' ? 'Nothing to change.' : edit.diff);
    showProblems(context, edit.problems);
    if (!edit.isValid) output.line('Nothing was changed: the file would not be valid.');
  }
  return edit.isValid ? exitStatus.ok : exitStatus.failed;
}

/** As it would be read in the file. */
function parseValue(text: string): unknown {
  try {
    return parse(text);
  } catch {
    // no YAML by itself, such as "a: b: c"
    return text;
  }
}

type Value = EffectiveConfigShape['values'][number];

const isBelow = (key: string, wanted: string): boolean =>
  key === wanted || key.startsWith(`${wanted}.`) || key.startsWith(`${wanted}[`);

async function getValues({ output, client }: CliContext, [wanted]: readonly string[]): Promise<number> {
  const answer = (await (await client()).call('/api/v1/system/config')) as EffectiveConfigShape;
  const values = answer.values.filter(({ key }) => wanted === undefined || isBelow(key, wanted));
  if (values.length === 0 && wanted !== undefined) {
    throw new CliError('not_found', `There is no value ${JSON.stringify(wanted)} in the configuration in force.`);
  }
  if (output.isJson) output.json(wanted === undefined ? answer : values);
  else {
    output.table(values, [
      { title: 'KEY', text: ({ key }) => key },
      { title: 'VALUE', text: ({ value }) => (typeof value === 'string' ? value : JSON.stringify(value)) },
      { title: 'ORIGIN', text: originText },
    ]);
  }
  return exitStatus.ok;
}

function originText({ origin }: Value): string {
  switch (origin.kind) {
    case 'file':
      return `${origin.file}:${origin.line}`;
    case 'derived':
      return `from ${origin.from}`;
    case 'secret':
      return `secret in ${origin.reference}`;
    default:
      return origin.kind;
  }
}

async function showHistory({ output, client }: CliContext): Promise<number> {
  const answer = (await (await client()).call('/api/v1/system/config/history')) as ConfigHistoryShape;
  if (output.isJson) {
    output.json(answer);
    return exitStatus.ok;
  }
  for (const { generation, hash, applied_at, in_force, diff } of answer.generations) {
    const mark = in_force ? ', in force' : '';
    output.line(`generation ${generation} (${hash.slice(0, 12)}), applied ${formatTime(applied_at)}${mark}`);
    const lines = diff === null ? ['  the oldest that is kept'] : diff.split('\n').slice(0, -1);
    for (const line of lines.length === 0 ? ['  the same text; a secret changed'] : lines) output.line(line);
    output.line();
  }
  return exitStatus.ok;
}
