import type { SnapshotJson, SystemStatusJson } from '../api.gen.js';
import { archivesSection } from './archives-section.js';
import { drivesSection } from './drives-section.js';
import { type Html, html } from './html.js';
import { endedSection, queueSection, runningSection } from './jobs-section.js';
import { problemsSection } from './problems-section.js';
import { systemSection } from './system-section.js';

const statusWords: Readonly<Record<SystemStatusJson['status'], readonly [kind: string, text: string]>> = {
  healthy: ['good', 'all is well'],
  degraded: ['warn', 'needs attention'],
  not_ready: ['bad', 'not ready'],
};

export interface PageState {
  readonly snapshot: SnapshotJson;
  /** Why the catalog could not be read just now. */
  readonly failure: string | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

function summary({ snapshot: { status }, failure }: PageState): Html {
  const [kind, text] = failure === null ? statusWords[status.status] : statusWords.not_ready;
  const suspended = status.suspended ? html` <span class="badge">suspended</span>` : null;
  return html`<p id="summary"><span class="badge ${kind}">${text}</span>${suspended}</p>`;
}

function sections({ snapshot, failure, now }: PageState): Html {
  return html`${problemsSection(snapshot, failure, now)}
${drivesSection(snapshot, now)}
<div id="work">
${runningSection(snapshot, now)}
${queueSection(snapshot, now)}
${endedSection(snapshot, now)}
${archivesSection(snapshot, now)}
</div>
${systemSection(snapshot.status, now)}`;
}

/** What the script fetches to bring the page up to date. */
export function renderFragment(state: PageState): string {
  return html`${summary(state)}
<main id="station" data-seq="${state.snapshot.seq}">
${sections(state)}
</main>`.text;
}

/** The whole page; it reads completely without the script, which only makes it live. */
export function renderPage(state: PageState): string {
  const { version } = state.snapshot.status;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>disk2iso</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/station.css">
<script src="/assets/station.js" defer></script>
<noscript><meta http-equiv="refresh" content="10"></noscript>
</head>
<body>
<header class="top">
<img src="/favicon.svg" alt="" width="28" height="28">
<h1>disk2iso</h1>
${summary(state)}
<p id="live" class="live" role="status" hidden></p>
<noscript><p class="live">refreshed every 10 s</p></noscript>
</header>
<p id="notice" role="alert" hidden></p>
<main id="station" data-seq="${state.snapshot.seq}">
${sections(state)}
</main>
<footer>
<span>disk2iso ${version}</span>
<nav aria-label="Interfaces"><a href="/api/v1/archives">Archives as JSON</a> <a href="/api/v1/logs">Log as JSON</a> <a href="/metrics">Metrics</a></nav>
</footer>
<dialog id="confirm" aria-labelledby="confirm-text">
<p id="confirm-text"></p>
<form method="dialog"><button value="no" autofocus>Keep it</button> <button value="yes" class="danger">Cancel the job</button></form>
</dialog>
</body>
</html>
`.text;
}
