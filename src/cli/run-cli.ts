import { CommanderError } from 'commander';
import { Fault } from '../core/fault.js';
import type { CliDependencies } from './cli-context.js';
import { CliError, exitStatus } from './cli-error.js';
import { createProgram, eachCommand } from './create-program.js';
import { Output } from './output.js';

/** Runs one command line (without node and script) and gives the exit status. Bugs propagate. */
export async function runCli(args: readonly string[], dependencies: CliDependencies): Promise<number> {
  const output = new Output(dependencies, dependencies.environment, args.includes('--json'));
  let status: number = exitStatus.ok;
  const program = createProgram({
    dependencies,
    onEnd: (end) => {
      status = end;
    },
  });
  eachCommand(program, (command) =>
    command.exitOverride().configureOutput({
      writeOut: (text) => void dependencies.stdout.write(text),
      // a wrong command line is reported below, in JSON where that is wanted
      writeErr: () => undefined,
    }),
  );
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return endOfParsing(error, output, program.helpInformation());
    if (error instanceof CliError) {
      output.failure(error.code, error.message);
      return error.status;
    }
    if (error instanceof Fault) {
      output.failure(error.code, error.message);
      return exitStatus.failed;
    }
    throw error;
  }
}

/** --help and --version end this way too. */
function endOfParsing(error: CommanderError, output: Output, help: string): number {
  if (error.exitCode === 0) return exitStatus.ok;
  const isEmpty = error.code === 'commander.help';
  const message = isEmpty ? 'Which command?' : error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
  output.failure('usage', `${message}${isEmpty && !output.isJson ? '' : ' See `disk2iso --help`.'}`);
  if (isEmpty) output.usage(help);
  return exitStatus.usage;
}
