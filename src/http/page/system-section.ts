import { formatBytes, formatSeconds } from '../../core/describe-event.js';
import type { SystemStatusJson } from '../api.gen.js';
import { type Html, html } from './html.js';
import { timeAgo } from './page-format.js';

function storageBar({ storage }: SystemStatusJson): Html {
  const { used_percent: used, warn_at: warn, stop_at: stop } = storage;
  if (used === null) return html`<p class="empty">The library's disk cannot be looked at.</p>`;
  const text = `${used.toFixed(1)} % in use, warning at ${warn} %, stop at ${stop} %`;
  return html`<svg class="storage-bar ${storage.level ?? ''}" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${text}">
  <rect class="track" y="2" width="100" height="6"/><rect class="fill" y="2" width="${used.toFixed(2)}" height="6"/>
  <rect class="mark warn" x="${warn}" width="0.7" height="10"/><rect class="mark stop" x="${stop}" width="0.7" height="10"/>
</svg>`;
}

function storageFigures({ resources, storage }: SystemStatusJson): Html {
  const { storage_available_bytes: free } = resources;
  if (free === null || storage.used_percent === null) return html``;
  return html`<p class="facts"><span><b>${formatBytes(free)}</b> free, ${storage.used_percent.toFixed(1)} % in use</span>
<span class="marks">warns at ${storage.warn_at} %, stops at ${storage.stop_at} %</span></p>`;
}

const memoryText = (used: number | null, total: number | null): string =>
  used === null ? '–' : `${formatBytes(used)}${total === null ? '' : ` of ${formatBytes(total)}`}`;

function tile(name: string, field: string, value: string): Html {
  return html`<div><dt>${name}</dt><dd data-field="${field}">${value}</dd></div>`;
}

export function systemSection(status: SystemStatusJson, now: number): Html {
  const { cpu_percent: cpu, memory_used_bytes: used, memory_total_bytes: total, load_average: load } = status.resources;
  return html`<section id="system" aria-labelledby="system-title" data-storage="${status.storage.used_percent?.toFixed(1) ?? ''}">
<h2 id="system-title">Library and system</h2>
<div class="panel">
  ${storageBar(status)}
  ${storageFigures(status)}
  <p class="library-path" title="Folder of the finished images">${status.storage.library}</p>
  <dl class="tiles">
    ${tile('CPU', 'cpu', cpu === null ? '–' : `${cpu.toFixed(0)} %`)}
    ${tile('Load', 'load', load === null ? '–' : load.map((one) => one.toFixed(2)).join('  '))}
    ${tile('Memory', 'memory', memoryText(used, total))}
    ${tile('Up', 'uptime', formatSeconds(status.uptime_seconds))}
  </dl>
  <p class="config">Configuration ${status.config.generation}, applied ${timeAgo(status.config.applied_at, now)}</p>
</div></section>`;
}
