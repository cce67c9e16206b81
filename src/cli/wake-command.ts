import { Command } from 'commander';
import { bindAction, type CliContext, type CliRun } from './cli-context.js';
import { exitStatus } from './cli-error.js';

export function wakeCommand(run: CliRun): Command {
  const command = new Command('wake').description('let the daemon look at its drives now; it does so by itself too');
  return bindAction(run, command, wake);
}

async function wake({ output, client }: CliContext): Promise<number> {
  await (await client()).call('/-/wake', { method: 'POST' });
  if (output.isJson) output.json({});
  return exitStatus.ok;
}
