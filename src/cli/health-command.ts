import { Command } from 'commander';
import type { StatusShape } from './api-shapes.js';
import { bindAction, type CliContext, type CliRun } from './cli-context.js';
import { exitStatus } from './cli-error.js';
import { problemLines, statusPath } from './status-command.js';

export function healthCommand(run: CliRun): Command {
  const command = new Command('health')
    .description('whether the station works; the exit status tells')
    .addHelpText('after', '\nExit status: 0 healthy, 1 degraded or not ready, 2 no daemon answers.');
  return bindAction(run, command, checkHealth);
}

async function checkHealth({ output, client }: CliContext): Promise<number> {
  const status = (await (await client()).call(statusPath)) as StatusShape;
  if (output.isJson) output.json(status);
  else {
    output.line(status.status.replace('_', ' '));
    for (const problem of problemLines(status)) output.line(problem);
  }
  return status.status === 'healthy' ? exitStatus.ok : exitStatus.failed;
}
