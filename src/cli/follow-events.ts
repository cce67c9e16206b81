import { setTimeout as wait } from 'node:timers/promises';
import type { ApiClient } from './api-client.js';
import type { EventShape, LogsShape } from './api-shapes.js';
import { CliError, exitStatus } from './cli-error.js';
import { createStreamParser } from './event-stream.js';

export interface FollowOptions {
  readonly client: ApiClient;
  /** The last event that is known already. */
  readonly after: number;
  readonly onEvent: (event: EventShape) => void;
  readonly onRemark: (text: string) => void;
  readonly signal: AbortSignal;
  /** Milliseconds of silence after which a connection counts as dead; the daemon sends a comment far more often. */
  readonly silenceMs?: number;
  /** Milliseconds before the first new try, doubled up to ten seconds. */
  readonly retryMs?: number;
}

const longestRetryMs = 10_000;
/** Refusals of the daemon that do not last. */
const passing = ['too_many_clients', 'stopping', 'catalog_damaged'];

/** Gives every event after `after`, once and in order, over broken connections and restarts, until `signal`. */
export async function followEvents(options: FollowOptions): Promise<void> {
  const { client, onEvent, onRemark, signal, silenceMs = 60_000, retryMs = 500 } = options;
  let last = options.after;
  let failures = 0;

  const take = (event: EventShape): void => {
    if (event.seq <= last) return;
    last = event.seq;
    onEvent(event);
  };

  /** The daemon begins with a snapshot where it no longer knows what came after `last`. */
  async function catchUp(): Promise<void> {
    const { events } = (await client.call('/api/v1/logs?limit=1000')) as LogsShape;
    const oldest = events.at(-1);
    const newest = events[0]?.seq ?? 0;
    if (newest < last) {
      onRemark('The catalog begins anew: its events are counted from 1 again.');
      last = 0;
    }
    if (oldest !== undefined && oldest.seq > last + 1) onRemark(`${oldest.seq - last - 1} events were missed.`);
    for (const event of [...events].reverse()) take(event);
  }

  async function readStream(): Promise<void> {
    const stream = await client.open('/api/v1/events', { 'last-event-id': String(last) }, signal);
    if (failures > 0) onRemark('Connected again.');
    failures = 0;
    stream.setTimeout(silenceMs, () => stream.destroy(new Error('silence')));
    const parse = createStreamParser();
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      for (const message of parse(chunk)) {
        if (message.event === 'snapshot') await catchUp();
        else if (message.event === 'event') take(JSON.parse(message.data) as EventShape);
      }
    }
  }

  while (!signal.aborted) {
    try {
      await readStream();
    } catch (error) {
      if (signal.aborted) return;
      // what the daemon refuses for good (403, say) is not asked again; broken connections are
      if (error instanceof CliError && error.status !== exitStatus.unreachable && !passing.includes(error.code))
        throw error;
    }
    failures += 1;
    if (failures === 1) onRemark('The connection broke; trying again.');
    await wait(Math.min(longestRetryMs, retryMs * 2 ** Math.min(failures - 1, 10)), undefined, { signal }).catch(
      () => undefined,
    );
  }
}
