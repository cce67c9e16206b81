import type { Catalog } from '../core/catalog-ports.js';
import { Fault } from '../core/fault.js';
import type { Clock, Log } from '../core/ports.js';
import type { ConfigCommands, StationCommands, StationView } from '../core/station-ports.js';

/** What the routes work with. */
export interface HttpDeps {
  readonly view: StationView;
  readonly commands: StationCommands;
  readonly configuration: ConfigCommands;
  readonly clock: Clock;
  readonly log: Log;
}

/** The catalog, or Fault catalog_damaged with what to do. */
export function openCatalog(view: StationView): Catalog {
  const catalog = view.catalog();
  if (catalog !== null) return catalog;
  throw new Fault('catalog_damaged', 'The catalog cannot be read; build it anew with: disk2iso catalog rebuild');
}
