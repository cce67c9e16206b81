import { formatBytes } from '../../core/describe-event.js';
import type { ArchiveJson, SnapshotJson } from '../api.gen.js';
import { type Html, html, untrusted } from './html.js';
import { plural, timeAgo } from './page-format.js';

const verdictWords: Readonly<Record<ArchiveJson['verdict'], readonly [kind: string, text: string, title: string]>> = {
  complete: ['good', 'complete', 'Every byte was read.'],
  complete_with_tail: [
    'good',
    'complete',
    'Every byte of the volume was read; the unreadable run-out behind it was cut off.',
  ],
  damaged: ['warn', 'damaged', 'Some sectors could not be read and are zeros in the image.'],
  protected: ['warn', 'protected', 'Copy protection refused sectors; they are zeros in the image.'],
  unreadable: ['bad', 'unreadable', 'Nothing of the disc could be read.'],
};

function verdictBadge(archive: ArchiveJson): Html {
  const [kind, text, title] = verdictWords[archive.verdict];
  return html`<span class="badge ${kind}" title="${title}">${text}</span>`;
}

function verificationNote({ verification }: ArchiveJson, now: number): Html | null {
  switch (verification?.result) {
    case undefined:
      return null;
    case 'match':
      return html` <small>verified ${timeAgo(verification?.at ?? '', now)}</small>`;
    case 'mismatch':
      return html` <span class="badge bad">no longer intact</span>`;
    case 'unreadable':
      return html` <span class="badge bad">cannot be read</span>`;
    case 'missing':
      return html` <span class="badge bad">file is missing</span>`;
  }
}

/** Where on the disc the holes are: one tick for each range, wide enough to be seen. */
function badMap(archive: ArchiveJson): Html | null {
  const { bad_bytes: bytes, bad_range_count: count, bad_ranges: ranges } = archive;
  if (bytes === null || count === null || ranges === null || bytes === 0) return null;
  const size = archive.disc.medium_bytes ?? archive.size_bytes;
  const places = `${formatBytes(bytes)} unreadable in ${plural(count, 'place')}`;
  const ticks = ranges.map(({ start, length }) => {
    const width = Math.max(0.5, (length / size) * 100);
    const x = Math.min(100 - width, (start / size) * 100);
    return html`<rect x="${x.toFixed(2)}" width="${width.toFixed(2)}" y="0" height="4"/>`;
  });
  return html`<span class="bad-map"><svg viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label="${places}">${ticks}</svg><small>${places}</small></span>`;
}

function digest({ checksums }: ArchiveJson): Html {
  const { sha256 } = checksums;
  return sha256 === undefined ? html`–` : html`<code title="SHA-256 ${sha256}">${sha256.slice(0, 10)}…</code>`;
}

function archiveRow(archive: ArchiveJson, now: number): Html {
  const { label } = archive.metadata;
  const stem = archive.filename.replace(/\.iso$/, '');
  const other = label === null || label === stem ? null : html` <small class="label">${untrusted(label)}</small>`;
  const old = archive.superseded_by === null ? null : html` <small>a later rescue read more</small>`;
  return html`<tr role="row" id="${archive.id}"${archive.superseded_by === null ? null : html` class="superseded"`}>
  <th role="rowheader" scope="row"><span class="file" title="${archive.path}">${untrusted(archive.filename)}</span>${other}${badMap(archive)}</th>
  <td role="cell" class="verdict">${verdictBadge(archive)}${verificationNote(archive, now)}${old}</td>
  <td role="cell" class="number">${formatBytes(archive.size_bytes)}</td>
  <td role="cell" class="digest">${digest(archive)}</td>
  <td role="cell" class="when">${timeAgo(archive.created_at, now)}</td>
  <td role="cell" class="get"><a href="/api/v1/archives/${archive.id}/download" download id="get-${archive.id}" aria-label="Download ${archive.filename}">Download</a></td>
</tr>`;
}

export function archivesSection({ archives, archives_total: total }: SnapshotJson, now: number): Html {
  const count =
    total === null || total <= archives.length ? null : html` <small>${archives.length} of ${total}</small>`;
  const body =
    archives.length === 0
      ? html`<p class="empty">No image yet. The first finished one appears here.</p>`
      : html`<table role="table" class="archives">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Image</th><th role="columnheader" scope="col">Verdict</th><th role="columnheader" scope="col" class="number">Size</th><th role="columnheader" scope="col">SHA-256</th><th role="columnheader" scope="col">Finished</th><th role="columnheader" scope="col"><span class="quiet">Download</span></th></tr></thead>
<tbody role="rowgroup">${archives.map((archive) => archiveRow(archive, now))}</tbody>
</table>`;
  return html`<section id="archives" aria-labelledby="archives-title"><h2 id="archives-title">Latest images${count}</h2>${body}</section>`;
}
