/*
 * Delivers what the catalog's outbox holds, at least once: an entry is removed after its delivery, so only a crash
 * between the two sends it again. Nothing here ever holds up a job, and nothing but the catalog remembers what is due.
 */

import type { Catalog } from '../core/catalog-ports.js';
import { Fault, type FaultRecord, recordFault } from '../core/fault.js';
import type { NotificationTarget, OutboxEntry } from '../core/notification.js';
import type { Clock, Log, Notifier } from '../core/ports.js';
import { type Backoff, retryDelay } from '../core/retry.js';
import { type TargetHealth, TargetHealthBook } from './outbox-health.js';

export interface OutboxOptions {
  /** Null while there is none to read. */
  readonly catalog: () => Catalog | null;
  /** The targets in force; null while no configuration is. Entries for any other target are dropped. */
  readonly targets: () => readonly NotificationTarget[] | null;
  readonly notifiers: readonly Notifier[];
  readonly clock: Clock;
  readonly log: Log;
  readonly backoff?: Backoff;
  /** Milliseconds of waiting between tries after which an entry is given up. Time switched off does not count. */
  readonly giveUpAfterMs?: number;
}

export interface OutboxDelivery {
  /** Delivers what is due. Never throws. Called again while it runs, it gives the same promise. */
  deliverDue(now: number): Promise<void>;
  targetHealth(): readonly TargetHealth[];
  /** Starts no further delivery, and waits for those under way. */
  close(): Promise<void>;
}

/** Entries looked at in one round. */
const batchSize = 1000;
const mostLanes = 4;
/** Milliseconds after which a round begins no further delivery to a slow target, so that others get their turn. */
const roundMs = 60_000;
/** Milliseconds a target rests when the catalog would not take what became of its entries. */
const restMs = 30_000;

