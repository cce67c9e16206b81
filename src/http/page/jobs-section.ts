import { formatBytes } from '../../core/describe-event.js';
import type { JobJson, SnapshotJson } from '../api.gen.js';
import { type Html, html, untrusted } from './html.js';
import { capital, mediaWords, plural, span, timeAgo, timeUntil } from './page-format.js';

type Action = 'pause' | 'resume' | 'cancel';

const actionsByStatus: Readonly<Record<string, readonly Action[]>> = {
  queued: ['pause', 'cancel'],
  running: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
  interrupted: ['resume', 'cancel'],
};

const actionWords: Readonly<Record<Action, string>> = { pause: 'Pause', resume: 'Resume', cancel: 'Cancel' };

/** Only with the script do the buttons do anything; without it they are not shown. */
function actionButtons(job: JobJson): Html | null {
  const actions = job.phase === 'archiving' ? [] : (actionsByStatus[job.status] ?? []);
  if (actions.length === 0) return null;
  const buttons = actions.map(
    (action) =>
      html`<button type="button" id="${action}-${job.id}" data-action="${action}" data-job="${job.id}" data-name="${job.name}" aria-label="${actionWords[action]} ${job.name}">${actionWords[action]}</button>`,
  );
  return html`<div class="actions">${buttons}</div>`;
}

function figure(name: string, field: string, value: string, kind = ''): Html {
  return html`<div class="figure ${kind}"><dt>${name}</dt><dd data-field="${field}">${value}</dd></div>`;
}

const bytesOr = (bytes: number | null): string => (bytes === null ? '–' : formatBytes(bytes));

function progressBar(job: JobJson): Html {
  const label = html`aria-label="Progress of ${job.name}"`;
  return job.progress === null
    ? html`<progress max="100" ${label}></progress>`
    : html`<progress max="100" value="${job.progress}" ${label}>${job.progress} %</progress>`;
}

function runningJob(job: JobJson, now: number): Html {
  const bad = job.bad_bytes ?? 0;
  return html`<li class="job running" id="${job.id}" data-job="${job.id}" data-phase="${job.phase ?? ''}">
  <div class="job-head">
    <h3>${untrusted(job.name)}</h3>
    <span class="percent" data-field="progress">${job.progress === null ? '' : `${job.progress} %`}</span>
  </div>
  ${progressBar(job)}
  <div class="job-foot">
  <dl class="figures">
    ${figure('Phase', 'phase', capital(job.phase ?? ''))}
    ${figure('Size', 'size', bytesOr(job.size_bytes))}
    ${figure('Speed', 'speed', job.speed_bps === null ? '–' : `${formatBytes(job.speed_bps)}/s`)}
    ${figure('Time left', 'eta', span(job.eta_seconds))}
    ${figure('Unreadable', 'bad', bytesOr(job.bad_bytes), bad > 0 ? 'warn' : '')}
    ${figure('Drive', 'device', job.device_id)}
  </dl>
  ${actionButtons(job)}
  </div>
  ${job.error === null ? null : html`<p class="bad">${job.error.message}${job.retry_at === null ? null : html` Tried again ${timeUntil(job.retry_at, now)}.`}</p>`}
</li>`;
}

function waitingWords(job: JobJson, now: number): Html {
  switch (job.status) {
    case 'paused':
      return job.pause_reason === 'storage'
        ? html`<span class="warn">Paused until there is space</span>`
        : html`<span class="hold">Paused</span>`;
    case 'interrupted': {
      const again = job.retry_at === null ? null : html` Tried again ${timeUntil(job.retry_at, now)}.`;
      return html`<span class="warn">Interrupted</span> <span>${job.error?.message ?? null}${again}</span>`;
    }
    default:
      return html`<span>Queued</span>`;
  }
}

function waitingJob(job: JobJson, now: number): Html {
  const begun = job.progress !== null && job.progress > 0 ? html`<span>${job.progress} % read</span>` : null;
  const priority = job.priority === 'normal' ? null : html`<span class="tag">${job.priority} priority</span>`;
  return html`<li class="job waiting" id="${job.id}">
  <div class="job-head"><h3>${untrusted(job.name)}</h3> ${priority}</div>
  <p class="facts">${waitingWords(job, now)} ${begun} <span>${mediaWords[job.media] ?? 'disc'} in ${job.device_id}</span> <span>${bytesOr(job.size_bytes)}</span></p>
  ${actionButtons(job)}
</li>`;
}

function endedJob(job: JobJson, now: number): Html {
  const when = job.finished_at === null ? null : timeAgo(job.finished_at, now);
  const how = job.status === 'failed' ? html`<span class="bad">Failed</span>` : html`<span>Cancelled</span>`;
  return html`<li class="job ended" id="${job.id}">
  <div class="job-head"><h3>${untrusted(job.name)}</h3> <small>${when}</small></div>
  <p class="facts">${how} ${job.error === null ? null : html`<span>${job.error.message}</span>`}</p>
</li>`;
}

export function runningSection({ jobs }: SnapshotJson, now: number): Html {
  const running = jobs.filter((job) => job.status === 'running');
  const body =
    running.length === 0
      ? html`<p class="empty">Nothing is being imaged. Put a disc in, and it begins by itself.</p>`
      : html`<ul class="jobs">${running.map((job) => runningJob(job, now))}</ul>`;
  return html`<section id="running" aria-labelledby="running-title"><h2 id="running-title">In work</h2>${body}</section>`;
}

export function queueSection({ jobs, open_jobs_total: open }: SnapshotJson, now: number): Html {
  const waiting = jobs.filter((job) => ['queued', 'paused', 'interrupted'].includes(job.status));
  if (waiting.length === 0) return html`<section id="queue"></section>`;
  const total = open - jobs.filter((job) => job.status === 'running').length;
  const more = total - waiting.length;
  const rest = more > 0 ? html`<p class="more">and ${plural(more, 'more job')}</p>` : null;
  return html`<section id="queue" aria-labelledby="queue-title"><h2 id="queue-title">Waiting <small>${total}</small></h2>
<ol class="jobs">${waiting.map((job) => waitingJob(job, now))}</ol>${rest}</section>`;
}

/** What ended lately without an image, so that a person who was away learns of it. */
export function endedSection({ jobs }: SnapshotJson, now: number): Html {
  const ended = jobs.filter((job) => job.status === 'failed' || job.status === 'cancelled');
  if (ended.length === 0) return html`<section id="ended"></section>`;
  return html`<section id="ended" aria-labelledby="ended-title"><h2 id="ended-title">Ended without an image</h2>
<ul class="jobs">${ended.map((job) => endedJob(job, now))}</ul></section>`;
}
