import type { AppliedConfig } from '../core/desired.js';
import { discsWait } from '../core/discs-wait.js';
import type { Station } from './station.js';
import type { UpkeepPorts } from './upkeep.js';
import type { Workshop } from './workshop.js';

export interface AccessPorts {
  readonly config: () => AppliedConfig;
  readonly station: Pick<Station, 'books' | 'observed'>;
  readonly workshop: Pick<Workshop, 'inHand'>;
}

/** What the upkeep sees of the station beside it: it steps back for discs, and rests where there is no library. */
export function createUpkeepAccess({
  config,
  station,
  workshop,
}: AccessPorts): Pick<UpkeepPorts, 'books' | 'storage' | 'discsWait'> {
  const storage = () => station.observed()?.storage ?? null;
  return {
    storage,
    /** Without its library there is nothing to look after, and much that would seem to be missing. */
    books() {
      const faults = station.observed()?.faults;
      return faults?.every(({ subject }) => subject === 'tools') ? station.books() : null;
    },
    discsWait() {
      const records = station.books()?.records;
      const { running, busy } = workshop.inHand();
      return discsWait(config().desired, {
        atWork: running.size + busy.size > 0,
        jobs: records?.jobs() ?? [],
        insertions: records?.insertions() ?? [],
        storage: storage(),
      });
    },
  };
}
