import { careOf } from '../core/archive.js';
import type { Catalog } from '../core/catalog-ports.js';
import type { DomainEvent } from '../core/event.js';

const atOnce = 200;
const walkEveryMs = 24 * 60 * 60_000;
const namesKept = 1000;
const namesTold = 10;

export interface Strays {
  readonly count: number;
  readonly names: readonly string[];
}

/** Looks once a day for files in the library that no archive accounts for, some at a time, and touches none. */
export interface StrayWatch {
  /** Goes on with the walk; resolves to the event it calls for, or null. `more`: it is not at its end. */
  step(catalog: Catalog, reserved: ReadonlySet<string>): Promise<{ event: DomainEvent | null; more: boolean }>;
  found(): Strays | null;
}

const sidecar = /^(.*\.iso)\.(json|map|md5|sha1|sha256|sha512|blake2b512)$/s;

export function createStrayWatch(walk: () => AsyncGenerator<string>, monotonic: () => number): StrayWatch {
  let walking: AsyncGenerator<string> | null = null;
  let endedAt: number | null = null;
  let count = 0;
  let names: string[] = [];
  let last: Strays | null = null;

  async function belongs(catalog: Catalog, path: string, reserved: ReadonlySet<string>): Promise<boolean> {
    const image = sidecar.exec(path)?.[1] ?? path;
    if (reserved.has(image)) return true;
    const owners = (await catalog.archivesByPath(image)).map((owner) => careOf(owner).trashed);
    return owners.some((trashed) => trashed === null || trashed.restoreTo === image);
  }

  return {
    found: () => last,
    async step(catalog, reserved) {
      if (walking === null) {
        if (endedAt !== null && monotonic() - endedAt < walkEveryMs) return { event: null, more: false };
        walking = walk();
        count = 0;
        names = [];
      }
      for (let looked = 0; looked < atOnce; looked += 1) {
        const next = await walking.next();
        if (next.done === true) {
          walking = null;
          endedAt = monotonic();
          const before = last ?? (await lastTold(catalog));
          const told = before === last ? names : names.slice(0, namesTold);
          const same = before.count === count && before.names.join('\0') === told.join('\0');
          last = { count, names };
          const event = { type: 'strays_found', count, names: names.slice(0, namesTold) } as const;
          return { event: same ? null : event, more: false };
        }
        if (await belongs(catalog, next.value, reserved)) continue;
        count += 1;
        if (names.length < namesKept) names.push(next.value);
      }
      return { event: null, more: true };
    },
  };
}

/** So that a restart does not tell anew of what was told before. */
async function lastTold(catalog: Catalog): Promise<Strays> {
  for (const { event } of await catalog.latestEvents(1000)) if (event.type === 'strays_found') return event;
  return { count: 0, names: [] };
}
