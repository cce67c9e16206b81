import { Command } from 'commander';
import { formatBytes, formatSeconds } from '../core/describe-event.js';
import type { ApiClient } from './api-client.js';
import type { DevicesShape, JobShape, JobsShape, StatusShape } from './api-shapes.js';
import { bindAction, type CliContext, type CliRun } from './cli-context.js';
import { CliError, exitStatus } from './cli-error.js';
import { deviceColumns, deviceFaults, deviceLines } from './device-view.js';
import { formatTime } from './format-time.js';
import { jobColumns, orDash } from './job-view.js';
import type { Output } from './output.js';

export const statusPath = '/api/v1/system/status';
const openStatuses = ['running', 'paused', 'interrupted', 'queued'];

export function statusCommand(run: CliRun): Command {
  return bindAction(
    run,
    new Command('status').description('how the station is: drives, jobs, storage, problems'),
    showStatus,
  );
}

async function showStatus({ output, client }: CliContext): Promise<number> {
  const api = await client();
  const status = (await api.call(statusPath)) as StatusShape;
  if (output.isJson) {
    output.json(status);
    return exitStatus.ok;
  }
  showOverview(output, status);
  const { devices } = (await api.call('/api/v1/devices')) as DevicesShape;
  output.line();
  if (devices.length === 0) output.line('No drive was found.');
  else output.table(deviceLines(devices), deviceColumns(output));
  for (const fault of deviceFaults(devices)) output.line(fault);
  output.line();
  await showOpenJobs(output, api);
  return exitStatus.ok;
}

async function showOpenJobs(output: Output, api: ApiClient): Promise<void> {
  try {
    const pages = await Promise.all(openStatuses.map((status) => api.call(`/api/v1/jobs?status=${status}&limit=50`)));
    const jobs = pages.flatMap((page): readonly JobShape[] => (page as JobsShape).jobs);
    if (jobs.length === 0) output.line('No job is open.');
    else output.table(jobs, jobColumns(output));
  } catch (error) {
    // a damaged catalog has no jobs to show, and the rest of the answer is wanted all the more
    if (!(error instanceof CliError) || error.status === exitStatus.unreachable) throw error;
    output.line(`Jobs: ${error.message}`);
  }
}

/** The parts of the answer that do not come from other resources. */
export function showOverview(output: Output, status: StatusShape): void {
  const { resources, storage, config } = status;
  const percent = (value: number) => `${value.toFixed(1)} %`;
  output.facts([
    ['disk2iso', `${status.version}, up ${formatSeconds(status.uptime_seconds)}`],
    ['Status', status.status.replace('_', ' ') + (status.suspended ? ' (suspended: nothing new is begun)' : '')],
    ['Library', storage.library],
    [
      'Storage',
      `${orDash(storage.used_percent, percent)} of ${orDash(resources.storage_total_bytes, formatBytes)} used, ` +
        `${orDash(resources.storage_available_bytes, formatBytes)} free (warning at ${storage.warn_at} %, stop at ${storage.stop_at} %)`,
    ],
    [
      'System',
      `CPU ${orDash(resources.cpu_percent, percent)}, memory ${orDash(resources.memory_used_bytes, formatBytes)} of ` +
        `${orDash(resources.memory_total_bytes, formatBytes)}, load ${orDash(resources.load_average, (load) => load.join(' '))}`,
    ],
    ['Config', `generation ${config.generation}, in force since ${formatTime(config.applied_at)}`],
  ]);
  const problems = problemLines(status);
  if (problems.length > 0) output.line();
  for (const problem of problems) output.problem(problem);
}

export function problemLines({ conditions, config }: StatusShape): string[] {
  const refused = config.last_reload_successful
    ? []
    : ['The configuration file is refused, the last good one stays in force:'];
  return [
    ...conditions.filter((one) => one.problem).map((one) => `${one.subject}: ${one.message || one.reason}`),
    ...refused,
    ...config.problems.map((problem) => `  ${problem}`),
  ];
}
