import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Log } from '../core/ports.js';
import { retryDelay } from '../core/retry.js';

const backoff = { firstMs: 1000, mostMs: 60_000 };

export interface UdevMonitorOptions {
  readonly log: Log;
  readonly onHint: () => void;
  /** Where udevd's control socket tells that it runs. */
  readonly runRoot: string;
}

/**
 * Hints from `udevadm monitor`: an event of an optical drive, or the end of the monitor itself. Started anew when it
 * ends; where there is no udevadm at all, there are no hints.
 */
export class UdevMonitor {
  readonly #options: UdevMonitorOptions;
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | null = null;
  #deaths = 0;
  #closed = true;

  constructor(options: UdevMonitorOptions) {
    this.#options = options;
  }

  start(): void {
    if (!this.#closed) return;
    this.#closed = false;
    this.#begin();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }

  #begin(): void {
    // udevd's events come with everything in place; without it the kernel's own are better than none
    const source = existsSync(`${this.#options.runRoot}/udev/control`) ? '--udev' : '--kernel';
    const child = spawn('udevadm', ['monitor', source, '--subsystem-match=block'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#child = child;
    const started = performance.now();
    let rest = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = (lines.pop() ?? '').slice(-4096);
      if (lines.some(tellsOfOpticalDrive)) this.#hint();
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT';
      this.#options.log.info({ err: error }, missing ? 'no udevadm: drives are polled' : 'udevadm cannot be started');
      if (!missing) this.#again(started);
    });
    child.once('exit', (status, signal) => {
      if (this.#closed) return;
      this.#options.log.warn({ status, signal }, 'udevadm monitor ended; it is started again');
      this.#hint();
      this.#again(started);
    });
  }

  #again(started: number): void {
    this.#deaths = performance.now() - started > backoff.mostMs ? 1 : this.#deaths + 1;
    this.#timer = setTimeout(
      () => {
        if (!this.#closed) this.#begin();
      },
      retryDelay(backoff, this.#deaths),
    ).unref();
  }

  #hint(): void {
    if (!this.#closed) this.#options.onHint();
  }
}

/** `UDEV  [12.345] change   /devices/pci…/block/sr0 (block)`. */
export function tellsOfOpticalDrive(line: string): boolean {
  return /^(UDEV|KERNEL)\s*\[[^\]]*\]\s+\w+\s+\S*\/block\/sr\d+\s/.test(line);
}
