import { Command } from 'commander';
import type { ConfigApprovedShape } from './api-shapes.js';
import { bindAction, type CliContext, type CliRun } from './cli-context.js';
import { CliError, exitStatus } from './cli-error.js';

export function approveCommand(run: CliRun): Command {
  const command = new Command('approve')
    .description('let a configuration delete the many images it makes due; `disk2iso status` says when one waits')
    .argument('<generation>', 'the generation that waits, so that no other is approved by mistake');
  return bindAction(run, command, approve);
}

async function approve({ output, client }: CliContext, [text = '']: readonly string[]): Promise<number> {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new CliError('usage', 'A generation is a whole number.', exitStatus.usage);
  const request = { method: 'POST', body: { generation: Number(text) } } as const;
  const answer = (await (await client()).call('/api/v1/system/config/approve', request)) as ConfigApprovedShape;
  if (output.isJson) output.json(answer);
  else output.line(`Generation ${answer.generation} may delete ${answer.archives} images; they go to the trash first.`);
  return exitStatus.ok;
}
