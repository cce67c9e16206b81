import { resolve } from 'node:path';
import { Command } from 'commander';
import { bindAction, type CliContext, type CliRun, type GlobalOptions } from './cli-context.js';
import { exitStatus } from './cli-error.js';
import { chooseFile } from './validate-command.js';

export function migrateCommand(run: CliRun): Command {
  const command = new Command('migrate')
    .description('print a configuration of an older apiVersion in the form of today; changes nothing')
    .argument('[file]', 'the configuration; that of --config where none is named');
  return bindAction(run, command, migrate);
}

async function migrate(
  { output, dependencies }: CliContext,
  [file]: readonly string[],
  options: GlobalOptions,
): Promise<number> {
  const path = resolve(dependencies.workingFolder, chooseFile(file, options, dependencies.environment));
  const text = await dependencies.migrateFile(path);
  if (output.isJson) output.json({ text });
  else output.text(text);
  return exitStatus.ok;
}
