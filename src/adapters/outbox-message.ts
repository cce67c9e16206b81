import type { Archive } from '../core/archive.js';
import type { ByteRange } from '../core/byte-range.js';
import { algorithms } from '../core/checksum.js';
import { describeEvent, describeVerdict, formatBytes, formatRange } from '../core/describe-event.js';
import type { DomainEvent } from '../core/event.js';
import type { Job } from '../core/job.js';
import type { OutboxEntry } from '../core/notification.js';
import { printable } from '../core/printable.js';
import { isWhole, type Verdict } from '../core/verdict.js';
import type { OutboxSubject } from './outbox-subject.js';

/** Text for a person: no control characters in the subject, none but line ends in the text. */
export interface OutboxMessage {
  readonly subject: string;
  readonly text: string;
}

const mostRanges = 20;

export function createOutboxMessage(entry: OutboxEntry, about: OutboxSubject, station: string): OutboxMessage {
  const { event, at } = entry.event;
  const facts: [string, string | null][] = [
    ['Station', station],
    ['When', `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`],
    ['Drive', driveOf(about)],
    ['Disc', discOf(about)],
    ['Image', about.imagePath ?? ('path' in event ? event.path : null)],
    ['Verdict', event.type === 'job_completed' ? describeVerdict(event.verdict) : null],
    ...badRanges(event, about.imagePath),
    ...algorithms.map((name): [string, string | null] => [name, about.archive?.checksums[name] ?? null]),
    ['Job', about.job?.id ?? null],
    ['Archive', about.archive?.id ?? null],
  ];
  const lines = facts.flatMap(([name, value]) =>
    value === null ? [] : [`${name === '' ? '' : `${name}:`}`.padEnd(13) + printable(value)],
  );
  const text = [describeEvent(event), '', ...lines, '', 'What to do:', ...adviceFor(event, about), ''].join('\n');
  return { subject: `[${printable(station, 40)}] ${headlineOf(event)}`, text };
}

function headlineOf(event: DomainEvent): string {
  switch (event.type) {
    case 'job_completed': {
      const name = printable(event.name, 60);
      return isWhole(event.verdict) ? `${name} is archived` : `${name} is ${wordFor(event.verdict)}`;
    }
    case 'job_failed':
      return `${printable(event.name, 60)} failed`;
    case 'archive_corrupt':
      return `${printable(event.path, 60)} is ${event.reason === 'mismatch' ? 'corrupt' : event.reason}`;
    case 'storage_warning':
      return `Storage is ${event.usedPercent.toFixed(0)} % full`;
    case 'storage_stop':
      return `Storage is ${event.usedPercent.toFixed(0)} % full: imaging has stopped`;
    case 'approval_needed':
      return `${event.archives} images would be deleted: approval needed`;
    case 'config_rejected':
      return 'The configuration file was refused';
    default:
      return event.type.replaceAll('_', ' ');
  }
}

const wordFor = (verdict: Verdict): string => (verdict.kind === 'protected' ? 'copy-protected' : verdict.kind);

function driveOf({ job, archive }: OutboxSubject): string | null {
  const provenance = archive?.provenance ?? null;
  const name = provenance?.device ?? job?.device ?? null;
  if (name === null) return null;
  const made = [provenance?.vendor, provenance?.model].filter((part) => part != null && part !== '').join(' ');
  return made === '' ? name : `${name} (${made})`;
}

function discOf({ job, archive }: { readonly job: Job | null; readonly archive: Archive | null }): string | null {
  const disc = archive?.disc ?? job?.disc ?? null;
  if (disc === null) return null;
  const size = disc.sizes.mediumBytes;
  return [disc.label ?? 'no label', disc.media, size === null ? 'size unknown' : formatBytes(size)].join(', ');
}

function badRanges(event: DomainEvent, imagePath: string | null): [string, string][] {
  const bad = event.type === 'job_completed' && 'bad' in event.verdict ? event.verdict.bad : [];
  const shown = bad.slice(0, mostRanges).map((range: ByteRange): [string, string] => ['', formatRange(range)]);
  const rest = bad.length - shown.length;
  const where = imagePath === null ? 'the manifest beside the image' : `${imagePath}.json`;
  return rest > 0 ? [...shown, ['', `and ${rest} more: all are in ${where}`]] : shown;
}

function adviceFor(event: DomainEvent, about: OutboxSubject): string[] {
  switch (event.type) {
    case 'job_completed':
      return adviceForVerdict(event.verdict, about);
    case 'job_failed':
      return ['  Mend what the first line names, then put the disc in again. `disk2iso logs` shows what came before.'];
    case 'archive_corrupt':
      return event.reason === 'missing'
        ? ['  Put the file back from a copy, or image the disc again. Nothing was deleted by disk2iso.']
        : [
            '  The storage has changed the image: check the disks before anything else. Keep the file, put it back from',
            '  a copy or image the disc again. Nothing was deleted by disk2iso.',
          ];
    case 'storage_warning':
      return ['  Free space on the library’s filesystem, or enlarge it, before imaging has to stop.'];
    case 'storage_stop':
      return ['  Free space on the library’s filesystem, or enlarge it. Jobs go on by themselves; nothing is lost.'];
    case 'approval_needed':
      return [
        '  Nothing is deleted before you say so. `disk2iso plan` names the images.',
        `  To let them go: disk2iso approve ${event.generation}. To keep them, take the retention entry back.`,
      ];
    case 'config_rejected':
      return ['  Mend the file; `disk2iso validate FILE` shows each place. Until then nothing is deleted.'];
    default:
      return ['  Nothing.'];
  }
}

function adviceForVerdict(verdict: Verdict, { archive }: OutboxSubject): string[] {
  switch (verdict.kind) {
    case 'complete':
    case 'complete_with_tail':
      return archive === null
        ? ['  Nothing.']
        : [`  Nothing. To compare the image with its checksums later: disk2iso verify ${archive.id}`];
    case 'damaged':
      return [
        '  Clean the disc and put it in again, in another drive if there is one: the rescue goes on where it ended.',
        '  The image is kept until then, with zeros where nothing could be read.',
      ];
    case 'protected':
      return ['  Nothing can be done here: disk2iso does not decrypt. What could be read is kept and marked.'];
    case 'unreadable':
      return ['  Clean the disc and put it in again, in another drive if there is one.'];
  }
}
