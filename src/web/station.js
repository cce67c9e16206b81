// Makes the status page live: figures are set as they come over the event stream, whatever changes its shape is
// fetched anew as HTML from the server, which alone knows how things look.

const fragmentEveryMs = 1000;
const staleAfterMs = 12_000;
const retryMs = 3000;

const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** The server's own wording, see core/describe-event.ts. */
function formatBytes(bytes) {
  let value = bytes;
  let unit = 0;
  while (unit < units.length - 1 && value >= (unit === 0 ? 1000 : 999.95)) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${unit === 0 && value === 1 ? 'byte' : units[unit]}`;
}

function formatSeconds(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value) => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

function roughSpan(seconds) {
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

function timeText(iso) {
  const seconds = (Date.now() - Date.parse(iso)) / 1000;
  if (seconds < -1) return `in ${roughSpan(-seconds)}`;
  return seconds < 45 ? 'just now' : `${roughSpan(seconds)} ago`;
}

const byId = (id) => document.getElementById(id);

function setText(parent, field, text) {
  const element = parent.querySelector(`[data-field="${field}"]`);
  if (element !== null && element.textContent !== text) element.textContent = text;
}

// --- the live badge -------------------------------------------------------------------------------------------

const liveWords = { live: 'live', reconnecting: 'reconnecting…', stale: 'stale – the station does not answer' };
let lastHeard = Date.now();
let connection = 'reconnecting';

function showLive() {
  const silent = Date.now() - lastHeard > staleAfterMs;
  const state = silent ? 'stale' : connection;
  const badge = byId('live');
  if (badge.dataset.state === state) return;
  badge.dataset.state = state;
  badge.textContent = liveWords[state];
  badge.hidden = false;
}

// --- what the server renders ----------------------------------------------------------------------------------

let fetching = false;
let wanted = false;
let lastFetch = 0;
let timer = null;

/** Puts new sections in place of those that differ; who had the keyboard keeps it. */
function adopt(page) {
  const focused = document.activeElement?.id;
  byId('station').dataset.seq = page.getElementById('station').dataset.seq;
  for (const next of page.querySelectorAll('section, #summary')) {
    const old = byId(next.id);
    if (old !== null && old.outerHTML !== next.outerHTML) old.replaceWith(next);
  }
  if (focused && document.activeElement?.id !== focused) byId(focused)?.focus({ preventScroll: true });
  showTitle();
}

async function fetchFragment() {
  fetching = true;
  wanted = false;
  lastFetch = Date.now();
  try {
    const response = await fetch('/fragment', { cache: 'no-store', signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error(`the station answered ${response.status}`);
    adopt(new DOMParser().parseFromString(await response.text(), 'text/html'));
  } catch {
    // the badge tells of a station that is gone; what is shown stays until it answers again
    wanted = true;
    lastFetch += retryMs;
  }
  fetching = false;
  if (wanted) refresh();
}

/** At most one fetch a second, the last change always included. */
function refresh() {
  wanted = true;
  if (fetching || timer !== null) return;
  const wait = Math.max(0, lastFetch + fragmentEveryMs - Date.now());
  timer = setTimeout(() => {
    timer = null;
    void fetchFragment();
  }, wait);
}

// --- what comes over the stream -------------------------------------------------------------------------------

function showTitle() {
  const percents = [...document.querySelectorAll('.job.running [data-field="progress"]')];
  const shown = percents.map((one) => one.textContent).filter((text) => text !== '');
  document.title = shown.length === 0 ? 'disk2iso' : `${shown.join(', ')} – disk2iso`;
}

function showProgress(progress) {
  const job = byId(progress.job_id);
  if (job === null || job.dataset.phase !== progress.phase) {
    refresh();
    return;
  }
  const bar = job.querySelector('progress');
  if (progress.progress === null) bar.removeAttribute('value');
  else bar.value = progress.progress;
  setText(job, 'progress', progress.progress === null ? '' : `${progress.progress} %`);
  setText(job, 'speed', progress.speed_bps === null ? '–' : `${formatBytes(progress.speed_bps)}/s`);
  setText(job, 'eta', progress.eta_seconds === null ? '–' : formatSeconds(progress.eta_seconds));
  setText(job, 'bad', formatBytes(progress.bad_bytes));
  job
    .querySelector('[data-field="bad"]')
    ?.closest('.figure')
    ?.classList.toggle('warn', progress.bad_bytes > 0);
  showTitle();
}

function showStatus({ resources, storage, uptime_seconds: uptime }) {
  const system = byId('system');
  if (system === null) return;
  const { cpu_percent: cpu, load_average: load, memory_used_bytes: used, memory_total_bytes: total } = resources;
  setText(system, 'cpu', cpu === null ? '–' : `${cpu.toFixed(0)} %`);
  setText(system, 'load', load === null ? '–' : load.map((one) => one.toFixed(2)).join('  '));
  setText(
    system,
    'memory',
    used === null ? '–' : formatBytes(used) + (total === null ? '' : ` of ${formatBytes(total)}`),
  );
  setText(system, 'uptime', formatSeconds(uptime));
  if ((storage.used_percent?.toFixed(1) ?? '') !== system.dataset.storage) refresh();
}

const handlers = {
  snapshot: ({ seq }) => {
    if (String(seq) !== byId('station').dataset.seq) refresh();
  },
  job_progress: showProgress,
  status: showStatus,
  // comes after the job or archive that it changed
  event: refresh,
  device: refresh,
  device_removed: refresh,
  condition: refresh,
};

function listen() {
  const source = new EventSource('/api/v1/events');
  const heard = () => {
    lastHeard = Date.now();
    connection = 'live';
    showLive();
  };
  source.addEventListener('open', heard);
  source.addEventListener('error', () => {
    connection = 'reconnecting';
    showLive();
    // the browser tries again by itself, unless the station refused: then it gives up, and this does not
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, retryMs);
  });
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, (message) => {
      heard();
      handle(JSON.parse(message.data));
    });
  }
}

// --- what a person does ---------------------------------------------------------------------------------------

function notice(text) {
  const element = byId('notice');
  element.textContent = text;
  element.hidden = text === '';
}

function confirmed(name) {
  const dialog = byId('confirm');
  byId('confirm-text').textContent = `Cancel “${name}”? What has been read so far is thrown away.`;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

async function act(button) {
  const { action, job, name } = button.dataset;
  if (action === 'cancel' && !(await confirmed(name))) return;
  button.disabled = true;
  try {
    const response = await fetch(`/api/v1/jobs/${job}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ action }),
    });
    notice(response.ok ? '' : (await response.json()).error.message);
  } catch {
    notice('The station does not answer; nothing was changed.');
  }
  button.disabled = false;
  refresh();
}

document.documentElement.classList.add('scripted');
document.addEventListener('click', (event) => {
  const button = event.target.closest?.('button[data-action]');
  if (button) void act(button);
});
setInterval(() => {
  showLive();
  for (const time of document.querySelectorAll('time')) {
    const text = timeText(time.dateTime);
    if (time.textContent !== text) time.textContent = text;
  }
}, 1000);
listen();
