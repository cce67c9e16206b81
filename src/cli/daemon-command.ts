import { resolve } from 'node:path';
import { Command } from 'commander';
import { bindAction, type CliContext, type CliRun, type GlobalOptions } from './cli-context.js';
import { CliError, exitStatus } from './cli-error.js';

interface DaemonOptions extends GlobalOptions {
  readonly state?: string;
}

export function daemonCommand(run: CliRun): Command {
  const command = new Command('daemon')
    .description('run the station in the foreground until SIGTERM or SIGINT')
    .option('--state <folder>', 'where the last good configuration is kept, should the file be too broken to tell')
    .addHelpText(
      'after',
      `
Needs --config FILE, or $DISK2ISO_CONFIG.
Exit status: 0 stopped on request, 69 something it needs is missing or taken,
78 the configuration is wrong and no earlier one is known to go on with.`,
    );
  return bindAction<DaemonOptions>(run, command, runDaemon);
}

async function runDaemon(
  { dependencies }: CliContext,
  _: readonly string[],
  { config, state }: DaemonOptions,
): Promise<number> {
  const file = config ?? dependencies.environment.DISK2ISO_CONFIG;
  if (file === undefined || file === '') {
    const message = 'Which configuration? Name it with --config FILE; config.example.yaml is one to begin with.';
    throw new CliError('usage', message, exitStatus.usage);
  }
  const { workingFolder } = dependencies;
  return dependencies.runDaemon(
    resolve(workingFolder, file),
    state === undefined ? null : resolve(workingFolder, state),
  );
}
