import type { Action } from '../core/action.js';
import type { Catalog, CatalogChange } from '../core/catalog-ports.js';
import { type Decision, decideDisc } from '../core/decide.js';
import type { AppliedConfig } from '../core/desired.js';
import { type Disc, sameDisc } from '../core/disc.js';
import type { EjectState, Insertion, Medium, ObservedDevice } from '../core/drive.js';
import type { DomainEvent } from '../core/event.js';
import { Fault, recordFault } from '../core/fault.js';
import { createJobId, isSameCount } from '../core/ids.js';
import type { ArchiveFiles, DrivePort } from '../core/imaging-ports.js';
import { isFinal, type Job } from '../core/job.js';
import type { Clock, StopSignal } from '../core/ports.js';
import { retryDelay } from '../core/retry.js';
import type { ImagingSettings, Rule } from '../core/rule.js';
import { judgeImages, lookForImages } from './look-for-images.js';
import type { Records } from './records.js';

export interface IdentifyPorts {
  readonly drives: (kind: ObservedDevice['kind']) => DrivePort;
  readonly clock: Clock;
  readonly random: () => Uint8Array;
  readonly look: ArchiveFiles['look'];
}

const identifyBackoff = { firstMs: 5_000, mostMs: 60_000 };
const mostAttempts = 5;

type IdentifyTask = Omit<Extract<Action, { kind: 'identify' }>, 'kind'>;
type RefuseTask = Omit<Extract<Action, { kind: 'refuse' }>, 'kind'>;

/** Finds out which disc it is, decides what becomes of it, and writes both down in one step. */
export async function identifyMedium(
  ports: IdentifyPorts,
  records: Records,
  catalog: Catalog,
  config: AppliedConfig,
  { device, medium, previous, away }: IdentifyTask,
  stop: StopSignal,
): Promise<void> {
  let disc: Disc;
  try {
    disc = await ports.drives(device.kind).identify(device, medium, stop);
  } catch (error) {
    if (!(error instanceof Fault) || stop.aborted) throw error;
    if (isUncounted(previous, medium) && isBeingImaged(records, previous)) {
      await records.commit(carryOver(previous, device, medium, previous.disc));
      return;
    }
    await records.commit(unidentified(device, medium, previous, error, config, ports.clock.now()));
    return;
  }
  const structure = disc.fingerprint?.structure;
  const imagesOf = async () => (structure === undefined ? [] : catalog.archivesByStructure(structure));
  // before its turn: others would wait as well for a library that hangs
  const looked = await lookForImages(ports.look, await imagesOf(), disc.fingerprint);
  // In its turn: the same disc may be in another drive, or its job may just end.
  await records.decide(async () => {
    const { archives, change } = judgeImages(await imagesOf(), looked, ports.clock.now());
    const openJobs = records.jobs().filter((job) => !isFinal(job));
    const others = records
      .insertions()
      .filter(({ key }) => key !== medium.key && key !== previous?.key && !away.has(key));
    const inDrives = new Set(
      others.flatMap(({ outcome }) => (outcome.kind === 'job' ? [outcome.jobId as string] : [])),
    );
    const uncounted = isUncounted(previous, medium);
    const known = { archives, openJobs, inDrives, previous, uncounted };
    const decision = decideDisc(config.desired, device.drive, disc, known);
    const outcome = carryOut(ports, decision, device, medium, disc, previous, config);
    return { ...outcome, ...change, events: [...(change.events ?? []), ...(outcome.events ?? [])] };
  });
}

/** Writes down that a medium cannot be imaged, without reading it. */
export async function refuseMedium(
  records: Records,
  config: AppliedConfig,
  { device, medium, previous, fault }: RefuseTask,
  now: number,
): Promise<void> {
  if (isUncounted(previous, medium) && previous.outcome.kind === 'unsupported') {
    await records.commit(carryOver(previous, device, medium, null));
    return;
  }
  const outcome = { kind: 'unsupported', fault } as const;
  const insertion = newInsertion(device, medium, null, outcome, pendingEject(config.desired.defaults), now);
  const events: DomainEvent[] = [inserted(device, medium), { type: 'disc_unsupported', device: device.id, fault }];
  await records.commit({ ...replacing(previous, medium), insertions: [insertion], events });
}

/** Another daemon has seen it before, and the drive counts no other disc since. */
function isUncounted(previous: Insertion | null, medium: Medium): previous is Insertion {
  return previous !== null && previous.key !== medium.key && isSameCount(previous.key, medium.key);
}

function isBeingImaged(records: Records, { outcome }: Insertion): boolean {
  const job = outcome.kind === 'job' ? records.job(outcome.jobId) : null;
  return job !== null && !isFinal(job);
}

/** What was decided of it stands: an eject that was done is not repeated, nor anything else. */
function carryOver(kept: Insertion, device: ObservedDevice, medium: Medium, disc: Disc | null): CatalogChange {
  const insertion = { ...kept, device: device.id, key: medium.key, name: medium.name, disc };
  return { ...replacing(kept, medium), insertions: [insertion] };
}

const pendingEject = (settings: Pick<ImagingSettings, 'eject'>): EjectState =>
  settings.eject === 'never' ? { kind: 'not_wanted' } : { kind: 'pending', policy: settings.eject };

