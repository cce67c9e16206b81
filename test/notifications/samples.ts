import type { Archive } from '../../src/core/archive.js';
import type { Disc } from '../../src/core/disc.js';
import type { DomainEvent, StoredEvent } from '../../src/core/event.js';
import { type ArchiveId, deviceId, type JobId } from '../../src/core/ids.js';
import type { MailTarget, OutboxEntry, WebhookTarget } from '../../src/core/notification.js';
import type { Log } from '../../src/core/ports.js';
import type { Verdict } from '../../src/core/verdict.js';

export const jobId = 'job_0123456789abcdefghj' as JobId;
export const archiveId = 'archive_0123456789abcdefghj' as ArchiveId;
export const occurredAt = Date.UTC(2025, 11, 31, 12, 0, 3);

export const disc = (label: string): Disc => ({
  media: 'dvd',
  content: 'data',
  label,
  filesystems: [],
  sizes: { mediumBytes: 4_700_000_000, iso9660Bytes: 4_700_000_000, udfBytes: null },
  fingerprint: null,
});

export const archive = (label: string, verdict: Verdict): Archive => ({
  id: archiveId,
  jobId,
  path: 'dvd/HOLIDAY.iso',
  sizeBytes: 4_700_000_000,
  checksums: { md5: 'd41d8cd98f00b204e9800998ecf8427e', sha256: 'a'.repeat(64) },
  verdict,
  disc: disc(label),
  provenance: {
    device: 'reader',
    vendor: 'PIONEER',
    model: 'BD-RW',
    serial: null,
    ddrescueVersion: '1.27',
    rule: null,
    configGeneration: 1,
    configHash: 'c'.repeat(64),
    sourceName: null,
    continues: null,
  },
  startedAt: occurredAt - 723_000,
  finishedAt: occurredAt,
  verification: null,
  supersededBy: null,
});

export const completed = (name: string, verdict: Verdict = { kind: 'complete' }): DomainEvent => ({
  type: 'job_completed',
  jobId,
  name,
  archiveId,
  path: 'dvd/HOLIDAY.iso',
  verdict,
  seconds: 723,
  sizeBytes: 4_700_000_000,
});

export const failed = (name: string): DomainEvent => ({
  type: 'job_failed',
  jobId,
  name,
  fault: { code: 'medium_absent', message: 'The disc was taken out. Put it in again.', retry: 'later' },
});

export function entryOf(event: DomainEvent, seq = 7, target = 'home'): OutboxEntry {
  const stored: StoredEvent = { seq, at: occurredAt, event };
  const topic = event.type === 'job_failed' ? 'job_failed' : 'job_completed';
  return { id: `${seq}-${target}`, target, topic, event: stored, attempt: 0, dueAt: occurredAt, lastError: null };
}

export const mailTarget = (port: number, change: Partial<MailTarget['smtp']> = {}): MailTarget => ({
  kind: 'email',
  name: 'home',
  on: ['job_completed', 'job_failed'],
  to: ['anna@example.org', 'Bert <bert@example.org>'],
  from: 'disk2iso <station@example.org>',
  smtp: { host: 'localhost', port, security: 'none', user: null, password: null, ...change },
});

export const webhookTarget = (url: string, secret: string | null = null, name = 'home'): WebhookTarget => ({
  kind: 'webhook',
  name,
  on: ['job_completed', 'job_failed'],
  url,
  secret,
});

export interface RecordedLog extends Log {
  readonly lines: readonly string[];
}

export function recordLog(): RecordedLog {
  const lines: string[] = [];
  const note = (level: string) => (_: object, message: string) => void lines.push(`${level} ${message}`);
  return { lines, debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
}

export const device = deviceId('reader');
