import { spawn } from 'node:child_process';
import { Fault } from '../core/fault.js';
import type { StopSignal } from '../core/ports.js';
import { toolEnvironment } from './ddrescue-tools.js';

/** Milliseconds granted to a process that is told to end. */
export interface Deadlines {
  /** From SIGINT, on which ddrescue saves its map, to SIGKILL. */
  readonly interruptMs: number;
  /** From SIGKILL until it is left to itself: a process that waits for a hung drive cannot even be killed. */
  readonly killMs: number;
}

export interface ProcessEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last few kilobytes. */
  readonly stderr: string;
}

const keptStderr = 4096;
/**
 * Where ddrescue cannot write its map it asks what to do, and at the end of its input it asks again, for ever and
 * without a pause. This is the answer: abort.
 */
const answers = 'q\n'.repeat(100);
/** How long output may stay open once the process has ended, before whoever still holds it is ignored. */
const outputGraceMs = 1000;

/** Ends when the process has ended. Throws Fault tool_missing, and timeout for one that survives being killed. */
export function runProcess(
  command: { readonly program: string; readonly args: readonly string[] },
  onOutput: (text: string) => void,
  stop: StopSignal,
  deadlines: Deadlines,
): Promise<ProcessEnd> {
  return new Promise((resolve, reject) => {
    // a session of its own: Ctrl-C in the terminal is for the daemon, which then stops this one in order
    const child = spawn(command.program, command.args, {
      env: toolEnvironment(),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    let stderr = '';
    let timer: NodeJS.Timeout | undefined;

    const signal = (name: NodeJS.Signals): void => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      process.kill(-child.pid, name);
    };
    const settle = (): void => {
      clearTimeout(timer);
      stop.removeEventListener('abort', interrupt);
    };
    const closeOutput = (): void => {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    };
    const abandon = (): void => {
      settle();
      closeOutput();
      child.unref();
      const message = `ddrescue (process ${child.pid}) hangs and cannot be killed; switch the drive off and on, or restart the machine.`;
      reject(new Fault('timeout', message, { retry: 'later' }));
    };
    const kill = (): void => {
      signal('SIGKILL');
      timer = setTimeout(abandon, deadlines.killMs);
    };
    const interrupt = (): void => {
      signal('SIGINT');
      timer = setTimeout(kill, deadlines.interruptMs);
    };

    // a process that ends without having asked breaks the pipe
    child.stdin.on('error', () => undefined).end(answers);
    child.stdout.setEncoding('latin1').on('data', onOutput);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-keptStderr);
    });
    child.once('error', (error) => {
      settle();
      const advice = 'install them: apt-get install gddrescue util-linux';
      reject(
        new Fault('tool_missing', `ddrescue could not be started (${error.message}); ${advice}.`, { retry: 'later' }),
      );
    });
    child.once('exit', () => {
      settle();
      timer = setTimeout(closeOutput, outputGraceMs);
    });
    child.once('close', (status, signal) => {
      settle();
      resolve({ status, signal, stderr });
    });
    stop.addEventListener('abort', interrupt);
    if (stop.aborted) interrupt();
  });
}
