import { Command, Option } from 'commander';
import type { JobShape, JobsShape } from './api-shapes.js';
import { type Action, bindAction, type CliRun } from './cli-context.js';
import { exitStatus } from './cli-error.js';
import { jobColumns, showJob } from './job-view.js';
import { moreText, type PageOptions, withPageOptions } from './list-options.js';

interface ListOptions extends PageOptions {
  readonly status: string;
  readonly sort: string;
}

const statuses = ['all', 'queued', 'running', 'paused', 'interrupted', 'completed', 'failed', 'cancelled'];
const pathOf = (id: string | undefined): string => `/api/v1/jobs/${encodeURIComponent(id ?? '')}`;

export function jobsCommand(run: CliRun): Command {
  const list = withPageOptions(new Command('list').description('jobs, newest first (what `jobs` alone does)'))
    .addOption(new Option('--status <status>', 'only these').choices(statuses).default('all'))
    .addOption(new Option('--sort <order>', 'order').choices(['created', 'updated', 'name']).default('created'));
  const jobs = new Command('jobs')
    .description('list, show, pause, resume and cancel jobs')
    .addCommand(bindAction(run, list, listJobs), { isDefault: true })
    .addCommand(
      bindAction(run, new Command('show').description('all that is known of a job').argument('<id>'), showOne),
    );
  for (const [action, description] of [
    ['pause', 'stop reading, keep what was read'],
    ['resume', 'go on with a paused job, or try an interrupted one now'],
    ['cancel', 'give a job up; what was read of the disc is thrown away'],
  ] as const) {
    const command = new Command(action).description(description).argument('<id>');
    jobs.addCommand(bindAction(run, command, changeJob(action)));
  }
  return jobs;
}

const listJobs: Action<ListOptions> = async ({ output, client }, _, { status, sort, limit, offset }) => {
  const query = new URLSearchParams({ status, sort, limit: String(limit), offset: String(offset) });
  const answer = (await (await client()).call(`/api/v1/jobs?${query}`)) as JobsShape;
  if (output.isJson) {
    output.json(answer);
    return exitStatus.ok;
  }
  if (answer.jobs.length === 0) output.remark('There is no such job.');
  else output.table(answer.jobs, jobColumns(output));
  const more = moreText(answer.jobs.length, answer.offset, answer.total);
  if (more !== null) output.remark(more);
  return exitStatus.ok;
};

const showOne: Action<object> = async ({ output, client }, [id]) => {
  const job = (await (await client()).call(pathOf(id))) as JobShape;
  if (output.isJson) output.json(job);
  else showJob(output, job);
  return exitStatus.ok;
};

function changeJob(action: 'pause' | 'resume' | 'cancel'): Action<object> {
  return async ({ output, client }, [id]) => {
    const job = (await (await client()).call(pathOf(id), { method: 'PATCH', body: { action } })) as JobShape;
    if (output.isJson) output.json(job);
    else output.line(`${job.name}: ${job.status}`);
    return exitStatus.ok;
  };
}
