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
    started: await startOf(process.pid),
  };
}

/** `self`: this very process. `unknown`: it is of a machine or a namespace into which this one cannot look. */
export async function lifeOf(other: ProcessIdentity): Promise<'self' | 'runs' | 'gone' | 'unknown'> {
  const me = await identifyThisProcess();
  if (other.boot !== me.boot) return other.machine !== '' && other.machine === me.machine ? 'gone' : 'unknown';
  if (other.namespace !== me.namespace) return 'unknown';
  if (other.pid === me.pid) return other.started === me.started ? 'self' : 'gone';
  try {
    return (await startOf(other.pid)) === other.started ? 'runs' : 'gone';
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

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)); the name before it may hold anything, spaces and brackets too. */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
