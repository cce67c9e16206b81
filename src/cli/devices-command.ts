import { Command } from 'commander';
import type { DevicesShape } from './api-shapes.js';
import { bindAction, type CliContext, type CliRun } from './cli-context.js';
import { exitStatus } from './cli-error.js';
import { deviceColumns, deviceFaults, deviceLines } from './device-view.js';

export function devicesCommand(run: CliRun): Command {
  return bindAction(run, new Command('devices').description('the drives and what is in them'), listDevices);
}

async function listDevices({ output, client }: CliContext): Promise<number> {
  const answer = (await (await client()).call('/api/v1/devices')) as DevicesShape;
  if (output.isJson) {
    output.json(answer);
    return exitStatus.ok;
  }
  if (answer.devices.length === 0) output.remark('No drive was found: see `disk2iso status` for the reason.');
  else output.table(deviceLines(answer.devices), deviceColumns(output));
  for (const fault of deviceFaults(answer.devices)) output.line(fault);
  return exitStatus.ok;
}
