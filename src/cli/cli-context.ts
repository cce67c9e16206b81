import type { Command } from 'commander';
import type { PlannedFile } from '../core/config-plan.js';
import type { ConfigProblem } from '../core/config-problem.js';
import type { RebuildOutcome } from '../core/station-ports.js';
import { type ApiClient, createApiClient } from './api-client.js';
import { findSocket, type Whereabouts } from './find-socket.js';
import { Output, type Streams } from './output.js';

/** What a look at a file without a daemon finds. */
export interface FileCheck {
  /** The main file and those it includes; names count from the main file's folder. */
  readonly texts: readonly PlannedFile[];
  readonly isReadable: boolean;
  readonly isValid: boolean;
  readonly problems: readonly ConfigProblem[];
}

/** What an edit came to. */
export interface FileEdit {
  readonly isValid: boolean;
  /** Unified; '' where the file says so already. */
  readonly diff: string;
  readonly problems: readonly ConfigProblem[];
}

/** What the command line needs from outside; main.ts wires it. */
export interface CliDependencies extends Streams {
  readonly version: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly workingFolder: string;
  /** The absolute socket path that a configuration file names. Throws Fault config_unreadable, config_invalid. */
  readonly socketOf: (configFile: string) => Promise<string>;
  /** Runs the daemon until it is told to stop, and gives the exit status. Both are absolute. */
  readonly runDaemon: (configFile: string, stateFolder: string | null) => Promise<number>;
  /** Reads a configuration with all its parts and judges it; nothing is changed. `file` is absolute. */
  readonly checkFile: (file: string) => Promise<FileCheck>;
  /** The text of a file in today's form. Throws Fault config_unreadable, config_invalid. */
  readonly migrateFile: (file: string) => Promise<string>;
  /** Sets values in the file they stand in, where what comes out is valid. Throws Fault bad_request, io_error and the like. */
  readonly editFile: (file: string, values: Readonly<Record<string, unknown>>, dryRun: boolean) => Promise<FileEdit>;
  /** A problem for a terminal, over several lines. */
  readonly formatProblem: (problem: ConfigProblem) => string;
  /** Rebuilds the catalog while no daemon runs. Throws Fault. */
  readonly rebuildOffline: (configFile: string) => Promise<RebuildOutcome>;
}

export interface GlobalOptions {
  readonly json?: true;
  readonly socket?: string;
  readonly config?: string;
}

/** What a command works with. `status` is what the process will end with. */
export interface CliContext {
  readonly dependencies: CliDependencies;
  readonly output: Output;
  /** Finds the daemon's socket, without asking whether anybody listens. */
  whereabouts(): Promise<Whereabouts>;
  client(): Promise<ApiClient>;
}

/** One run of a command: `action` gives the exit status. */
export type Action<Options> = (context: CliContext, args: readonly string[], options: Options) => Promise<number>;

/** Ties an action to a command; the status it gives goes to `onEnd`. */
export interface CliRun {
  readonly dependencies: CliDependencies;
  onEnd(status: number): void;
}

export function bindAction<Options extends object = object>(
  run: CliRun,
  command: Command,
  action: Action<Options>,
): Command {
  return command.action(async () => {
    const options = command.optsWithGlobals<GlobalOptions & Options>();
    run.onEnd(await action(createContext(run.dependencies, options), command.args, options));
  });
}

function createContext(dependencies: CliDependencies, options: GlobalOptions): CliContext {
  const { environment, workingFolder, socketOf } = dependencies;
  const { socket, config } = options;
  const whereabouts = () => findSocket({ socket, config, environment, workingFolder, socketOf });
  return {
    dependencies,
    output: new Output(dependencies, environment, options.json === true),
    whereabouts,
    client: async () => createApiClient((await whereabouts()).socket),
  };
}
