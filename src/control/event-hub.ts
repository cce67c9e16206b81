import type { StoredEvent } from '../core/event.js';
import type { JobProgress } from '../core/job.js';
import type { EventSource, Log } from '../core/ports.js';

/** Passes on what happened to whoever listens; a listener that throws harms nobody else. */
export interface EventHub extends EventSource {
  tell(events: readonly StoredEvent[]): void;
  progress(progress: JobProgress): void;
}

export function createEventHub(log: Log): EventHub {
  const onEvent = new Set<(stored: StoredEvent) => void>();
  const onProgress = new Set<(progress: JobProgress) => void>();

  function deliver<Item>(listeners: ReadonlySet<(item: Item) => void>, item: Item): void {
    for (const listener of listeners) {
      try {
        listener(item);
      } catch (error) {
        log.error({ err: error }, 'a listener of events failed');
      }
    }
  }

  function subscribe<Item>(listeners: Set<(item: Item) => void>, listener: (item: Item) => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  return {
    tell: (events) => {
      for (const stored of events) deliver(onEvent, stored);
    },
    progress: (progress) => deliver(onProgress, progress),
    onEvent: (listener) => subscribe(onEvent, listener),
    onProgress: (listener) => subscribe(onProgress, listener),
  };
}
