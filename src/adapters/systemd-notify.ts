import { spawn } from 'node:child_process';
import type { Log } from '../core/ports.js';
import { printable } from '../core/printable.js';

/** Tells the service manager how the daemon fares (sd_notify(3)). Does nothing where there is none; never throws. */
export interface ServiceNotifier {
  ready(): Promise<void>;
  /** A `ready()` has to follow when the new configuration is in force or refused. */
  reloading(): Promise<void>;
  stopping(): Promise<void>;
  /** One line for `systemctl status`; only the latest counts where several come at once. */
  status(text: string): Promise<void>;
  /** Feeds the watchdog. */
  watchdog(): Promise<void>;
  /** Milliseconds after which the manager gives up on a silent daemon, or null: feed it at half of that. */
  readonly watchdogMs: number | null;
}

export interface ServiceNotifierOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Log;
  /** Milliseconds for one message. */
  readonly timeoutMs?: number;
}

/** Node cannot send datagrams to a unix socket, so each message is a run of `systemd-notify`, one after another. */
export function createServiceNotifier(options: ServiceNotifierOptions): ServiceNotifier {
  const { environment, log, timeoutMs = 5000 } = options;
  const socket = environment.NOTIFY_SOCKET;
  let last: Promise<void> = Promise.resolve();
  let waitingStatus: { text: string; readonly sent: Promise<void> } | null = null;
  let complained = false;

  function send(message: () => readonly string[]): Promise<void> {
    if (socket === undefined || socket === '') return Promise.resolve();
    last = last.then(async () => {
      const problem = await runSystemdNotify(message(), socket, environment.PATH, timeoutMs);
      if (problem !== null && !complained) log.warn({ problem }, 'systemd could not be notified');
      complained = problem !== null;
    });
    return last;
  }

  function status(text: string): Promise<void> {
    const line = printable(text, 500);
    if (waitingStatus !== null) {
      waitingStatus.text = line;
      return waitingStatus.sent;
    }
    const sent = send(() => {
      const latest = waitingStatus?.text ?? line;
      waitingStatus = null;
      return [`STATUS=${latest}`];
    });
    // without a socket nothing is ever sent, so nothing waits either
    if (socket !== undefined && socket !== '') waitingStatus = { text: line, sent };
    return sent;
  }

  return {
    ready: () => send(() => ['READY=1']),
    // systemd 253 and later compare the time with that of their own request; hrtime is CLOCK_MONOTONIC on Linux
    reloading: () => send(() => ['RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`]),
    stopping: () => send(() => ['STOPPING=1']),
    status,
    watchdog: () => send(() => ['WATCHDOG=1']),
    watchdogMs: parseWatchdog(environment, process.pid),
  };
}

/** $WATCHDOG_USEC in milliseconds; null where unset, senseless, or meant for another process ($WATCHDOG_PID). */
export function parseWatchdog(environment: NodeJS.ProcessEnv, pid: number): number | null {
  const { WATCHDOG_USEC: microseconds = '', WATCHDOG_PID: owner = '' } = environment;
  if (!/^[1-9]\d{0,15}$/.test(microseconds) || (owner !== '' && owner !== String(pid))) return null;
  return Math.max(1, Math.floor(Number(microseconds) / 1000));
}

/** What went wrong, or null. */
function runSystemdNotify(
  message: readonly string[],
  socket: string,
  path: string | undefined,
  timeoutMs: number,
): Promise<string | null> {
  return new Promise((resolve) => {
    const env = { NOTIFY_SOCKET: socket, ...(path === undefined ? {} : { PATH: path }) };
    const child = spawn('systemd-notify', ['--', ...message], { env, stdio: 'ignore', detached: true });
    const timer = setTimeout(() => {
      resolve(`no end after ${timeoutMs} ms`);
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        // it has ended by itself in this very moment
        if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
      }
    }, timeoutMs);
    const end = (problem: string | null): void => {
      clearTimeout(timer);
      resolve(problem);
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(code === 0 ? null : `systemd-notify ended with ${signal ?? code}`));
  });
}
