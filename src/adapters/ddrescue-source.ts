import { constants } from 'node:fs';
import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import { Fault } from '../core/fault.js';

/** Notices that what is being read is no longer what it was when the reading began. */
export interface SourceWatch {
  /** A quick look that touches no drive. */
  isSame(): Promise<boolean>;
  /** A look at the end; null where all is as it was. `thorough` asks the drive itself whether its disc is there. */
  findChange(thorough: boolean): Promise<Fault | null>;
  close(): Promise<void>;
}

const gone = (path: string): Fault =>
  new Fault('medium_absent', `What was in ${path} is not there any more; put it back, and it goes on from there.`, {
    retry: 'later',
  });

const changed = (path: string): Fault =>
  new Fault('source_changed', `${path} was changed while it was read; bring it in again when it is complete.`);

async function watchFile(path: string, mediumBytes: number): Promise<SourceWatch> {
  // held open, so that a file that is moved or deleted meanwhile is still the one looked at
  const handle: FileHandle = await open(path, 'r');
  const before = await handle.stat();
  async function findChange(): Promise<Fault | null> {
    try {
      const now = await handle.stat();
      return now.size === mediumBytes && now.mtimeMs === before.mtimeMs ? null : changed(path);
    } catch {
      // the disk that the file is on went away
      return gone(path);
    }
  }
  return {
    isSame: async () => (await findChange()) === null,
    findChange,
    close: () => handle.close(),
  };
}

/** The kernel counts a device's media: source Documentation/ABI/stable/sysfs-block. Null where it does not tell. */
async function readDiskSequence(rdev: number): Promise<string | null> {
  // as the C library's major() and minor() take a device number apart
  const major = ((rdev >>> 8) & 0xfff) | (Math.floor(rdev / 2 ** 32) & 0xfffff000);
  const minor = (rdev & 0xff) | ((rdev >>> 12) & 0xffffff00);
  try {
    return (await readFile(`/sys/dev/block/${major}:${minor}/diskseq`, 'latin1')).trim();
  } catch {
    return null;
  }
}

async function watchDevice(path: string, rdev: number): Promise<SourceWatch> {
  const before = await readDiskSequence(rdev);
  const isSame = async (): Promise<boolean> => (await readDiskSequence(rdev)) === before;
  async function findChange(thorough: boolean): Promise<Fault | null> {
    try {
      // makes the kernel look for a changed medium; non-blocking, as any other open would close an open tray
      if (thorough) await (await open(path, constants.O_RDONLY | constants.O_NONBLOCK)).close();
    } catch {
      return gone(path);
    }
    return (await isSame()) ? null : gone(path);
  }
  return { isSame, findChange, close: async () => undefined };
}

/** Throws Fault medium_absent, permission_denied, source_changed. */
export async function watchSource(path: string, mediumBytes: number): Promise<SourceWatch> {
  try {
    const found = await stat(path);
    if (found.isBlockDevice()) return await watchDevice(path, found.rdev);
    if (found.size !== mediumBytes) throw changed(path);
    return await watchFile(path, mediumBytes);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error;
    if (error.code !== 'EACCES' && error.code !== 'EPERM') throw gone(path);
    throw new Fault('permission_denied', `${path} may not be read by the daemon's user; change its permissions.`, {
      retry: 'later',
    });
  }
}
