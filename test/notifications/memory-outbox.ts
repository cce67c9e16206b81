import type { Catalog, CatalogChange } from '../../src/core/catalog-ports.js';
import type { DomainEvent } from '../../src/core/event.js';
import type { OutboxEntry } from '../../src/core/notification.js';

/** The outbox part of a catalog, with a disk that can be full. */
export class MemoryOutbox {
  readonly entries = new Map<string, OutboxEntry>();
  readonly events: DomainEvent[] = [];
  failure: Error | null = null;

  add(...entries: readonly OutboxEntry[]): void {
    for (const entry of entries) this.entries.set(entry.id, entry);
  }

  get catalog(): Catalog {
    return this as unknown as Catalog;
  }

  async commit(change: CatalogChange): Promise<[]> {
    if (this.failure !== null) throw this.failure;
    this.add(...(change.outbox ?? []));
    for (const id of change.delivered ?? []) this.entries.delete(id);
    this.events.push(...(change.events ?? []));
    return [];
  }

  async outboxDue(now: number, limit: number): Promise<OutboxEntry[]> {
    return [...this.entries.values()]
      .filter((entry) => entry.dueAt <= now)
      .sort((a, b) => a.dueAt - b.dueAt)
      .slice(0, limit);
  }

  async nextOutboxDue(): Promise<number | null> {
    return this.entries.size === 0 ? null : Math.min(...[...this.entries.values()].map((entry) => entry.dueAt));
  }
}
