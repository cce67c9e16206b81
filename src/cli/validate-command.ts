import { resolve } from 'node:path';
import { Command } from 'commander';
import { bindAction, type CliContext, type CliRun, type GlobalOptions } from './cli-context.js';
import { CliError, exitStatus } from './cli-error.js';
import { countProblems, showProblems } from './config-problems.js';

/** Told in the help of the command. */
const validity = { valid: 0, invalid: 1, unreadable: 2, warningsOnly: 3 } as const;

interface ValidateOptions extends GlobalOptions {
  /** False with --no-secrets. */
  readonly secrets: boolean;
}

export function validateCommand(run: CliRun): Command {
  const command = new Command('validate')
    .description('look for mistakes in a configuration; needs no daemon and changes nothing')
    .argument('[file]', 'the configuration; that of --config where none is named')
    .option('--no-secrets', 'do not mind secrets that are not on this machine')
    .addHelpText('after', '\nExit status: 0 valid, 1 invalid, 2 unreadable, 3 valid with warnings.');
  return bindAction<ValidateOptions>(run, command, validate);
}

async function validate(context: CliContext, args: readonly string[], options: ValidateOptions): Promise<number> {
  const { dependencies, output } = context;
  const file = resolve(dependencies.workingFolder, chooseFile(args[0], options, dependencies.environment));
  const check = await dependencies.checkFile(file);
  const problems = options.secrets ? check.problems : check.problems.filter((one) => one.code !== 'secret');
  const isValid = check.isValid || !problems.some((one) => one.severity === 'error');
  if (output.isJson) output.json(problems);
  else {
    showProblems(context, problems);
    const verdict = isValid ? 'valid' : check.isReadable ? 'not valid' : 'not readable';
    output.line(`${file} is ${verdict}${problems.length === 0 ? '.' : `: ${countProblems(problems)}.`}`);
  }
  if (!check.isReadable) return validity.unreadable;
  if (!isValid) return validity.invalid;
  return problems.length > 0 ? validity.warningsOnly : validity.valid;
}

export function chooseFile(
  argument: string | undefined,
  { config }: GlobalOptions,
  environment: NodeJS.ProcessEnv,
): string {
  const file = argument ?? config ?? environment.DISK2ISO_CONFIG;
  if (file !== undefined && file !== '') return file;
  throw new CliError('usage', 'Which configuration? Name the file.', exitStatus.usage);
}
