import type { Condition, ConditionReason, ConditionSubject } from '../core/condition.js';
import type { ConfigProblem } from '../core/config-problem.js';
import type { DomainEvent, StoredEvent } from '../core/event.js';
import type { FaultCode } from '../core/fault.js';
import type { JobStateKind } from '../core/job.js';
import { notificationTopics, type OutboxEntry } from '../core/notification.js';
import {
  brandedText,
  count,
  flag,
  list,
  nullable,
  object,
  oneOf,
  optional,
  real,
  tagged,
  text,
} from './level-catalog-shape.js';
import { archiveIdShape, deviceIdShape, faultShape, jobIdShape, verdictShape } from './level-catalog-shapes.js';

const problemShape = object<ConfigProblem>({
  severity: oneOf(['error', 'warning']),
  // not held to today's codes: it is only shown
  code: brandedText<ConfigProblem['code']>(),
  file: text,
  line: count,
  column: count,
  path: text,
  message: text,
  expected: optional(text),
  did_you_mean: optional(text),
  excerpt: nullable(text),
});
const aboutJob = { jobId: jobIdShape, name: text };
const aboutDisc = { device: deviceIdShape, label: nullable(text) };
const aboutUse = { usedPercent: real, limitPercent: real };
const stateName = brandedText<JobStateKind>();

const eventShape = tagged<'type', DomainEvent>('type', {
  daemon_started: object({ version: text }),
  daemon_stopped: object({}),
  config_applied: object({ generation: count, hash: text }),
  config_rejected: object<Omit<Extract<DomainEvent, { type: 'config_rejected' }>, 'type'>>({
    hash: text,
    problems: list(text),
    details: optional(list(problemShape)),
  }),
  disc_inserted: object({ device: deviceIdShape, name: nullable(text) }),
  disc_removed: object(aboutDisc),
  disc_duplicate: object({ ...aboutDisc, archiveId: archiveIdShape }),
  disc_ignored: object({ ...aboutDisc, rule: text }),
  disc_unsupported: object({ device: deviceIdShape, fault: faultShape }),
  disc_unidentified: object({ device: deviceIdShape, fault: faultShape }),
  disc_ejected: object({ device: deviceIdShape }),
  eject_failed: object({ device: deviceIdShape, fault: faultShape }),
  job_created: object({ ...aboutJob, device: deviceIdShape }),
  job_changed: object({ ...aboutJob, from: stateName, to: stateName, reason: nullable(text) }),
  job_completed: object({
    ...aboutJob,
    archiveId: archiveIdShape,
    path: text,
    verdict: verdictShape,
    seconds: real,
    sizeBytes: count,
  }),
  job_failed: object({ ...aboutJob, fault: faultShape }),
  archive_verified: object({ archiveId: archiveIdShape, path: text }),
  archive_corrupt: object({
    archiveId: archiveIdShape,
    path: text,
    reason: oneOf(['mismatch', 'missing', 'unreadable']),
  }),
  archive_checksummed: object({ archiveId: archiveIdShape, path: text, algorithms: list(text) }),
  archive_trashed: object({ archiveId: archiveIdShape, path: text, rule: text }),
  archive_restored: object({ archiveId: archiveIdShape, path: text }),
  archive_purged: object({ archiveId: archiveIdShape, path: text }),
  strays_found: object({ count, names: list(text) }),
  approval_needed: object({ generation: count, archives: count }),
  approval_given: object({ generation: count, archives: count }),
  storage_warning: object(aboutUse),
  storage_stop: object(aboutUse),
  storage_ok: object({ usedPercent: real }),
  condition_changed: object({
    condition: object<Condition>({
      subject: brandedText<ConditionSubject>(),
      type: oneOf(['Ready', 'Reconciling', 'Stalled']),
      status: flag,
      reason: brandedText<FaultCode | ConditionReason>(),
      message: text,
      since: real,
    }),
  }),
  catalog_rebuilt: object({ archives: count }),
  notification_failed: object({ target: text, fault: faultShape, gaveUp: flag }),
});

export const storedEventShape = object<StoredEvent>({ seq: count, at: real, event: eventShape });

export const outboxShape = object<OutboxEntry>({
  id: text,
  target: text,
  topic: oneOf(notificationTopics),
  event: storedEventShape,
  attempt: count,
  dueAt: real,
  lastError: nullable(text),
});
