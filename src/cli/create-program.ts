import { Command } from 'commander';
import { approveCommand } from './approve-command.js';
import { archivesCommand } from './archives-command.js';
import { catalogCommand } from './catalog-command.js';
import type { CliRun } from './cli-context.js';
import { configCommand } from './config-command.js';
import { daemonCommand } from './daemon-command.js';
import { devicesCommand } from './devices-command.js';
import { explainCommand } from './explain-command.js';
import { healthCommand } from './health-command.js';
import { jobsCommand } from './jobs-command.js';
import { logsCommand } from './logs-command.js';
import { migrateCommand } from './migrate-command.js';
import { planCommand } from './plan-command.js';
import { reloadCommand } from './reload-command.js';
import { statusCommand } from './status-command.js';
import { validateCommand } from './validate-command.js';
import { verifyCommand } from './verify-command.js';
import { wakeCommand } from './wake-command.js';

const epilogue = `
The daemon is looked for at --socket, the socket that --config names, $DISK2ISO_SOCKET, the one that
$DISK2ISO_CONFIG names, /run/disk2iso/disk2iso.sock, and last the one that config.yaml or config.example.yaml
in this folder names.

Exit status:
  0   done (health: the station is healthy)
  1   refused, or found wrong: no such job, a checksum that differs, a degraded station
  2   no daemon answers
  64  the command line makes no sense
With --json errors are JSON too, on standard output: {"error": {"code", "message"}}.`;

const commands: readonly ((run: CliRun) => Command)[] = [
  statusCommand,
  devicesCommand,
  jobsCommand,
  archivesCommand,
  verifyCommand,
  logsCommand,
  healthCommand,
  catalogCommand,
  validateCommand,
  planCommand,
  explainCommand,
  configCommand,
  migrateCommand,
  approveCommand,
  reloadCommand,
  wakeCommand,
  daemonCommand,
];

/** The whole command line. Parsing throws CommanderError, actions throw CliError and Fault: see runCli. */
export function createProgram(run: CliRun): Command {
  const program = new Command('disk2iso')
    .description('Archiving station: a disc goes in, a verified image comes out.')
    .version(run.dependencies.version)
    .option('--json', 'answer in JSON, and in nothing else')
    .option('--socket <path>', 'unix socket of the daemon')
    .option('--config <file>', 'configuration file of the daemon')
    .addHelpText('after', epilogue);
  for (const create of commands) program.addCommand(create(run));
  return program;
}

/** Lets `configure` loose on a command and all below it. */
export function eachCommand(command: Command, configure: (one: Command) => void): void {
  configure(command);
  for (const one of command.commands) eachCommand(one, configure);
}
