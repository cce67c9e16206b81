/*
 * For whoever writes a receiver
 *
 *   POST <url>
 *   Content-Type: application/json
 *   Idempotency-Key: 4711-hook-1767182400000
 *   X-Disk2iso-Timestamp: 1767182405
 *   X-Disk2iso-Signature: sha256=<hexadecimal HMAC-SHA256 of `timestamp.body` under the target's secret>
 *
 *   {"id": "4711-hook-1767182400000", "topic": "job_completed", "occurred_at": "2025-12-31T12:00:00.000Z",
 *    "station": "attic", "message": "“HOLIDAY” is archived as dvd/HOLIDAY.iso, 4.7 GB in 12 min 03 s, complete",
 *    "event": {"type": "job_completed", "job_id": "job_…", "archive_id": "archive_…", "path": "dvd/HOLIDAY.iso", …}}
 *
 * Check the signature over the bytes as they came, before parsing them, and refuse old timestamps:
 *
 *   const { createHmac, timingSafeEqual } = require('node:crypto');
 *   function isGenuine(secret, headers, body) {
 *     const timestamp = headers['x-disk2iso-timestamp'] ?? '';
 *     const given = Buffer.from(headers['x-disk2iso-signature'] ?? '');
 *     const wanted = Buffer.from(`sha256=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`);
 *     const fresh = Math.abs(Date.now() / 1000 - Number(timestamp)) < 300;
 *     return fresh && given.length === wanted.length && timingSafeEqual(given, wanted);
 *   }
 *
 * Any 2xx answer within 15 seconds counts as delivered. What is delivered may come again after a crash of the station:
 * `id` (also the Idempotency-Key) is then the same, so answer 2xx to one that is known already. 400, 405, 406, 409 to
 * 422 and other 4xx say that this message will never be taken; it is then given up. 401, 403, 404, 407, 408, 421, 425,
 * 429, redirects (never followed), 5xx and no answer at all are tried again, after 30 seconds at first and every hour
 * in the end, for three days.
 */
import { createHmac } from 'node:crypto';
import { describeEvent } from '../core/describe-event.js';
import { Fault } from '../core/fault.js';
import type { NotificationTarget, OutboxEntry, WebhookTarget } from '../core/notification.js';
import type { Clock, Notifier } from '../core/ports.js';
import { snakeCaseKeys } from '../core/snake-case.js';

export interface WebhookOptions {
  /** Name of this station, in the body. */
  readonly station: string;
  readonly clock: Clock;
  /** Milliseconds for one whole delivery. */
  readonly deadlineMs?: number;
}

/** Answers that say something about the receiver or its address, not about this message: mended while it waits. */
const mendable = new Set([401, 403, 404, 407, 408, 421, 425, 429]);

export function createWebhookNotifier(options: WebhookOptions): Notifier {
  const { station, clock, deadlineMs = 15_000 } = options;

  async function deliver(target: NotificationTarget, entry: OutboxEntry): Promise<void> {
    if (target.kind !== 'webhook') throw new TypeError(`a webhook notifier cannot deliver to a ${target.kind} target`);
    const url = parseUrl(target);
    const id = `${entry.id}-${entry.event.at}`;
    const body = JSON.stringify({
      id,
      topic: entry.topic,
      occurred_at: new Date(entry.event.at).toISOString(),
      station,
      message: describeEvent(entry.event.event),
      event: snakeCaseKeys(entry.event.event),
    });
    const timestamp = String(Math.floor(clock.now() / 1000));
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'user-agent': 'disk2iso',
      'idempotency-key': encodeURIComponent(id),
      'x-disk2iso-timestamp': timestamp,
    };
    if (target.secret !== null) {
      headers['x-disk2iso-signature'] = `sha256=${signBody(target.secret, timestamp, body)}`;
    }
    const status = await post(url, headers, body);
    if (status >= 200 && status < 300) return;
    throw answerFault(url.host, status);
  }

  async function post(url: URL, headers: Record<string, string>, body: string): Promise<number> {
    try {
      const signal = AbortSignal.timeout(deadlineMs);
      const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
      // the answer's text is of no interest, and may be endless
      await response.body?.cancel();
      return response.status;
    } catch (error) {
      const message = `${url.host} ${reasonOf(error)}: check the address and the receiver.`;
      throw new Fault('delivery_failed', message, { retry: 'later', cause: error });
    }
  }

  return { kind: 'webhook', deliver };
}

function signBody(secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
}

/** Addresses of webhooks are often secrets themselves: nothing but the host is ever told. */
function parseUrl(target: WebhookTarget): URL {
  const url = URL.canParse(target.url) ? new URL(target.url) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    const message = `The address of webhook ${target.name} is not an http(s) address without user name: mend it in the configuration.`;
    throw new Fault('delivery_failed', message);
  }
  return url;
}

function answerFault(host: string, status: number): Fault {
  if (status >= 300 && status < 400) {
    const message = `${host} answered ${status}: redirects are not followed, put the new address into the configuration.`;
    return new Fault('delivery_failed', message, { retry: 'later' });
  }
  const final = status >= 400 && status < 500 && !mendable.has(status);
  return final
    ? new Fault('delivery_failed', `${host} answered ${status} and so will never take this message.`)
    : new Fault('delivery_failed', `${host} answered ${status}: see the receiver’s log.`, { retry: 'later' });
}

/** Only codes and names: the texts of fetch's errors repeat the address. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  if (error.name === 'TimeoutError') return 'did not answer in time';
  const cause: unknown = error.cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : error.name;
  return `cannot be reached (${code})`;
}