const inserted = (device: ObservedDevice, medium: Medium): DomainEvent => ({
  type: 'disc_inserted',
  device: device.id,
  name: medium.name,
});

function newInsertion(
  device: ObservedDevice,
  medium: Medium,
  disc: Disc | null,
  outcome: Insertion['outcome'],
  eject: EjectState,
  now: number,
): Insertion {
  return { device: device.id, key: medium.key, seenAt: now, name: medium.name, disc, outcome, eject };
}

function unidentified(
  device: ObservedDevice,
  medium: Medium,
  previous: Insertion | null,
  error: Fault,
  config: AppliedConfig,
  now: number,
): CatalogChange {
  const again = previous?.key === medium.key && previous.outcome.kind === 'unidentified' ? previous.outcome.attempt : 0;
  const attempt = again + 1;
  const retryAt = error.retry === 'later' && attempt < mostAttempts ? now + retryDelay(identifyBackoff, attempt) : null;
  const fault = recordFault(error);
  const outcome = { kind: 'unidentified', fault, attempt, retryAt } as const;
  const insertion = newInsertion(device, medium, null, outcome, pendingEject(config.desired.defaults), now);
  const events: DomainEvent[] = attempt === 1 ? [inserted(device, medium)] : [];
  if (attempt === 1 || retryAt === null) events.push({ type: 'disc_unidentified', device: device.id, fault });
  return { ...replacing(previous, medium), insertions: [insertion], events };
}

/** The record of the disc that was in the drive before, unless it is this very insertion. */
function replacing(previous: Insertion | null, medium: Medium): CatalogChange {
  if (previous === null || previous.key === medium.key) return {};
  return { forget: [{ device: previous.device, key: previous.key }] };
}

function carryOut(
  ports: IdentifyPorts,
  decision: Decision,
  device: ObservedDevice,
  medium: Medium,
  disc: Disc,
  previous: Insertion | null,
  config: AppliedConfig,
): CatalogChange {
  const now = ports.clock.now();
  const first = previous?.key === medium.key ? [] : [inserted(device, medium)];
  const gone = replacing(previous, medium);
  const enter = (outcome: Insertion['outcome'], eject: EjectState, ...events: DomainEvent[]): CatalogChange => ({
    ...gone,
    insertions: [newInsertion(device, medium, disc, outcome, eject, now)],
    events: [...first, ...events],
  });
  /** No job will tell later by which rule that was. */
  const settle = (
    rule: Rule | null,
    outcome: Insertion['outcome'],
    eject: EjectState,
    event: DomainEvent,
  ): CatalogChange => {
    const decidedBy = { rule: rule?.name ?? null, generation: config.generation };
    const insertion = { ...newInsertion(device, medium, disc, outcome, eject, now), decidedBy };
    return { ...gone, insertions: [insertion], events: [...first, event] };
  };
  const notWanted: EjectState = { kind: 'not_wanted' };
  const { label } = disc;
  switch (decision.kind) {
    case 'unchanged': {
      const before = decision.previous.disc;
      // a damaged disc may be told less well than before
      const isPoorer = before !== null && !sameDisc(before.fingerprint, disc.fingerprint);
      return carryOver(decision.previous, device, medium, isPoorer ? before : disc);
    }
    case 'attach':
      return enter({ kind: 'job', jobId: decision.job.id }, pendingEject(decision.job.settings));
    case 'wait':
      return enter({ kind: 'waiting', jobId: decision.job.id }, notWanted);
    case 'ignore':
      return settle(decision.rule, { kind: 'ignored', rule: decision.rule.name }, notWanted, {
        type: 'disc_ignored',
        device: device.id,
        label,
        rule: decision.rule.name,
      });
    case 'duplicate':
      return settle(
        decision.rule,
        { kind: 'duplicate', archiveId: decision.archive.id },
        pendingEject(decision.settings),
        { type: 'disc_duplicate', device: device.id, label, archiveId: decision.archive.id },
      );
    case 'image': {
      const job = createJob(ports, device, medium, disc, decision, config, now);
      const event: DomainEvent = { type: 'job_created', jobId: job.id, name: job.name, device: device.id };
      return { ...enter({ kind: 'job', jobId: job.id }, pendingEject(job.settings), event), jobs: [job] };
    }
  }
}

function createJob(
  ports: IdentifyPorts,
  device: ObservedDevice,
  medium: Medium,
  disc: Disc,
  decision: {
    readonly rule: Rule | null;
    readonly settings: ImagingSettings;
    readonly continues: { readonly id: Job['continues'] } | null;
  },
  config: AppliedConfig,
  now: number,
): Job {
  return {
    id: createJobId(now, ports.random()),
    name: disc.label ?? medium.name?.replace(/\.[^.]{1,5}$/, '') ?? 'unlabelled',
    device: device.id,
    medium: medium.key,
    sourceName: medium.name,
    disc,
    settings: decision.settings,
    rule: decision.rule?.name ?? null,
    configGeneration: config.generation,
    configHash: config.hash,
    continues: decision.continues?.id ?? null,
    createdAt: now,
    updatedAt: now,
    startedAt: null,
    rescuedBytes: 0,
    setbacks: 0,
    state: { kind: 'queued' },
  };
}
