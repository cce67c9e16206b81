import { setImmediate } from 'node:timers/promises';
import type { Context } from 'koa';
import type { StoredEvent } from '../core/event.js';
import type { JobProgress } from '../core/job.js';
import type { Clock, EventSource, Log } from '../core/ports.js';
import type { StationView } from '../core/station-ports.js';
import { eventDeltas } from './event-deltas.js';
import { EventReplay } from './event-replay.js';
import { HttpProblem } from './http-problem.js';
import { progressJson } from './job-json.js';
import { snapshotJson } from './snapshot.js';
import { SseClient } from './sse-client.js';
import { StationWatch } from './station-watch.js';
import { type StreamMessage, streamMessage } from './stream-message.js';

export interface EventStreamOptions {
  readonly maxClients: number;
  /** Bytes a client may be behind before it is dropped. */
  readonly clientBudgetBytes: number;
  readonly heartbeatMs: number;
  /** How often drives, conditions and system figures are looked at while somebody listens. */
  readonly refreshMs: number;
}

/** A job's figures are told at most this often, in milliseconds. */
const progressEveryMs = 200;
/** A client this far behind gets no more figures until it has caught up; the next ones say all they said. */
const progressBacklogBytes = 16 * 1024;

/**
 * GET /api/v1/events. Everything that is told to all clients goes through one queue (`#enqueue`), so that each gets
 * the events in order and none between its snapshot and its first delta.
 */
export class EventStream {
  readonly #view: StationView;
  readonly #source: EventSource;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #options: EventStreamOptions;
  readonly #replay: EventReplay;
  readonly #watch: StationWatch;
  /** Those that have their snapshot. */
  readonly #clients = new Set<SseClient>();
  readonly #lastProgress = new Map<string, { readonly at: number; readonly phase: string }>();
  #stops: (() => void)[] = [];
  #tail: Promise<void> = Promise.resolve();
  /** Clients, and requests on their way to become one. */
  #slots = 0;
  #running = false;
  #refreshing = false;
  #droppedClients = 0;

