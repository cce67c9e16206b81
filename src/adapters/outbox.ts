import type { Catalog } from '../core/catalog-ports.js';
import type { ConditionDraft } from '../core/condition.js';
import type { DomainEvent } from '../core/event.js';
import type { Library } from '../core/imaging-ports.js';
import type { NotificationTarget } from '../core/notification.js';
import type { Clock, Log } from '../core/ports.js';
import { createOutboxDelivery } from './outbox-delivery.js';
import { notificationsCondition } from './outbox-health.js';
import { createOutboxLoop } from './outbox-loop.js';
import { findOutboxSubject, unknownSubject } from './outbox-subject.js';
import { createSmtpNotifier } from './smtp.js';
import { createWebhookNotifier } from './webhook.js';

export interface OutboxPorts {
  /** The station's name in what is told. */
  readonly station: string;
  /** Null while there is none to read. */
  readonly catalog: () => Catalog | null;
  readonly targets: () => readonly NotificationTarget[];
  readonly imagePath: Library['imagePath'];
  readonly clock: Clock;
  readonly log: Log;
}

/** Tells people what the catalog's outbox holds for them: its parts put together. */
export interface Outbox {
  start(): void;
  /** Something may have become due: an event was committed, or the targets have changed. Cheap, any number of times. */
  wake(): void;
  condition(): ConditionDraft;
  stop(): Promise<void>;
}

export function createOutbox({ station, catalog, targets, imagePath, clock, log }: OutboxPorts): Outbox {
  const subjectOf = async (event: DomainEvent) => {
    const open = catalog();
    return open === null ? unknownSubject : findOutboxSubject(event, open, imagePath);
  };
  const delivery = createOutboxDelivery({
    catalog,
    targets,
    notifiers: [
      createSmtpNotifier({ station, log, findSubject: (entry) => subjectOf(entry.event.event) }),
      createWebhookNotifier({ station, clock }),
    ],
    clock,
    log,
  });
  const loop = createOutboxLoop({ delivery, catalog, clock, log });
  return {
    start: loop.start,
    wake: loop.wake,
    condition: () => notificationsCondition(delivery.targetHealth()),
    stop: loop.stop,
  };
}
