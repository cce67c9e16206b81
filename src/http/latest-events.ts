import { type Severity, type StoredEvent, severityOf } from '../core/event.js';
import type { StationView } from '../core/station-ports.js';
import type { EventJson } from './api.gen.js';
import { eventJson } from './event-json.js';
import { openCatalog } from './http-deps.js';

const loudness: readonly Severity[] = ['debug', 'info', 'warning', 'error'];
/** How far back a search for rare ones goes, so that no request reads an unbounded log. */
const mostSearched = 20_000;

export interface EventQuery {
  /** The quietest level wanted. */
  readonly level: Severity;
  /** Milliseconds since 1970; nothing older. */
  readonly from: number | null;
  readonly limit: number;
}

/** Newest first. Searches the latest 20,000 events. */
export async function latestEvents(view: StationView, { level, from, limit }: EventQuery): Promise<EventJson[]> {
  const catalog = openCatalog(view);
  const least = loudness.indexOf(level);
  const wanted = ({ at, event }: StoredEvent): boolean =>
    loudness.indexOf(severityOf(event)) >= least && (from === null || at >= from);
  for (let searched = limit; ; searched = Math.min(searched * 8, mostSearched)) {
    const events = await catalog.latestEvents(searched);
    const found = events.filter(wanted);
    const oldest = events.at(-1);
    const passed = from !== null && oldest !== undefined && oldest.at < from;
    if (found.length >= limit || passed || events.length < searched || searched >= mostSearched) {
      return found.slice(0, limit).map(eventJson);
    }
  }
}
