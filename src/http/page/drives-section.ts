import { formatBytes } from '../../core/describe-event.js';
import type { DeviceJson, JobJson, MediumJson, SnapshotJson } from '../api.gen.js';
import { type Html, html, untrusted } from './html.js';
import { mediaWords, plural, timeUntil } from './page-format.js';

/** A folder drive can hold thousands of files. */
const mostMedia = 4;

type JobsById = ReadonlyMap<string, JobJson>;

function outcomeWords(medium: MediumJson, jobs: JobsById, now: number): Html {
  const { outcome } = medium;
  if (medium.error !== null) return html`<span class="bad">${medium.error.message}</span>`;
  if (!medium.settled) return html`arriving…`;
  if (outcome === null) return html`being identified…`;
  switch (outcome.kind) {
    case 'job': {
      const job = jobs.get(outcome.job_id ?? '');
      return job === undefined ? html`imaged` : html`<a href="#${job.id}">${job.phase ?? job.status}</a>`;
    }
    case 'waiting':
      return html`the same disc is being imaged elsewhere`;
    case 'duplicate':
      return html`<span class="good">archived already</span>`;
    case 'ignored':
      return html`ignored by the rule ${outcome.rule}`;
    case 'unsupported':
      return html`<span class="warn">${outcome.error?.message ?? 'not supported'}</span>`;
    case 'unidentified': {
      const again = outcome.retry_at === null ? null : html` – tried again ${timeUntil(outcome.retry_at, now)}`;
      return html`<span class="warn">${outcome.error?.message ?? 'not identified'}</span>${again}`;
    }
  }
}

function mediumItem(medium: MediumJson, jobs: JobsById, now: number): Html {
  const name = medium.label ?? medium.name;
  const words = mediaWords[medium.media_type] ?? 'disc';
  const size = medium.size_bytes === null ? null : html`, ${formatBytes(medium.size_bytes)}`;
  return html`<li>
  <span class="disc-name">${name === null ? words : untrusted(name)}</span>
  <small>${name === null ? null : words}${name === null ? (medium.size_bytes === null ? null : formatBytes(medium.size_bytes)) : size}</small>
  <span class="outcome">${outcomeWords(medium, jobs, now)}</span>
</li>`;
}

const stateWords: Readonly<Record<DeviceJson['state'], string>> = {
  empty: 'empty',
  open: 'tray open',
  loaded: 'loaded',
  faulty: 'not usable',
};

function driveCard(device: DeviceJson, jobs: JobsById, now: number): Html {
  const maker = [device.vendor, device.model].filter((part) => part !== null).join(' ');
  const word = device.status === 'busy' ? 'busy' : device.status === 'faulty' ? 'not usable' : stateWords[device.state];
  const more = device.media.length - mostMedia;
  return html`<li class="drive ${device.status}" id="drive-${device.id}">
  <div class="drive-head"><h3>${device.id}</h3> <span class="state">${word}</span></div>
  <p class="drive-path"><span>${device.path}</span>${maker === '' ? null : html` <span>${untrusted(maker)}</span>`}</p>
  ${device.error === null ? null : html`<p class="bad">${device.error.message}</p>`}
  ${device.media.length === 0 ? null : html`<ul class="media">${device.media.slice(0, mostMedia).map((one) => mediumItem(one, jobs, now))}</ul>`}
  ${more > 0 ? html`<p class="more">and ${plural(more, 'more file')}</p>` : null}
</li>`;
}

export function drivesSection(snapshot: SnapshotJson, now: number): Html {
  const { devices } = snapshot;
  const jobs = new Map(snapshot.jobs.map((job) => [job.id, job]));
  const body =
    devices.length === 0
      ? html`<p class="empty">No drive is here. One that is declared under <code>drives</code> is used as soon as it appears.</p>`
      : html`<ul class="drives">${devices.map((device) => driveCard(device, jobs, now))}</ul>`;
  return html`<section id="drives" aria-labelledby="drives-title"><h2 id="drives-title">Drives</h2>${body}</section>`;
}
