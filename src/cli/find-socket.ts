import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CliError, exitStatus } from './cli-error.js';

export const systemSocket = '/run/disk2iso/disk2iso.sock';
export const systemConfig = '/etc/disk2iso/config.yaml';

export interface Whereabouts {
  readonly socket: string;
  /** The configuration that station runs on, as far as that is known from how it was found. */
  readonly configFile: string | null;
}

export interface FindSocketOptions {
  /** From the command line. */
  readonly socket: string | undefined;
  readonly config: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly workingFolder: string;
  /** The absolute socket path that a configuration file names. Throws Fault config_unreadable, config_invalid. */
  readonly socketOf: (configFile: string) => Promise<string>;
}

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

/** The command line before the environment, then the installed station, then the one of this folder. */
export async function findSocket(options: FindSocketOptions): Promise<Whereabouts> {
  const { environment, workingFolder, socketOf } = options;
  const chosenConfig = options.config ?? nonEmpty(environment.DISK2ISO_CONFIG);
  const configFile = chosenConfig === undefined ? null : resolve(workingFolder, chosenConfig);
  const fromConfig = async (file: string): Promise<Whereabouts> => ({ socket: await socketOf(file), configFile: file });

  if (options.socket !== undefined) return { socket: resolve(workingFolder, options.socket), configFile };
  if (options.config !== undefined && configFile !== null) return fromConfig(configFile);
  const chosenSocket = nonEmpty(environment.DISK2ISO_SOCKET);
  if (chosenSocket !== undefined) return { socket: resolve(workingFolder, chosenSocket), configFile };
  if (configFile !== null) return fromConfig(configFile);
  if (existsSync(systemSocket)) return { socket: systemSocket, configFile: systemConfig };
  for (const name of ['config.yaml', 'config.example.yaml']) {
    const file = join(workingFolder, name);
    if (existsSync(file)) return fromConfig(file);
  }
  const message =
    `No daemon was found: there is no ${systemSocket} and no config.yaml in this folder. ` +
    'Start it with `systemctl start disk2iso` or `disk2iso daemon --config FILE`, or name it with --socket or --config.';
  throw new CliError('not_running', message, exitStatus.unreachable);
}
