import { chmod, chown, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '../core/fault.js';

/**
 * Writes a file whole or not at all: beside it first, then by a rename, with the mode and the owner it has. A link
 * stays one, and the file it leads to is replaced. Throws Fault io_error, permission_denied.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  let fresh: string | null = null;
  try {
    const target = await realpath(path);
    const { mode, uid, gid } = await stat(target);
    fresh = join(dirname(target), `.${process.pid}-${Date.now()}.disk2iso-new`);
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    const made = await stat(fresh);
    if (made.uid !== uid || made.gid !== gid) await chown(fresh, uid, gid);
    await chmod(fresh, mode & 0o7777);
    await rename(fresh, target);
    const folder = await open(dirname(target));
    await folder.sync().finally(() => folder.close());
  } catch (cause) {
    if (fresh !== null) await rm(fresh, { force: true });
    const { code, message } = cause as NodeJS.ErrnoException;
    const kind = code === 'EACCES' || code === 'EPERM' ? 'permission_denied' : 'io_error';
    throw new Fault(kind, `${path} could not be written (${message}); it is as it was.`, { cause });
  }
}
