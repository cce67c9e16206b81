import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Fault } from '../core/fault.js';

const run = promisify(execFile);

/**
 * Makes the kernel forget what it holds of a file, so that the next read comes from the disk. Pages that are not
 * written yet cannot be dropped, so they are written first. Both programs open the file for reading only, and run
 * apart so that a slow disk holds up none of the few threads that Node has for files.
 *
 * On tmpfs nothing is dropped: there is nothing behind the cache. Throws Fault cancelled, io_error, tool_missing.
 */
export async function dropCachedPages(path: string, signal: AbortSignal): Promise<void> {
  const options = { signal, env: { PATH: process.env.PATH, LC_ALL: 'C' } };
  try {
    await run('sync', ['--data', path], options);
    await run('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'], options);
  } catch (error) {
    if (signal.aborted) throw new Fault('cancelled', `The reading of ${path} was stopped.`, { retry: 'later' });
    if (!(error instanceof Error)) throw error;
    if ('code' in error && error.code === 'ENOENT') {
      throw new Fault('tool_missing', 'The programs sync and dd are missing; install them: apt-get install coreutils.');
    }
    const said = 'stderr' in error ? String(error.stderr).trim() : error.message;
    throw new Fault('io_error', `The image ${path} could not be read from its disk: ${said}; check the disk.`, {
      retry: 'later',
      cause: error,
    });
  }
}
