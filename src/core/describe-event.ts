import type { ByteRange } from './byte-range.js';
import { sectorBytes } from './disc.js';
import type { DomainEvent } from './event.js';
import { printable } from './printable.js';
import type { Verdict } from './verdict.js';

const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `4.7 GB`: decimal units, as discs are sold in. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (unit < units.length - 1 && Math.abs(value) >= (unit === 0 ? 1000 : 999.95)) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${unit === 0 && value === 1 ? 'byte' : units[unit]}`;
}

/** `1 h 02 min`, `2 min 05 s`, `4 s`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** `sectors 16 to 31 (32.8 kB)`: sectors of 2048 bytes, both ends inside; a range off that grid is given in bytes. */
export function formatRange(range: ByteRange): string {
  const end = range.start + range.length;
  const size = formatBytes(range.length);
  if (range.start % sectorBytes !== 0 || end % sectorBytes !== 0) {
    return `bytes ${range.start} to ${end - 1} (${size})`;
  }
  const first = range.start / sectorBytes;
  const last = end / sectorBytes - 1;
  return first === last ? `sector ${first} (${size})` : `sectors ${first} to ${last} (${size})`;
}

/** A verdict in a few words. */
export function describeVerdict(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'complete':
      return 'complete';
    case 'complete_with_tail':
      return 'complete; the run-out beyond its end was unreadable, as is usual for such a disc';
    case 'damaged':
      return `damaged: ${formatBytes(verdict.badBytes)} in ${ranges(verdict.bad.length)} could not be read`;
    case 'protected':
      return `copy-protected: the drive refused ${formatBytes(verdict.badBytes)} in ${ranges(verdict.bad.length)}`;
    case 'unreadable':
      return 'unreadable: nothing of it could be read';
  }
}

const ranges = (count: number): string => (count === 1 ? '1 place' : `${count} places`);
const quoted = (text: string | null): string => (text === null ? 'an unnamed disc' : `“${printable(text, 120)}”`);
const percent = (value: number): string => `${value.toFixed(1)} %`;

/** One line for people, without control characters whatever a disc's label holds. */
export function describeEvent(event: DomainEvent): string {
  return printable(sentence(event), 2000);
}

function sentence(event: DomainEvent): string {
  switch (event.type) {
    case 'daemon_started':
      return `disk2iso ${event.version} started`;
    case 'daemon_stopped':
      return 'disk2iso stopped';
    case 'config_applied':
      return `Configuration ${event.generation} is in force`;
    case 'config_rejected':
      return `The configuration file was refused, the last good one stays in force: ${event.problems.join('; ')}`;
    case 'disc_inserted':
      return `${event.device}: ${event.name === null ? 'a disc' : quoted(event.name)} went in`;
    case 'disc_removed':
      return `${event.device}: ${quoted(event.label)} is gone`;
    case 'disc_duplicate':
      return `${event.device}: ${quoted(event.label)} is archived already as ${event.archiveId}`;
    case 'disc_ignored':
      return `${event.device}: ${quoted(event.label)} is ignored by the rule ${quoted(event.rule)}`;
    case 'disc_unsupported':
      return `${event.device}: this disc cannot be imaged: ${event.fault.message}`;
    case 'disc_unidentified':
      return `${event.device}: the disc could not be identified: ${event.fault.message}`;
    case 'disc_ejected':
      return `${event.device}: ejected`;
    case 'eject_failed':
      return `${event.device}: could not be ejected: ${event.fault.message}`;
    case 'job_created':
      return `${quoted(event.name)} in ${event.device} is queued as ${event.jobId}`;
    case 'job_changed':
      return `${quoted(event.name)}: ${event.from} → ${event.to}${event.reason === null ? '' : ` (${event.reason})`}`;
    case 'job_completed':
      return `${quoted(event.name)} is archived as ${event.path}, ${formatBytes(event.sizeBytes)} in ${formatSeconds(event.seconds)}, ${describeVerdict(event.verdict)}`;
    case 'job_failed':
      return `${quoted(event.name)} failed: ${event.fault.message}`;
    case 'archive_verified':
      return `${event.path} was re-read and is as it was archived`;
    case 'archive_corrupt':
      if (event.reason === 'missing') return `${event.path} is missing from the library`;
      return event.reason === 'unreadable'
        ? `${event.path} cannot be read from the library's disk any more`
        : `${event.path} no longer has the checksums it was archived with`;
    case 'archive_checksummed':
      return `${event.path} got its ${event.algorithms.join(', ')}`;
    case 'archive_trashed':
      return `${event.path} is kept no longer by ${quoted(event.rule)} and lies in the trash`;
    case 'archive_restored':
      return `${event.path} came back from the trash`;
    case 'archive_purged':
      return `${event.path} was deleted from the trash`;
    case 'strays_found':
      return event.count === 0
        ? 'Every file in the library belongs to an archive'
        : `${event.count} files in the library belong to no archive: ${event.names.join(', ')}${event.count > event.names.length ? ', …' : ''}`;
    case 'approval_needed':
      return `Configuration ${event.generation} would delete ${event.archives} archives: nothing is deleted until \`disk2iso approve ${event.generation}\``;
    case 'approval_given':
      return `The deletion of ${event.archives} archives by configuration ${event.generation} was approved`;
    case 'storage_warning':
      return `The library's storage is ${percent(event.usedPercent)} full (warning at ${percent(event.limitPercent)})`;
    case 'storage_stop':
      return `The library's storage is ${percent(event.usedPercent)} full (limit ${percent(event.limitPercent)}): no job starts, running ones pause until there is space`;
    case 'storage_ok':
      return `The library's storage has space again: ${percent(event.usedPercent)} full`;
    case 'condition_changed': {
      const { subject, type, status, reason, message } = event.condition;
      // its `Ready` says why
      if (type === 'Stalled') return `${subject}: ${status ? `needs a person (${reason})` : 'needs nobody any more'}`;
      return `${subject}: ${status ? '' : 'not '}${type.toLowerCase()} (${reason})${message === '' ? '' : `: ${message}`}`;
    }
    case 'catalog_rebuilt':
      return `The catalog was rebuilt from the library: ${event.archives} archives`;
    case 'notification_failed':
      return `Notification to ${quoted(event.target)} ${event.gaveUp ? 'was given up' : 'fails and is tried again'}: ${event.fault.message}`;
  }
}
