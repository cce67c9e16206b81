import { constants, open } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { SnapshotContent } from '../core/config-snapshot.js';

/** Reads a file of at most `most` bytes. Never waits on a pipe, never reads a device, never throws. */
export async function readBounded(path: string, most: number): Promise<SnapshotContent> {
  try {
    // without O_NONBLOCK, opening a pipe would wait for its writer
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile())
        return { kind: 'unreadable', reason: `${quotePath(path)} is not a file; name a regular file.` };
      if (stat.size > most) return tooLarge(path, `${stat.size} bytes`, most);
      const chunks: Buffer[] = [];
      let length = 0;
      for (;;) {
        const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(65_536), 0, 65_536, length);
        if (bytesRead === 0) break;
        chunks.push(buffer.subarray(0, bytesRead));
        length += bytesRead;
        // it may have grown since, and a file of the kernel's states no size
        if (length > most) return tooLarge(path, 'more', most);
      }
      const worldReadable = (stat.mode & 0o004) !== 0;
      return { kind: 'bytes', bytes: new Uint8Array(Buffer.concat(chunks)), worldReadable };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return { kind: 'unreadable', reason: explain(path, error) };
  }
}

export const quotePath = (path: string): string => JSON.stringify(path);

const tooLarge = (path: string, size: string, most: number): SnapshotContent => ({
  kind: 'too_large',
  reason: `${quotePath(path)} holds ${size}, and no more than ${most} bytes are read; is it the right file?`,
});

/** Why a file or folder cannot be read, and what to do. */
export function explain(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  switch (code) {
    case 'ENOENT':
      return `${quotePath(path)} does not exist; create it, or correct the path.`;
    case 'ENOTDIR':
      return `${quotePath(path)} does not exist: a part of the path is not a folder.`;
    case 'EISDIR':
      return `${quotePath(path)} is a folder; name a file.`;
    case 'EACCES':
    case 'EPERM':
      return `${quotePath(path)} may not be read by the user ${userName()}; change its owner or mode.`;
    case 'ELOOP':
      return `${quotePath(path)} is a symbolic link that leads back to itself.`;
    default:
      return `${quotePath(path)} cannot be read (${code}).`;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // a user id without a name, as in containers
    return String(process.getuid?.() ?? 'unknown');
  }
}
