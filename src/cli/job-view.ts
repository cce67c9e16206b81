import { formatBytes, formatRange, formatSeconds } from '../core/describe-event.js';
import type { ByteRangeShape, JobShape } from './api-shapes.js';
import { formatTime, formatTimeOrNull } from './format-time.js';
import type { Colour, Output } from './output.js';
import type { Column } from './table.js';

const colours: Readonly<Record<string, Colour>> = {
  running: 'blue',
  paused: 'yellow',
  interrupted: 'yellow',
  completed: 'green',
  failed: 'red',
};
const verdictColours: Readonly<Record<string, Colour>> = {
  complete: 'green',
  complete_with_tail: 'green',
  damaged: 'red',
  protected: 'yellow',
  unreadable: 'red',
};

/** The phase says more than `running`, the verdict more than `completed`. */
function statusText(job: JobShape): string {
  if (job.status === 'running') return job.phase ?? job.status;
  if (job.status === 'paused' && job.pause_reason === 'storage') return 'paused: storage';
  if (job.status === 'completed') return job.verdict ?? job.status;
  return job.status;
}

function paintStatus(output: Output, job: JobShape, text: string): string {
  const colour = (job.status === 'completed' ? verdictColours[job.verdict ?? ''] : undefined) ?? colours[job.status];
  return colour === undefined ? text : output.paint(text, colour);
}

export function paintVerdict(output: Output, verdict: string, text: string): string {
  const colour = verdictColours[verdict];
  return colour === undefined ? text : output.paint(text, colour);
}

export const orDash = <Value>(value: Value | null, format: (value: Value) => string): string =>
  value === null ? '-' : format(value);

export function jobColumns(output: Output): Column<JobShape>[] {
  return [
    { title: 'ID', text: (job) => job.id },
    { title: 'NAME', text: (job) => job.name, flexible: true },
    { title: 'STATUS', text: statusText, paint: (job, text) => paintStatus(output, job, text) },
    { title: 'DONE', text: (job) => orDash(job.progress, (value) => `${value} %`), align: 'right' },
    { title: 'SIZE', text: (job) => orDash(job.size_bytes, formatBytes), align: 'right' },
    { title: 'SPEED', text: (job) => orDash(job.speed_bps, (value) => `${formatBytes(value)}/s`), align: 'right' },
    { title: 'LEFT', text: (job) => orDash(job.eta_seconds, formatSeconds), align: 'right' },
    { title: 'DRIVE', text: (job) => job.device_id },
  ];
}

export function showJob(output: Output, job: JobShape): void {
  output.facts([
    ['Job', job.id],
    ['Name', job.name],
    ['Status', statusText(job)],
    ['Done', job.progress === null ? null : `${job.progress} %`],
    ['Read', `${formatBytes(job.rescued_bytes)} of ${orDash(job.size_bytes, formatBytes)}`],
    ['Speed', job.speed_bps === null ? null : `${formatBytes(job.speed_bps)}/s`],
    ['Left', job.eta_seconds === null ? null : formatSeconds(job.eta_seconds)],
    ['Drive', job.device_id],
    ['Medium', job.media],
    ['Rule', job.rule],
    ['Priority', job.priority],
    ['Verdict', job.verdict],
    ...badRangeFacts(job.bad_bytes, job.bad_ranges),
    ['Image', job.output_file],
    ['Archive', job.archive_id],
    ['Error', job.error === null ? null : job.error.message],
    ['Tried again', formatTimeOrNull(job.retry_at)],
    ['Queued', formatTime(job.created_at)],
    ['Started', formatTimeOrNull(job.started_at)],
    ['Ended', formatTimeOrNull(job.finished_at)],
  ]);
}

const mostRanges = 20;

export function badRangeFacts(
  badBytes: number | null,
  ranges: readonly ByteRangeShape[] | null,
): [string, string | null][] {
  if (badBytes === null || badBytes === 0) return [];
  const shown = (ranges ?? []).slice(0, mostRanges).map((range): [string, string] => ['', formatRange(range)]);
  const rest = (ranges?.length ?? 0) - shown.length;
  return [['Unreadable', formatBytes(badBytes)], ...shown, ['', rest > 0 ? `and ${rest} more: see --json` : null]];
}
