import { execFileSync, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';

export function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

function whyNoDisks(): string | null {
  try {
    run('unshare', '--mount', 'true');
    run('losetup', '--find');
    return null;
  } catch {
    return 'needs root and loop devices';
  }
}

const noDisks = whyNoDisks();
/** For tests that mount filesystems or attach disks: skipped, with the reason, where that is not possible. */
export const withDisks = noDisks === null ? {} : { skip: noDisks };

/** Mounts and loop devices that are gone after the test. */
export class DiskBed {
  readonly #undo: (() => void)[] = [];

  async mount(folder: string, ...args: string[]): Promise<void> {
    await mkdir(folder, { recursive: true });
    run('mount', ...args, folder);
    this.#undo.push(() => run('umount', '--lazy', folder));
  }

  attach(file: string, ...args: string[]): string {
    const device = run('losetup', '--find', '--show', ...args, file);
    this.#undo.push(() => run('losetup', '--detach', device));
    return device;
  }

  /** Holds up all writing to a mounted filesystem until the given function is called, or 20 s at most. */
  freeze(folder: string): () => void {
    run('fsfreeze', '--freeze', folder);
    // whatever becomes of this process, no frozen filesystem stays behind
    const script = 'sleep 20; fsfreeze --unfreeze "$0"';
    spawn('/bin/sh', ['-c', script, folder], { stdio: 'ignore', detached: true }).unref();
    return () => run('fsfreeze', '--unfreeze', folder);
  }

  undo(): void {
    for (const step of this.#undo.splice(0).reverse()) step();
  }
}
