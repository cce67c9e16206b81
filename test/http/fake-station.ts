import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Archive, careOf, type Verification, withCare } from '../../src/core/archive.js';
import type { Condition } from '../../src/core/condition.js';
import type { GenerationChange } from '../../src/core/config-history.js';
import type { ConfigOutcome } from '../../src/core/config-outcome.js';
import type { ConfigPlan } from '../../src/core/config-plan.js';
import type { AppliedConfig, Desired } from '../../src/core/desired.js';
import type { Insertion, ObservedDevice } from '../../src/core/drive.js';
import type { EffectiveValue } from '../../src/core/effective-value.js';
import type { DomainEvent, StoredEvent } from '../../src/core/event.js';
import type { Explanation } from '../../src/core/explain.js';
import { Fault } from '../../src/core/fault.js';
import type { ArchiveId, JobId } from '../../src/core/ids.js';
import { type Job, type JobEvent, type JobProgress, step } from '../../src/core/job.js';
import type { Clock, EventSource, Log, SystemReading } from '../../src/core/ports.js';
import type {
  ArchiveNotes,
  ConfigCommands,
  RebuildOutcome,
  StationCommands,
  StationView,
  UpkeepPreview,
  UpkeepStatus,
} from '../../src/core/station-ports.js';
import type { StorageReading } from '../../src/core/storage.js';
import { createHttpServer, type HttpServer } from '../../src/http/create-http-server.js';
import type { HttpOptions } from '../../src/http/http-options.js';
import { sampleDesired } from '../core/samples.js';
import { MemoryCatalog } from './memory-catalog.js';
import { imagingSettings } from './samples.js';

export interface LogLine {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

const gib = 1024 ** 3;

const desiredFor = (folder: string): Desired =>
  sampleDesired({
    storage: { library: join(folder, 'library'), state: folder, warnAt: 85, stopAt: 95 },
    defaults: imagingSettings,
    drives: [],
    api: { listen: { host: '127.0.0.1', port: 0 }, socket: join(folder, 'api.sock'), allowedHosts: [] },
  });

/** A station without drives and reconciler, whose state the test sets; jobs go through the real state machine. */
export class FakeStation implements StationView, StationCommands, ConfigCommands, EventSource {
  readonly version = '0.1.0';
  readonly startedAt = 1_780_000_000_000;
  readonly folder: string;
  readonly records = new MemoryCatalog();
  readonly logged: LogLine[] = [];
  readonly #eventListeners = new Set<(stored: StoredEvent) => void>();
  readonly #progressListeners = new Set<(progress: JobProgress) => void>();
  readonly progressByJob = new Map<string, JobProgress>();
  catalogIsDamaged = false;
  isReady = true;
  problems: string[] = [];
  deviceList: ObservedDevice[] = [];
  insertionList: Insertion[] = [];
  conditionList: Condition[] = [];
  storageReading: StorageReading | null = { totalBytes: 1000 * gib, usedBytes: 400 * gib, availableBytes: 550 * gib };
  systemReading: SystemReading = {
    cpuPercent: 12.5,
    memoryUsedBytes: 3 * gib,
    memoryTotalBytes: 8 * gib,
    loadAverage: [0.42, 0.51, 0.36],
  };
  applied: AppliedConfig;
  verifyWith: (id: ArchiveId) => Promise<Verification> = async () => ({ kind: 'match', at: this.clock.now() });
  upkeepStatus: UpkeepStatus = {
    toHash: 0,
    toReverify: null,
    toDelete: 0,
    corrupt: 0,
    trashed: 0,
    trashBytes: 0,
    lastReadingAt: null,
    reading: null,
    strays: null,
    waiting: null,
  };
  rebuildWith: () => Promise<RebuildOutcome> = async () => ({
    archives: this.records.archiveRecords.size,
    leftOut: 0,
    problems: [],
  });
  now = this.startedAt + 86_400_000;

  readonly clock: Clock = { now: () => this.now, monotonic: () => performance.now() };
  readonly log: Log = {
    debug: (fields, message) => this.logged.push({ level: 'debug', fields, message }),
    info: (fields, message) => this.logged.push({ level: 'info', fields, message }),
    warn: (fields, message) => this.logged.push({ level: 'warn', fields, message }),
    error: (fields, message) => this.logged.push({ level: 'error', fields, message }),
  };

  constructor(folder: string) {
    this.folder = folder;
    this.applied = {
      generation: 3,
      hash: 'c0ffee'.repeat(10).slice(0, 64).padEnd(64, '0'),
      appliedAt: this.startedAt,
      desired: desiredFor(folder),
      degraded: false,
    };
    this.records.clock = () => this.now;
  }

