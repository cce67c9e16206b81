import { busyDrives } from '../core/busy-subjects.js';
import type { Catalog } from '../core/catalog-ports.js';
import { withCompanions } from '../core/companion-conditions.js';
import { type Condition, type ConditionDraft, changedConditions, updateConditions } from '../core/condition.js';
import type { AppliedConfig } from '../core/desired.js';
import { draftConditions } from '../core/draft-conditions.js';
import type { DomainEvent } from '../core/event.js';
import type { Observed } from '../core/observed.js';
import { type StorageLevel, storageLevel, usedPercent } from '../core/storage.js';
import type { Books } from './workshop.js';

export interface FindingPorts {
  /** Conditions of parts outside the passes: configuration, notifications. */
  readonly otherConditions: () => readonly ConditionDraft[];
  /** Whether a configuration has been taken up and not settled yet. */
  readonly isApplying: () => boolean;
  /** Writes events down; whether it could. */
  readonly enter: (events: readonly DomainEvent[]) => Promise<boolean>;
}

/** What each pass finds the station to be like, and what of it is told: conditions, and how full the library is. */
export interface StationFindings {
  /** For a catalog that was just opened. */
  begin(catalog: Catalog): Promise<void>;
  /**
   * Works the conditions out anew and writes down what has changed. What could not be written down is owed, and noted
   * by a later pass.
   *
   * @param leftOut what the last rebuild could not take in
   */
  note(config: AppliedConfig, observed: Observed, books: Books | null, leftOut: number): Promise<void>;
  conditions(): readonly Condition[];
}

export function createStationFindings(ports: FindingPorts): StationFindings {
  let conditions: readonly Condition[] = [];
  /** The conditions as they were last written down. */
  let told: readonly Condition[] = [];
  let level: StorageLevel | null = null;

  async function noteStorage(config: AppliedConfig, { storage }: Observed): Promise<void> {
    if (storage === null) return;
    const next = storageLevel(config.desired.storage, storage);
    if (next === (level ?? 'ok')) return;
    const used = Math.round(usedPercent(storage) * 10) / 10;
    const { warnAt, stopAt } = config.desired.storage;
    const limitPercent = next === 'stop' ? stopAt : warnAt;
    const type = next === 'stop' ? 'storage_stop' : 'storage_warning';
    const event: DomainEvent =
      next === 'ok' ? { type: 'storage_ok', usedPercent: used } : { type, usedPercent: used, limitPercent };
    if (await ports.enter([event])) level = next;
  }

  async function noteConditions({ catalog, records }: Books): Promise<void> {
    const now = conditions;
    const events = changedConditions(told, now).map((condition) => ({ type: 'condition_changed', condition }) as const);
    // Without anything to tell this is how the catalog is tried again.
    const due = events.length > 0 || records.fault() !== null || catalog.ledgerFault() !== null;
    if (!due || (await ports.enter(events))) told = now;
  }

  return {
    conditions: () => conditions,
    async begin(catalog) {
      level = await lastStorageLevel(catalog);
    },
    async note(config, observed, books, leftOut) {
      const drafts = [...draftConditions(config.desired, observed), ...ports.otherConditions()].map((draft) =>
        draft.subject === 'catalog' && draft.status ? (draftCatalogTrouble(books, leftOut) ?? draft) : draft,
      );
      const busy = busyDrives(observed);
      if (ports.isApplying()) busy.set('config', 'The station is being brought in line with the file.');
      conditions = updateConditions(conditions, withCompanions(drafts, busy), observed.now);
      if (books === null) return;
      await noteStorage(config, observed);
      await noteConditions(books);
    },
  };
}

/** A catalog that can be used, though something is amiss with it. */
function draftCatalogTrouble(books: Books | null, leftOut: number): ConditionDraft | null {
  const fault = books?.catalog.ledgerFault() ?? null;
  if (fault === null) return leftOut > 0 ? draftLeftOut(leftOut) : null;
  return { subject: 'catalog', type: 'Ready', status: false, reason: fault.code, message: fault.message };
}

function draftLeftOut(leftOut: number): ConditionDraft {
  const what = `${leftOut} ${leftOut === 1 ? 'manifest or folder' : 'manifests or folders'}`;
  const message = `The rebuild could not take in ${what} of the library, which the log names: mend them, then run \`disk2iso catalog rebuild\` again.`;
  return { subject: 'catalog', type: 'Ready', status: false, reason: 'rebuild_needed', message };
}

/** So that a restart does not tell anew of a disk that was full before. */
async function lastStorageLevel(catalog: Catalog): Promise<StorageLevel> {
  for (const { event } of await catalog.latestEvents(1000)) {
    if (event.type === 'storage_ok') return 'ok';
    if (event.type === 'storage_warning') return 'warning';
    if (event.type === 'storage_stop') return 'stop';
  }
  return 'ok';
}
