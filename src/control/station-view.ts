import type { AppliedConfig } from '../core/desired.js';
import type { Library } from '../core/imaging-ports.js';
import type { Clock, SystemProbe } from '../core/ports.js';
import type { StationView } from '../core/station-ports.js';
import type { ConfigManager } from './config-manager.js';
import type { Reconciler } from './reconciler.js';
import type { Station } from './station.js';
import type { Upkeep } from './upkeep.js';
import type { Workshop } from './workshop.js';

export interface StationViewParts {
  readonly version: string;
  readonly clock: Clock;
  /** In force, or while a new one is being tried, that one. */
  readonly config: () => AppliedConfig;
  readonly manager: () => ConfigManager;
  readonly summarise: (problem: ReturnType<ConfigManager['problems']>[number]) => string;
  readonly station: Station;
  readonly workshop: Workshop;
  readonly reconciler: Reconciler;
  readonly upkeep: Upkeep;
  readonly library: Library;
  readonly probe: SystemProbe;
  /** Milliseconds within which a pass must have ended for the station to be ready. */
  readonly patienceMs: number;
}

/** True while passes keep ending: a reconciler that hangs is neither ready nor fed to the watchdog. */
export function passesEnd({
  reconciler,
  clock,
  patienceMs,
}: Pick<StationViewParts, 'reconciler' | 'clock' | 'patienceMs'>): boolean {
  const last = reconciler.lastPassAt();
  return last !== null && clock.monotonic() - last < patienceMs;
}

/** What the HTTP side and the metrics see of the station. */
export function createStationView(parts: StationViewParts): StationView {
  const { station, workshop, manager } = parts;
  return {
    version: parts.version,
    startedAt: parts.clock.now(),
    config: parts.config,
    configAttempt: () => manager().attempt(),
    configProblems: () => manager().problems().map(parts.summarise),
    devices: () => station.observed()?.devices ?? [],
    insertions: () => station.books()?.records.insertions() ?? [],
    progress: (id) => workshop.inHand().progress.get(id) ?? null,
    conditions: station.conditions,
    storage: () => station.observed()?.storage ?? null,
    system: () => parts.probe.read(),
    catalog: station.catalog,
    imagePath: parts.library.imagePath,
    lastPassMs: () => parts.reconciler.lastPassMs(),
    upkeep: () => parts.upkeep.status(),
    ready() {
      const seen = station.observed();
      return passesEnd(parts) && seen !== null && seen.faults.length === 0 && seen.storage !== null;
    },
  };
}
