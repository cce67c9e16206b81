import type { ConditionJson, SnapshotJson } from '../api.gen.js';
import { type Html, html } from './html.js';
import { capital, timeAgo } from './page-format.js';

/** Still usable, or mended by plugging something in: worth a look, not an alarm. */
const isMild = (condition: ConditionJson): boolean =>
  (condition.type === 'Ready' && condition.status) || condition.reason === 'device_absent';

function subjectWords(subject: string): string {
  return subject.startsWith('drive/') ? `Drive ${subject.slice('drive/'.length)}` : capital(subject);
}

function conditionItem(condition: ConditionJson, now: number): Html {
  return html`<li class="problem ${isMild(condition) ? 'mild' : 'grave'}">
  <strong>${subjectWords(condition.subject)}</strong>
  <span>${condition.message}</span>
  <small>${timeAgo(condition.since, now)}</small>
</li>`;
}

function configItem(problems: readonly string[]): Html {
  const lines = problems.slice(0, 10).map((problem) => html`<li>${problem}</li>`);
  const more = problems.length > 10 ? html`<li>and ${problems.length - 10} more</li>` : null;
  return html`<li class="problem grave">
  <strong>Configuration</strong>
  <div>The file was refused; the last good configuration stays in force.<ul class="config-problems">${lines}${more}</ul></div>
</li>`;
}

/** What a person should look at; nothing where all is well. `failure`: why the catalog could not be read just now. */
export function problemsSection(snapshot: SnapshotJson, failure: string | null, now: number): Html {
  const { problems } = snapshot.status.config;
  const items = [
    ...(failure === null
      ? []
      : [html`<li class="problem grave"><strong>Catalog</strong> <span>${failure}</span></li>`]),
    // with its places the file's own list says more than the condition about it
    ...(problems.length > 0 ? [configItem(problems)] : []),
    ...snapshot.conditions
      .filter((one) => one.problem && !(one.subject === 'config' && problems.length > 0))
      .map((one) => conditionItem(one, now)),
  ];
  const body =
    items.length === 0 ? null : html`<h2 class="quiet">Needs attention</h2><ul class="problems">${items}</ul>`;
  return html`<section id="problems" aria-live="polite">${body}</section>`;
}
