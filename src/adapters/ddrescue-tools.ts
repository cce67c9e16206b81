import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Fault } from '../core/fault.js';

/** Programs that a rescue needs, with the Debian package each comes from. */
const packages = { ddrescue: 'gddrescue', flock: 'util-linux', setpriv: 'util-linux' } as const;
type Tool = keyof typeof packages;
const tools = Object.keys(packages) as Tool[];

/** All that a tool gets to see of this process's environment; messages and numbers come untranslated. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C' };
}

async function isInstalled(tool: Tool): Promise<boolean> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      await access(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      // not in this folder: look into the next
    }
  }
  return false;
}

/** Throws Fault tool_missing with the command that installs what is not there. */
export async function checkTools(): Promise<void> {
  const installed = await Promise.all(tools.map(isInstalled));
  const missing = tools.filter((_, index) => !installed[index]);
  if (missing.length === 0) return;
  const command = `apt-get install ${[...new Set(missing.map((tool) => packages[tool]))].join(' ')}`;
  throw new Fault('tool_missing', `No ${missing.join(', ')} found on this machine; install with: ${command}`, {
    retry: 'later',
  });
}

/** Such as `1.27`. Throws Fault tool_missing, tool_failed. */
export async function ddrescueVersion(): Promise<string> {
  await checkTools();
  try {
    const { stdout } = await promisify(execFile)('ddrescue', ['--version'], {
      env: toolEnvironment(),
      timeout: 10_000,
      killSignal: 'SIGKILL',
    });
    const version = /^GNU ddrescue (\S+)/.exec(stdout)?.[1];
    if (version !== undefined) return version;
  } catch (error) {
    throw new Fault('tool_failed', `ddrescue --version failed (${String(error)}); reinstall the package gddrescue.`, {
      retry: 'later',
      cause: error,
    });
  }
  throw new Fault('tool_failed', 'The program ddrescue is not GNU ddrescue; install it: apt-get install gddrescue.', {
    retry: 'later',
  });
}
