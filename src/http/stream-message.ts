import type { ApiShapes } from './api.gen.js';

/** The messages of GET /api/v1/events and the schema of each one's data. */
export const streamSchemas = {
  snapshot: 'snapshot',
  job: 'job',
  job_progress: 'job-progress',
  archive: 'archive',
  device: 'device',
  device_removed: 'device-removed',
  condition: 'condition',
  status: 'system-status',
  event: 'event',
} as const satisfies Record<string, keyof ApiShapes>;

export type StreamEvent = keyof typeof streamSchemas;

export interface StreamMessage {
  readonly event: StreamEvent;
  /** Where a client that comes back goes on; null where a message is no event of its own. */
  readonly id: number | null;
  readonly data: string;
}

/** `data` is JSON: one line, and nothing in it can begin a field of its own. */
export function streamMessage<Name extends StreamEvent>(
  event: Name,
  data: ApiShapes[(typeof streamSchemas)[Name]],
  id: number | null = null,
): StreamMessage {
  return { event, id, data: JSON.stringify(data) };
}
