import type { Archive } from '../core/archive.js';
import type { ConditionDraft } from '../core/condition.js';
import type { Desired } from '../core/desired.js';
import type { ArchiveId } from '../core/ids.js';
import { printable } from '../core/printable.js';
import type { UpkeepStatus } from '../core/station-ports.js';

const names = (paths: readonly string[], count: number): string =>
  `${printable(paths.slice(0, 5).join(', '), 500)}${count > 5 ? ' and others' : ''}`;
const images = (count: number): string => (count === 1 ? '1 image' : `${count} images`);

export interface UpkeepFindings {
  readonly corrupt: readonly Archive[];
  /** Due, and waiting for a person. */
  readonly waiting: readonly Archive[];
  /** What stays in the trash as the last good one. */
  readonly needed: readonly ArchiveId[];
  /** The configuration by which nothing is deleted yet, since it has not stood for long enough. */
  readonly settling: number | null;
}

/** What the upkeep says of itself; the archives it names are the first few. */
export function draftUpkeep(
  desired: Desired,
  status: UpkeepStatus,
  findings: UpkeepFindings,
  trouble: string | null,
  isTimeSure: boolean,
): ConditionDraft[] {
  const drafts: ConditionDraft[] = [draftFixity(desired, status, findings.corrupt, trouble)];
  if (desired.retention.length > 0 || status.waiting !== null) {
    drafts.push(draftRetention(status, findings, isTimeSure));
  }
  const { strays } = status;
  if (strays !== null && strays.count > 0) {
    const message = `${strays.count} files in the library belong to no archive: ${names(strays.names, strays.count)}. They are left alone.`;
    drafts.push({ subject: 'strays', type: 'Ready', status: true, reason: 'strays_found', message });
  }
  return drafts;
}

function draftFixity(
  { fixity }: Desired,
  { toHash, toReverify, corrupt: count }: UpkeepStatus,
  corrupt: readonly Archive[],
  trouble: string | null,
): ConditionDraft {
  const subject = 'fixity';
  if (corrupt.length > 0) {
    const paths = corrupt.map(({ path }) => path);
    const are = count === 1 ? 'is' : 'are';
    const message = `${images(count ?? corrupt.length)} ${are} damaged or missing: ${names(paths, count ?? 0)}. Bring them back from a copy, or insert the disc again.`;
    return { subject, type: 'Ready', status: false, reason: 'archives_corrupt', message };
  }
  if (trouble !== null) return { subject, type: 'Ready', status: false, reason: 'io_error', message: trouble };
  if ((toHash ?? 0) > 0) {
    const message = `${images(toHash ?? 0)} get the checksums the file asks for, one after another.`;
    return { subject, type: 'Ready', status: true, reason: 'work_waiting', message };
  }
  if (fixity === null) {
    const message =
      'Every image looked at is as it was made; fixity.reverify_every would have them read again on time.';
    return { subject, type: 'Ready', status: true, reason: 'ok', message };
  }
  const message =
    (toReverify ?? 0) === 0 ? 'Every image was read in time.' : `${images(toReverify ?? 0)} wait to be read.`;
  return { subject, type: 'Ready', status: true, reason: 'ok', message };
}

function draftRetention(
  { waiting, trashed }: UpkeepStatus,
  { waiting: due, needed, settling }: UpkeepFindings,
  isTimeSure: boolean,
): ConditionDraft {
  const subject = 'retention';
  if (!isTimeSure) {
    const message =
      'The clock shows an earlier time than it did: nothing is deleted until it is put right, or has stood for six hours.';
    return { subject, type: 'Ready', status: true, reason: 'clock_leapt', message };
  }
  if (settling !== null) {
    const message = `What configuration ${settling} says of deletions is new: nothing goes by it before it has stood for five minutes, or \`disk2iso approve ${settling}\`.`;
    return { subject, type: 'Ready', status: true, reason: 'ok', message };
  }
  if (waiting === null && needed.length > 0) {
    const [first] = needed;
    const message = `A good copy lies in the trash whose better ones are damaged or gone, and stays there: \`disk2iso archives restore ${first}\`${needed.length > 1 ? `, and ${needed.length - 1} more` : ''}.`;
    return { subject, type: 'Ready', status: true, reason: 'ok', message };
  }
  if (waiting === null) {
    const message = (trashed ?? 0) === 0 ? 'Nothing is in the trash.' : `${images(trashed ?? 0)} lie in the trash.`;
    return { subject, type: 'Ready', status: true, reason: 'ok', message };
  }
  const { generation, count } = waiting;
  const paths = due.map(({ path }) => path);
  const which = paths.length === 0 ? '' : `: ${names(paths, count)}`;
  const message =
    `Configuration ${generation} would delete ${images(count)}${which}. Nothing is deleted before ` +
    `\`disk2iso approve ${generation}\` or a trash.approve_above of ${count}; to keep them, take the retention entry back.`;
  return { subject, type: 'Ready', status: false, reason: 'approval_needed', message };
}
