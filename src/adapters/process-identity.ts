import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** Which process, so that another can tell later whether it still runs. */
export interface ProcessIdentity {
  readonly host: string;
  /** Empty where there is none. */
  readonly machine: string;
  readonly boot: string;
  /** The namespace in which `pid` counts. */
  readonly namespace: string;
  readonly pid: number;
  /** Clock ticks after boot, so that a number given out again is told apart. */
  readonly started: string;
}

export async function identifyThisProcess(): Promise<ProcessIdentity> {
  return {
    host: hostname(),
    machine: await readFile('/etc/machine-id', 'utf8').then(
      (text) => text.trim(),
      () => '',
    ),
    boot: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
    namespace: await readlink('/proc/self/ns/pid'),
    pid: process.pid,
    started: (await statOf(process.pid)).started,
  };
}

/** `self`: this very process. `unknown`: it is of a machine or a namespace into which this one cannot look. */
export async function lifeOf(other: ProcessIdentity): Promise<'self' | 'runs' | 'gone' | 'unknown'> {
  const me = await identifyThisProcess();
  if (other.boot !== me.boot) return other.machine !== '' && other.machine === me.machine ? 'gone' : 'unknown';
  if (other.namespace !== me.namespace) return 'unknown';
  if (other.pid === me.pid) return other.started === me.started ? 'self' : 'gone';
  try {
    const { isOver, started } = await statOf(other.pid);
    return started === other.started && !isOver ? 'runs' : 'gone';
  } catch {
    return exists(other.pid) ? 'unknown' : 'gone'; // /proc may hide the processes of others
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/**
 * /proc/PID/stat (proc_pid_stat(5)); the name in it may hold anything, spaces and brackets too. One that was killed
 * stays there until its parent has asked for its end, which that of a container may never do. While threads of it are
 * left, in a write that does not return, it is not over.
 */
async function statOf(pid: number): Promise<{ readonly isOver: boolean; readonly started: string }> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', threads = '', started = ''] = [fields[0], fields[17], fields[19]];
  return { isOver: state === 'X' || (state === 'Z' && Number(threads) <= 1), started };
}
