import { type ChildProcess, spawn } from 'node:child_process';
import { Fault } from '../core/fault.js';
import type { StopSignal } from '../core/ports.js';

export interface ProcessRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly timeoutMs: number;
  readonly stop?: StopSignal;
  /** For people: how to get the program where it is missing. */
  readonly install?: string;
}

export interface ProcessEnd {
  /** Exit status, or null where a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const mostOutputBytes = 1024 * 1024;
/** Milliseconds in which a killed process is gone, unless the kernel holds it. */
const killMs = 1000;

interface Stuck {
  readonly pid: number;
  /** Monotonic milliseconds. */
  readonly killedAt: number;
  readonly ended: Promise<void>;
}

/**
 * Runs short programs that look at a device. One that hangs is killed with everything it started; one that cannot
 * even be killed, as it waits for a drive inside the kernel, is left behind, and nothing more is started on that
 * device until it has ended.
 */
export class BoundedProcesses {
  readonly #stuck = new Map<string, Stuck>();
  readonly #running = new Set<ChildProcess>();
  readonly #onFreed: () => void;

  /** @param onFreed called when a program that was left behind has ended after all */
  constructor(onFreed: () => void = () => undefined) {
    this.#onFreed = onFreed;
  }

  /** Throws Fault: tool_missing, timeout, cancelled. A status other than 0 is no fault here. */
  async run(subject: string, request: ProcessRequest): Promise<ProcessEnd> {
    const stuck = this.#stuck.get(subject);
    if (stuck !== undefined && !(await endsBy(stuck, stuck.killedAt + killMs))) {
      throw hangs(subject, `process ${stuck.pid} still waits for it`);
    }
    if (request.stop?.aborted) throw new Fault('cancelled', 'Stopped on request.', { retry: 'later' });
    const child = spawn(request.command, request.args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    });
    this.#running.add(child);
    child.once('close', () => this.#running.delete(child));
    return await new Promise((resolve, reject) => {
      const giveUp = (fault: Fault): void => {
        settle();
        killGroup(child);
        this.#abandon(subject, child);
        reject(fault);
      };
      const onStop = (): void => giveUp(new Fault('cancelled', 'Stopped on request.', { retry: 'later' }));
      const timer = setTimeout(() => giveUp(hangs(subject, describeWait(request))), request.timeoutMs);
      const settle = (): void => {
        clearTimeout(timer);
        request.stop?.removeEventListener('abort', onStop);
      };
      request.stop?.addEventListener('abort', onStop);
      const stdout = collect(child.stdout);
      const stderr = collect(child.stderr);
      child.once('error', (error) => {
        settle();
        this.#running.delete(child);
        reject(notStarted(request, error));
      });
      child.once('close', (status) => {
        settle();
        resolve({ status, stdout: stdout(), stderr: stderr() });
      });
    });
  }

  close(): void {
    for (const child of this.#running) {
      killGroup(child);
      letGo(child);
    }
  }

  #abandon(subject: string, child: ChildProcess): void {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    letGo(child);
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => {
        this.#stuck.delete(subject);
        this.#running.delete(child);
        this.#onFreed();
        resolve();
      });
    });
    this.#stuck.set(subject, { pid: child.pid, killedAt: performance.now(), ended });
  }
}

async function endsBy({ ended }: Stuck, time: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.max(0, time - performance.now()));
  });
  try {
    return await Promise.race([ended.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

const describeWait = ({ command, timeoutMs }: ProcessRequest): string =>
  `${command} gave no answer in ${timeoutMs / 1000} s`;

function notStarted({ command, install }: ProcessRequest, error: NodeJS.ErrnoException): Fault {
  const missing = error.code === 'ENOENT' || error.code === 'EACCES';
  const options = { retry: 'later', cause: error } as const;
  if (!missing) return new Fault('tool_failed', `${command} could not be started (${error.code}).`, options);
  const how = install === undefined ? 'install it' : `install it: ${install}`;
  return new Fault('tool_missing', `${command} is missing; ${how}.`, options);
}

function hangs(subject: string, why: string): Fault {
  const message = `${subject} does not answer (${why}); if it stays so, switch the drive off and on.`;
  return new Fault('timeout', message, { retry: 'later' });
}

/** The group may outlive its leader: what the program started can hold its output open. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A child that may never end must not keep the daemon from ending. */
function letGo(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}

/** Gathers output up to 1 MiB; what comes after is read and dropped. */
function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    if (bytes < mostOutputBytes) chunks.push(chunk);
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