  config = (): AppliedConfig => this.applied;
  configAttempt = () => ({ generation: this.applied.generation, hash: this.applied.hash, at: this.applied.appliedAt });
  configProblems = (): readonly string[] => this.problems;
  devices = (): readonly ObservedDevice[] => this.deviceList;
  insertions = (): readonly Insertion[] => this.insertionList;
  progress = (jobId: JobId): JobProgress | null => this.progressByJob.get(jobId) ?? null;
  conditions = (): readonly Condition[] => this.conditionList;
  storage = (): StorageReading | null => this.storageReading;
  system = async (): Promise<SystemReading> => this.systemReading;
  catalog = (): MemoryCatalog | null => (this.catalogIsDamaged ? null : this.records);
  imagePath = (archive: Archive): string => join(this.applied.desired.storage.library, archive.path);
  ready = (): boolean => this.isReady;
  lastPassMs = (): number => 2;

  pause = (id: JobId): Promise<Job> => this.#step(id, { kind: 'pause', reason: 'user', rescuedBytes: null });
  resume = (id: JobId): Promise<Job> => this.#step(id, { kind: 'resume' });
  cancel = (id: JobId): Promise<Job> => this.#step(id, { kind: 'cancel' });
  upkeep = (): UpkeepStatus => this.upkeepStatus;
  annotate = async (id: ArchiveId, notes: ArchiveNotes): Promise<Archive> => {
    const archive = await this.records.archive(id);
    if (archive === null) throw new Fault('not_found', `There is no archive ${id}.`);
    const next = withCare(archive, notes);
    await this.records.commit({ archives: [next] });
    return next;
  };
  restore = async (id: ArchiveId): Promise<Archive> => {
    const archive = await this.records.archive(id);
    if (archive === null) throw new Fault('not_found', `There is no archive ${id}.`);
    if (careOf(archive).trashed === null) throw new Fault('state_conflict', `${id} is not in the trash.`);
    const next = withCare(archive, { trashed: null, pinned: true });
    await this.records.commit({ archives: [next] });
    return next;
  };
  approve = async (): Promise<{ archives: number }> => ({ archives: 0 });
  previewUpkeep = async (): Promise<UpkeepPreview> => {
    const nothing = { count: 0, first: [] };
    return { hash: nothing, reverify: nothing, delete: nothing };
  };
  verify = (id: ArchiveId): Promise<Verification> => this.verifyWith(id);
  rebuildCatalog = (): Promise<RebuildOutcome> => this.rebuildWith();
  reloadsTo: ConfigOutcome = { kind: 'unchanged', generation: 3, hash: 'c0ffee', problems: [] };
  wakes = 0;
  effectiveValues: EffectiveValue[] = [];
  generations: GenerationChange[] = [];
  effective = (): readonly EffectiveValue[] => this.effectiveValues;
  plan = async (): Promise<ConfigPlan> => {
    return { kind: 'unchanged', hash: 'h', problems: [], effects: [], waiting: null, diff: '' };
  };
  propose = this.plan;
  explain = async (): Promise<readonly Explanation[]> => [];
  history = async (): Promise<readonly GenerationChange[]> => this.generations;
  reload = async (): Promise<ConfigOutcome> => this.reloadsTo;
  wake = (): void => {
    this.wakes += 1;
  };

  onEvent(listener: (stored: StoredEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  onProgress(listener: (progress: JobProgress) => void): () => void {
    this.#progressListeners.add(listener);
    return () => this.#progressListeners.delete(listener);
  }

  get listeners(): number {
    return this.#eventListeners.size + this.#progressListeners.size;
  }

  /** Changes the records and tells the event, as one commit does. */
  async happen(
    event: DomainEvent,
    records: { jobs?: readonly Job[]; archives?: readonly Archive[] } = {},
  ): Promise<void> {
    const stored = await this.records.commit({ ...records, events: [event] });
    for (const one of stored) for (const listener of this.#eventListeners) listener(one);
  }

  measure(progress: JobProgress): void {
    this.progressByJob.set(progress.jobId, progress);
    for (const listener of this.#progressListeners) listener(progress);
  }

  async #step(id: JobId, event: JobEvent): Promise<Job> {
    const job = await this.records.job(id);
    if (job === null) throw new Fault('not_found', `There is no job ${id}.`);
    const next = step(job, event, this.now);
    if (next === null) throw new Fault('state_conflict', `The job is ${job.state.kind} and cannot be changed so.`);
    const { kind: from } = job.state;
    await this.happen(
      { type: 'job_changed', jobId: id, name: job.name, from, to: next.state.kind, reason: null },
      { jobs: [next] },
    );
    return next;
  }

  setApi(api: Partial<Desired['api']>): void {
    const { desired } = this.applied;
    this.applied = { ...this.applied, desired: { ...desired, api: { ...desired.api, ...api } } };
  }

  createServer(options: Partial<HttpOptions> = {}): HttpServer {
    const { clock, log } = this;
    return createHttpServer({ view: this, commands: this, configuration: this, events: this, clock, log }, options);
  }
}

/** A station in a folder of its own, which `remove` deletes. */
export async function createFakeStation(): Promise<{ station: FakeStation; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'disk2iso-http-'));
  return { station: new FakeStation(folder), remove: () => rm(folder, { recursive: true, force: true }) };
}