  constructor(view: StationView, source: EventSource, clock: Clock, log: Log, options: EventStreamOptions) {
    this.#view = view;
    this.#source = source;
    this.#clock = clock;
    this.#log = log;
    this.#options = options;
    this.#replay = new EventReplay(view);
    this.#watch = new StationWatch(view, clock);
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Clients dropped for not reading, since the start. */
  get droppedClients(): number {
    return this.#droppedClients;
  }

  /** Number of the latest event that all clients have been told of. */
  latestSeq(): Promise<number> {
    return this.#replay.latestSeq();
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    const heartbeat = setInterval(() => {
      for (const client of this.#clients) client.heartbeat();
    }, this.#options.heartbeatMs);
    const refresh = setInterval(() => this.#refresh(), this.#options.refreshMs);
    this.#stops = [
      this.#source.onEvent((stored) => this.#publish(stored)),
      this.#source.onProgress((progress) => this.#publishProgress(progress)),
      () => clearInterval(heartbeat),
      () => clearInterval(refresh),
    ];
  }

  async stop(): Promise<void> {
    this.#running = false;
    for (const stop of this.#stops.splice(0)) stop();
    await this.#tail;
    for (const client of this.#clients) client.finish();
  }

  /** Takes over the response. Throws HttpProblem 503 where as many listen as may, and what the catalog throws. */
  async open(ctx: Context): Promise<void> {
    if (!this.#running || this.#slots >= this.#options.maxClients) {
      const message = `At most ${this.#options.maxClients} clients can listen at a time; try again later.`;
      throw new HttpProblem(503, 'too_many_clients', message, { headers: { 'Retry-After': '5' } });
    }
    this.#slots += 1;
    try {
      const lastSeen = /^[0-9]{1,15}$/.test(ctx.get('Last-Event-ID')) ? Number(ctx.get('Last-Event-ID')) : null;
      await this.#inTurn(async () => this.#admit(ctx, await this.#opening(lastSeen)));
    } catch (cause) {
      this.#slots -= 1;
      throw cause;
    }
  }

  /** From here on the slot is the client's, and comes free when its connection ends. */
  #admit(ctx: Context, opening: readonly StreamMessage[]): void {
    if (!this.#running || ctx.res.destroyed) throw new HttpProblem(503, 'stopping', 'The station is stopping.');
    const bytes = opening.reduce((sum, { data }) => sum + data.length, 0);
    const budget = this.#options.clientBudgetBytes + bytes;
    const client = new SseClient(ctx, budget, (dropped) => this.#forget(client, dropped));
    this.#clients.add(client);
    for (const message of opening) client.send(message);
  }

  async #opening(lastSeen: number | null): Promise<readonly StreamMessage[]> {
    const missed = lastSeen === null ? null : await this.#replay.since(lastSeen);
    if (missed === null) return [await this.#snapshot()];
    const messages: StreamMessage[] = [];
    for (const stored of missed) messages.push(...(await eventDeltas(stored, this.#view)));
    return [...messages, ...(await this.#watch.current()), await this.#watch.status()];
  }

  async #snapshot(): Promise<StreamMessage> {
    const seq = await this.#replay.latestSeq();
    return streamMessage('snapshot', await snapshotJson(this.#view, this.#clock, seq), seq);
  }

  #publish(stored: StoredEvent): void {
    this.#enqueue(async () => {
      this.#replay.push(stored);
      if (this.#clients.size === 0) return;
      const changes = await this.#watch.changes();
      for (const message of [...changes, ...(await eventDeltas(stored, this.#view))]) this.#broadcast(message);
      // nothing that was told before need still be so
      if (stored.event.type === 'catalog_rebuilt') this.#broadcast(await this.#snapshot());
      await this.#settle();
    });
  }

  #publishProgress(progress: JobProgress): void {
    if (this.#clients.size === 0) return;
    const now = this.#clock.monotonic();
    const last = this.#lastProgress.get(progress.jobId);
    if (last !== undefined && last.phase === progress.phase && now - last.at < progressEveryMs) return;
    this.#lastProgress.set(progress.jobId, { at: now, phase: progress.phase });
    const message = streamMessage('job_progress', progressJson(progress));
    for (const client of this.#clients) {
      if (client.backlogBytes() < progressBacklogBytes) client.send(message);
    }
  }

  #refresh(): void {
    const now = this.#clock.monotonic();
    for (const [jobId, { at }] of this.#lastProgress) if (now - at > 60_000) this.#lastProgress.delete(jobId);
    if (this.#clients.size === 0 || this.#refreshing) return;
    this.#refreshing = true;
    this.#enqueue(async () => {
      try {
        for (const message of [...(await this.#watch.changes()), await this.#watch.status()]) this.#broadcast(message);
      } finally {
        this.#refreshing = false;
      }
    });
  }

  #broadcast(message: StreamMessage): void {
    for (const client of this.#clients) client.send(message);
  }

  /** Lets the kernel take what is buffered, so that a burst does not drop those who read as fast as they can. */
  async #settle(): Promise<void> {
    const half = this.#options.clientBudgetBytes / 2;
    if ([...this.#clients].some((client) => client.backlogBytes() > half)) await setImmediate();
  }

  /** One after the other. The promise tells how this task ended; the queue goes on either way. */
  #inTurn(task: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(task);
    this.#tail = done.catch(() => undefined); // The caller has the error; the next one gets its turn.
    return done;
  }

  #enqueue(task: () => Promise<void>): void {
    this.#inTurn(task).catch((cause: unknown) => {
      this.#log.error({ err: cause }, 'the event stream could not tell a change');
    });
  }

  #forget(client: SseClient, dropped: boolean): void {
    this.#clients.delete(client);
    this.#slots -= 1;
    if (!dropped) return;
    this.#droppedClients += 1;
    this.#log.warn(
      { budget: this.#options.clientBudgetBytes },
      'a client of the event stream did not read and was dropped',
    );
  }
}
