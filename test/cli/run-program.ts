import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export const program = fileURLToPath(new URL('./cli-program.js', import.meta.url));

export interface RunOptions {
  readonly socket?: string;
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const environmentOf = (options: RunOptions): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  TZ: 'UTC',
  ...(options.socket === undefined ? {} : { DISK2ISO_SOCKET: options.socket }),
  ...options.environment,
});

export function startCli(
  args: readonly string[],
  options: RunOptions = {},
): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, [program, ...args], {
    cwd: options.folder ?? '/',
    env: environmentOf(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs the command line as a process of its own. */
export async function runCli(args: readonly string[], options: RunOptions = {}) {
  const child = startCli(args, options);
  const exit = once(child, 'exit');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = (await exit) as [number | null];
  return { stdout, stderr, status };
}

/** The same on a terminal of its own, made by script(1). Standard error is on it too. */
export async function runOnTerminal(args: readonly string[], options: RunOptions & { readonly columns: number }) {
  const quoted = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ');
  const command = `stty cols ${options.columns} rows 40; exec ${quoted}`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd: options.folder ?? '/',
    env: { TERM: 'xterm', SHELL: '/bin/sh', ...environmentOf(options) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const shown = (await text(child.stdout)).replaceAll('\r\n', '\n');
  const [status] = (await exit) as [number | null];
  return { shown, status };
}
