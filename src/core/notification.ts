import type { DomainEvent, StoredEvent } from './event.js';

/** What a person can ask to be told. */
export type NotificationTopic =
  | 'job_completed'
  | 'job_damaged'
  | 'job_failed'
  | 'storage_warning'
  | 'archive_corrupt'
  | 'approval_needed'
  | 'config_rejected';
export const notificationTopics: readonly NotificationTopic[] = [
  'job_completed',
  'job_damaged',
  'job_failed',
  'storage_warning',
  'archive_corrupt',
  'approval_needed',
  'config_rejected',
];

interface TargetBase {
  readonly name: string;
  readonly on: readonly NotificationTopic[];
}

export interface MailTarget extends TargetBase {
  readonly kind: 'email';
  readonly to: readonly string[];
  readonly from: string;
  readonly smtp: {
    readonly host: string;
    readonly port: number;
    /** `tls` from the first byte, `starttls` required, or `none` (refused with a password unless on loopback). */
    readonly security: 'tls' | 'starttls' | 'none';
    readonly user: string | null;
    readonly password: string | null;
  };
}

export interface WebhookTarget extends TargetBase {
  readonly kind: 'webhook';
  readonly url: string;
  /** Key of the HMAC-SHA256 over `timestamp.body`; null sends unsigned. */
  readonly secret: string | null;
}

/** One whose password, key or address could not be had when the station started: what it is to be told waits. */
export interface LackingTarget extends TargetBase {
  readonly kind: 'lacking';
  /** A sentence that names the file. */
  readonly reason: string;
}

export type NotificationTarget = MailTarget | WebhookTarget | LackingTarget;

/** One message to one target, kept until delivered or given up. */
export interface OutboxEntry {
  /** `${seq}-${target}`: the same event never makes two entries for a target. */
  readonly id: string;
  readonly target: string;
  readonly topic: NotificationTopic;
  readonly event: StoredEvent;
  readonly attempt: number;
  /** Milliseconds since 1970. */
  readonly dueAt: number;
  readonly lastError: string | null;
}

export function topicOf(event: DomainEvent): NotificationTopic | null {
  switch (event.type) {
    case 'job_completed':
      return event.verdict.kind === 'complete' || event.verdict.kind === 'complete_with_tail'
        ? 'job_completed'
        : 'job_damaged';
    case 'job_failed':
      return 'job_failed';
    case 'storage_warning':
    case 'storage_stop':
      return 'storage_warning';
    case 'archive_corrupt':
    case 'approval_needed':
    case 'config_rejected':
      return event.type;
    default:
      return null;
  }
}

/** The outbox entries one event calls for. */
export function planNotifications(stored: StoredEvent, targets: readonly NotificationTarget[]): OutboxEntry[] {
  const topic = topicOf(stored.event);
  if (topic === null) return [];
  return targets
    .filter((target) => target.on.includes(topic))
    .map((target) => ({
      id: `${stored.seq}-${target.name}`,
      target: target.name,
      topic,
      event: stored,
      attempt: 0,
      dueAt: stored.at,
      lastError: null,
    }));
}