export function createOutboxDelivery(options: OutboxOptions): OutboxDelivery {
  const { catalog: openCatalog, targets, notifiers, clock, log } = options;
  const { backoff = { firstMs: 30_000, mostMs: 3_600_000 }, giveUpAfterMs = 3 * 86_400_000 } = options;
  const mostAttempts = attemptsWithin(backoff, giveUpAfterMs);
  const health = new TargetHealthBook();
  /** Delivered, but the catalog does not know yet: never sent again by this process. */
  const delivered = new Set<string>();
  /** When an entry was last tried, so that one the target chokes on does not stand in the way of the others. */
  const lastTried = new Map<string, number>();
  const restUntil = new Map<string, number>();
  /** What a target was like when it failed: once it is otherwise, waiting longer makes no sense. */
  const failedAs = new Map<string, string>();
  /** Nothing has been looked at since the start. */
  let isFirst = true;
  let running: Promise<void> | null = null;
  let closed = false;

  async function deliverRound(now: number): Promise<void> {
    const catalog = openCatalog();
    const inForce = targets();
    if (catalog === null || inForce === null || closed) return;
    const mended = inForce.filter((one) => isFirst || (failedAs.get(one.name) ?? textOf(one)) !== textOf(one));
    const names = mended.map(({ name }) => name);
    if (names.length > 0) await guard(names.join(', '), () => hasten(catalog, names, now));
    const due = await catalog.outboxDue(now, batchSize);
    const waiting = [...byTarget(due)];
    const until = clock.monotonic() + roundMs;
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [name, entries] = next;
        const target = inForce.find((one) => one.name === name);
        await guard(name, () =>
          target === undefined ? drop(catalog, name, entries) : deliverTo(catalog, target, entries, until),
        );
      }
    };
    await Promise.all(Array.from({ length: mostLanes }, worker));
  }

  /**
   * A password was corrected, a secret is there at last, or the station was started anew, as one does who has mended
   * something: what has waited for it is due. Such a try does not count, so that no number of them gives a message up.
   */
  async function hasten(catalog: Catalog, names: readonly string[], now: number): Promise<void> {
    const waiting = await catalog.outboxDue(Number.MAX_SAFE_INTEGER, batchSize);
    // those not tried yet wait only where the clock was ahead when they were written
    const isHeldUp = ({ attempt, dueAt }: OutboxEntry): boolean => dueAt > now + (attempt > 0 ? 0 : backoff.mostMs);
    const outbox = waiting
      .filter((one) => names.includes(one.target) && isHeldUp(one))
      .map((one) => ({ ...one, attempt: Math.max(0, one.attempt - 1), dueAt: now }));
    if (outbox.length > 0) await catalog.commit({ outbox });
    isFirst = false;
    for (const name of names) {
      failedAs.delete(name);
      health.succeeded(name);
    }
  }

  /** Whatever goes wrong with one target's entries leaves the others alone. */
  async function guard(name: string, run: () => Promise<void>): Promise<void> {
    if ((restUntil.get(name) ?? 0) > clock.monotonic()) return;
    try {
      await run();
    } catch (error) {
      restUntil.set(name, clock.monotonic() + restMs);
      log.error({ target: name, err: error }, 'What became of notifications could not be written down');
    }
  }

  async function deliverTo(
    catalog: Catalog,
    target: NotificationTarget,
    entries: readonly OutboxEntry[],
    until: number,
  ): Promise<void> {
    const order = entries.toSorted(
      (a, b) => (lastTried.get(a.id) ?? 0) - (lastTried.get(b.id) ?? 0) || a.event.seq - b.event.seq,
    );
    for (const [index, entry] of order.entries()) {
      if (closed || clock.monotonic() > until) return;
      const fault = delivered.has(entry.id) ? null : await attempt(target, entry);
      if (fault !== null) failedAs.set(target.name, textOf(target));
      else failedAs.delete(target.name);
      if (fault === null) {
        delivered.add(entry.id);
        health.succeeded(target.name);
        await catalog.commit({ delivered: [entry.id] });
        delivered.delete(entry.id);
        lastTried.delete(entry.id);
      } else if (fault.retry === 'never' || entry.attempt + 1 >= mostAttempts) {
        health.failed(target.name, fault, clock.now());
        await catalog.commit({ delivered: [entry.id], events: [failure(target.name, fault, true)] });
        lastTried.delete(entry.id);
      } else {
        const isNews = health.failed(target.name, fault, clock.now());
        const outbox = order.slice(index).map((one) => postpone(one, fault));
        await catalog.commit({ outbox, events: isNews ? [failure(target.name, fault, false)] : [] });
        return;
      }
    }
  }

  async function attempt(target: NotificationTarget, entry: OutboxEntry): Promise<FaultRecord | null> {
    lastTried.set(entry.id, clock.monotonic());
    try {
      if (target.kind === 'lacking') throw new Fault('delivery_failed', target.reason, { retry: 'later' });
      const notifier = notifiers.find((one) => one.kind === target.kind);
      if (notifier === undefined) throw new TypeError(`no notifier for ${target.kind}`);
      await notifier.deliver(target, entry);
      return null;
    } catch (error) {
      if (error instanceof Fault) return recordFault(error);
      log.error({ target: target.name, err: error }, 'A notification met a bug');
      return { code: 'delivery_failed', message: 'A bug kept it from being sent: see the log.', retry: 'later' };
    }
  }

  /** A target that fails fails for all that is due to it: one try tells, and each waits by its own count. */
  function postpone(entry: OutboxEntry, fault: FaultRecord): OutboxEntry {
    const count = Math.min(entry.attempt + 1, mostAttempts - 1);
    return { ...entry, attempt: count, dueAt: clock.now() + retryDelay(backoff, count), lastError: fault.message };
  }

  async function drop(catalog: Catalog, name: string, entries: readonly OutboxEntry[]): Promise<void> {
    const many = entries.length === 1 ? '1 message' : `${entries.length} messages`;
    const message = `The target is no longer in the configuration: ${many} dropped.`;
    await catalog.commit({
      delivered: entries.map((entry) => entry.id),
      events: [failure(name, { code: 'delivery_failed', message, retry: 'never' }, true)],
    });
    for (const entry of entries) lastTried.delete(entry.id);
  }

  function deliverDue(now: number): Promise<void> {
    running ??= deliverRound(now)
      .catch((error: unknown) => log.error({ err: error }, 'The outbox could not be read'))
      .finally(() => {
        running = null;
      });
    return running;
  }

  return {
    deliverDue,
    targetHealth: () => health.of(targets() ?? []),
    close: async () => {
      closed = true;
      await running;
    },
  };
}

const textOf = (target: NotificationTarget): string => JSON.stringify(target);

function byTarget(entries: readonly OutboxEntry[]): Map<string, OutboxEntry[]> {
  const groups = new Map<string, OutboxEntry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.target);
    if (group === undefined) groups.set(entry.target, [entry]);
    else group.push(entry);
  }
  return groups;
}

function failure(target: string, fault: FaultRecord, gaveUp: boolean) {
  return { type: 'notification_failed', target, fault, gaveUp } as const;
}

/** Tries until the waits between them add up to `spanMs`. */
function attemptsWithin(backoff: Backoff, spanMs: number): number {
  let attempts = 1;
  for (let waited = 0; waited < spanMs; attempts += 1) waited += Math.max(1, retryDelay(backoff, attempts));
  return attempts;
}
