import { Command } from 'commander';
import type { ConfigOutcomeShape } from './api-shapes.js';
import { bindAction, type CliContext, type CliRun } from './cli-context.js';
import { exitStatus } from './cli-error.js';
import { countProblems, showProblems } from './config-problems.js';

export function reloadCommand(run: CliRun): Command {
  const command = new Command('reload')
    .description('let the daemon read its configuration again, and wait for the outcome')
    .addHelpText('after', '\nExit status: 0 what the file says is in force, 1 it was refused, 2 no daemon answers.');
  return bindAction(run, command, reload);
}

async function reload(context: CliContext): Promise<number> {
  const { output, client } = context;
  const request = { method: 'POST', patienceMs: null, alsoStatus: [422] } as const;
  const answer = (await (await client()).call('/-/reload', request)) as ConfigOutcomeShape;
  const { outcome, generation, problems } = answer;
  if (output.isJson) output.json(answer);
  else {
    showProblems(context, problems);
    if (outcome === 'applied') output.line(`Generation ${generation} is in force.`);
    else if (outcome === 'unchanged') output.line(`Nothing has changed; generation ${generation} stays in force.`);
    else output.line(`The file was refused (${countProblems(problems)}); generation ${generation} stays in force.`);
  }
  return outcome === 'rejected' ? exitStatus.failed : exitStatus.ok;
}
