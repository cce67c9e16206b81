import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's top folder, seen from dist/test/packaging. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/**
 * For a test's `skip`: the reason where a program is missing, else false. In CI nothing is skipped: there the test
 * fails by itself.
 */
export function missing(program: string, debianPackage: string): string | false {
  const found = spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program], { env: { ...process.env, PATH: path } });
  if (found.status === 0 || process.env.CI !== undefined) return false;
  return `${program} is missing: apt-get install ${debianPackage}`;
}

// Debian keeps nginx and apparmor_parser where a plain user's PATH does not look.
const path = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;

export interface Ran {
  readonly status: number | null;
  /** Standard output and standard error. */
  readonly output: string;
}

export function run(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Ran {
  const result = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: 300_000,
    maxBuffer: 64 << 20,
    ...options,
    env: { ...process.env, PATH: path, ...options.env },
  });
  if (result.error !== undefined) throw result.error;
  return { status: result.status, output: result.stdout + result.stderr };
}

/** Runs, and throws with everything it said where it does not end well. */
export function must(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): string {
  const { status, output } = run(program, args, options);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${output}`);
  return output;
}
