import type { Archive } from '../../src/core/archive.js';
import type { Catalog, CatalogChange, DutyLists, JobFilter, Page, PageRequest } from '../../src/core/catalog-ports.js';
import type { Insertion } from '../../src/core/drive.js';
import type { StoredEvent } from '../../src/core/event.js';
import { isActive, isFinal, type Job } from '../../src/core/job.js';

const newestFirst = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? 1 : -1);

function pageOf<Item>(items: readonly Item[], { limit, offset }: PageRequest): Page<Item> {
  return { items: items.slice(offset, offset + limit), total: items.length };
}

function passes(job: Job, filter: JobFilter): boolean {
  if (filter === 'all') return true;
  return filter === 'running' ? isActive(job) : job.state.kind === filter;
}

/** A catalog without a disk, for tests of what reads from one. */
export class MemoryCatalog implements Catalog {
  readonly jobRecords = new Map<string, Job>();
  readonly archiveRecords = new Map<string, Archive>();
  readonly insertionRecords: Insertion[] = [];
  readonly eventRecords: StoredEvent[] = [];
  /** Set to make every read fail. */
  failure: Error | null = null;
  clock: () => number = () => 1_780_000_000_000;

  get duties(): DutyLists {
    throw new Error('duties are not kept in memory');
  }

  #check(): void {
    if (this.failure !== null) throw this.failure;
  }

  async commit(change: CatalogChange): Promise<readonly StoredEvent[]> {
    this.#check();
    for (const job of change.jobs ?? []) this.jobRecords.set(job.id, job);
    for (const archive of change.archives ?? []) this.archiveRecords.set(archive.id, archive);
    this.insertionRecords.push(...(change.insertions ?? []));
    const last = this.eventRecords.at(-1)?.seq ?? 0;
    const stored = (change.events ?? []).map((event, i) => ({ seq: last + i + 1, at: this.clock(), event }));
    this.eventRecords.push(...stored);
    return stored;
  }

  async job(id: string): Promise<Job | null> {
    this.#check();
    return this.jobRecords.get(id) ?? null;
  }

  async openJobs(): Promise<Job[]> {
    this.#check();
    return [...this.jobRecords.values()].filter((job) => !isFinal(job));
  }

  async jobs(filter: JobFilter, page: PageRequest): Promise<Page<Job>> {
    this.#check();
    const jobs = [...this.jobRecords.values()].filter((job) => passes(job, filter));
    return pageOf(jobs.sort(newestFirst), page);
  }

  async lostJobs(): Promise<never[]> {
    return [];
  }

  async archive(id: string): Promise<Archive | null> {
    this.#check();
    return this.archiveRecords.get(id) ?? null;
  }

  async archivesByPath(path: string): Promise<Archive[]> {
    return [...this.archiveRecords.values()].filter((archive) => archive.path === path);
  }

  async archivesByStructure(structure: string): Promise<Archive[]> {
    return [...this.archiveRecords.values()].filter((one) => one.disc.fingerprint?.structure === structure);
  }

  async archives(page: PageRequest): Promise<Page<Archive>> {
    this.#check();
    return pageOf([...this.archiveRecords.values()].sort(newestFirst), page);
  }

  async insertions(): Promise<Insertion[]> {
    return [...this.insertionRecords];
  }

  async events(after: number, limit: number): Promise<StoredEvent[]> {
    this.#check();
    return this.eventRecords.filter((stored) => stored.seq > after).slice(0, limit);
  }

  async latestEvents(limit: number): Promise<StoredEvent[]> {
    this.#check();
    return this.eventRecords.slice(-limit).reverse();
  }

  async outboxDue(): Promise<[]> {
    return [];
  }

  async nextOutboxDue(): Promise<null> {
    return null;
  }

  ledgerFault(): null {
    return null;
  }
  async close(): Promise<void> {}
}
