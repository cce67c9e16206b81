import { fileURLToPath } from 'node:url';
import { Fault } from '../core/fault.js';
import type { StopSignal } from '../core/ports.js';
import type { BoundedProcesses } from './bounded-process.js';
import type { IdentifyAnswer, IdentifyRequest } from './identify-process.js';
import type { VolumeIdentity } from './volume-identity.js';

const program = fileURLToPath(new URL('./identify-process.js', import.meta.url));

/** The process is given a little longer than its reading, to answer with what it has. */
const graceMs = 15_000;

/**
 * Reads structures and samples of a device or file in a process of its own.
 * Throws Fault: medium_absent, source_changed, permission_denied, device_busy, read_error, disc_unsupported, timeout,
 * cancelled, tool_failed.
 */
export async function identifySource(
  processes: BoundedProcesses,
  request: IdentifyRequest,
  stop: StopSignal,
): Promise<VolumeIdentity> {
  const args = ['--max-old-space-size=64', program, JSON.stringify(request)];
  const timeoutMs = request.timeMs + graceMs;
  const end = await processes.run(request.path, { command: process.execPath, args, timeoutMs, stop });
  if (end.status !== 0) {
    const message = `Reading ${request.path} ended unexpectedly (status ${end.status}): ${lastLine(end.stderr)}`;
    throw new Fault('tool_failed', message, { retry: 'later' });
  }
  const answer = JSON.parse(end.stdout) as IdentifyAnswer;
  if (answer.fault !== null) throw new Fault(answer.fault.code, answer.fault.message, { retry: answer.fault.retry });
  return answer.identity;
}

function lastLine(text: string): string {
  const lines = text.trim().split('\n');
  return lines.find((line) => /^\w*Error/.test(line)) ?? lines.at(-1) ?? '';
}
