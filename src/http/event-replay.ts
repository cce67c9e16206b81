import type { StoredEvent } from '../core/event.js';
import type { StationView } from '../core/station-ports.js';

/** More than this and a snapshot is the shorter way. */
const mostReplayed = 500;

/** The latest events, kept so that a client whose connection broke can go on; older ones come from the catalog. */
export class EventReplay {
  readonly #view: StationView;
  readonly #ring: StoredEvent[] = [];

  constructor(view: StationView) {
    this.#view = view;
  }

  push(stored: StoredEvent): void {
    this.#ring.push(stored);
    if (this.#ring.length > mostReplayed) this.#ring.shift();
  }

  /** Number of the latest event; 0 where there was none yet. */
  async latestSeq(): Promise<number> {
    const live = this.#ring.at(-1);
    if (live !== undefined) return live.seq;
    const [stored] = (await this.#view.catalog()?.latestEvents(1)) ?? [];
    return stored?.seq ?? 0;
  }

  /** All events after `seq`, or null where they are too many, are no longer there, or `seq` is none of ours. */
  async since(seq: number): Promise<readonly StoredEvent[] | null> {
    const latest = await this.latestSeq();
    if (seq > latest) return null;
    if (seq === latest) return [];
    const first = this.#ring[0];
    if (first !== undefined && first.seq <= seq + 1) return this.#ring.filter((stored) => stored.seq > seq);
    if (latest - seq > mostReplayed) return null;
    const stored = (await this.#view.catalog()?.events(seq, mostReplayed + 1)) ?? [];
    return stored[0]?.seq === seq + 1 && stored.length <= mostReplayed ? stored : null;
  }
}
