import type { Archive } from '../core/archive.js';
import type { Catalog } from '../core/catalog-ports.js';
import type { Desired } from '../core/desired.js';
import type { Duty } from '../core/duty.js';
import { Fault } from '../core/fault.js';
import { lastVerified, nextReading } from '../core/fixity.js';
import type { ArchiveId } from '../core/ids.js';
import { addChecksums, type ReadingPorts, verifyImage } from './upkeep-reading.js';
import type { Books } from './workshop.js';

export interface ReaderPorts extends ReadingPorts {
  /** Load of the last minute, or null where it is not known. */
  readonly load: () => Promise<number | null>;
  readonly wake: () => void;
}

/** Reads one image at a time in the background: for checksums it lacks, or because its time has come. */
export interface Reader {
  /** Begins the most urgent reading, if any is due. `paced` is told when one was begun for its turn. */
  begin(
    books: Books,
    desired: Desired,
    pacedAt: number | null,
    now: number,
    inUse: ReadonlyMap<ArchiveId, unknown>,
    paced: (at: number) => Promise<void>,
  ): Promise<void>;
  current(): ArchiveId | null;
  lastReadingAt(): number | null;
  /** What kept the last image from being read, where that was not that it is damaged or missing. */
  trouble(): string | null;
  /** Tells the reading to end; it is taken up from the start later. */
  stop(): void;
  end(): Promise<void>;
}

const afterTroubleMs = 60 * 60_000;
const aDayMs = 24 * 60 * 60_000;

export function createReader(ports: ReaderPorts): Reader {
  const { clock, log } = ports;
  /** Archives that could not be read, and when (by the clock that only counts on) they are tried again. */
  const troubled = new Map<ArchiveId, number>();
  let work: { readonly id: ArchiveId; readonly controller: AbortController; readonly ended: Promise<void> } | null =
    null;
  let lastReadingAt: number | null = null;
  let trouble: string | null = null;

  function run(id: ArchiveId, task: (stop: AbortSignal) => Promise<unknown>): void {
    const controller = new AbortController();
    const ended = task(controller.signal)
      .then(() => {
        lastReadingAt = clock.now();
        trouble = null;
      })
      .catch((error: unknown) => {
        if (controller.signal.aborted && error instanceof Fault) return;
        troubled.set(id, clock.monotonic() + afterTroubleMs);
        if (!(error instanceof Fault)) {
          log.error({ err: error, archive_id: id }, 'the reading of an image failed');
          return;
        }
        trouble = error.message;
        log.warn({ archive_id: id, code: error.code }, error.message);
      })
      .finally(() => {
        work = null;
        ports.wake();
      });
    work = { id, controller, ended };
  }

  async function dueForHash(catalog: Catalog, inUse: ReadonlyMap<ArchiveId, unknown>): Promise<Duty | null> {
    const some = await catalog.duties.toHash(1 + troubled.size + inUse.size);
    return some.find(({ id }) => !troubled.has(id) && !inUse.has(id)) ?? null;
  }

  /** The archive whose turn it is, overdue or not. */
  async function nextInTurn(catalog: Catalog, now: number, inUse: ReadonlyMap<ArchiveId, unknown>) {
    const isFree = ({ id }: Archive): boolean => !troubled.has(id) && !inUse.has(id);
    const newest = await catalog.duties.newestVerified();
    // Its time is of a clock that was wrong; left alone it would not be read before that date.
    if (newest !== null && lastVerified(newest) > now + aDayMs && isFree(newest)) return newest;
    const some = await catalog.duties.oldestVerified(1 + troubled.size + inUse.size);
    return some.find(isFree) ?? null;
  }

  return {
    current: () => work?.id ?? null,
    lastReadingAt: () => lastReadingAt,
    trouble: () => trouble,
    stop: () => work?.controller.abort(),
    async end() {
      work?.controller.abort();
      await work?.ended;
    },
    async begin(books, desired, pacedAt, now, inUse, paced) {
      if (work !== null) return;
      const { catalog } = books;
      for (const [id, until] of troubled) if (until <= clock.monotonic()) troubled.delete(id);
      const { fixity } = desired;
      const pace = { bytesPerSecond: fixity?.throttle ?? null };
      const duty = await dueForHash(catalog, inUse);
      if (duty !== null) {
        run(duty.id, (stop) => addChecksums(ports, books, duty.id, duty.missing, stop, pace));
        return;
      }
      if (fixity === null) return;
      const archive = await nextInTurn(catalog, now, inUse);
      if (archive === null || Object.keys(archive.checksums).length === 0) return;
      const { total: count } = await catalog.archives({ limit: 0, offset: 0 });
      if (pacedAt === null) return paced(now);
      if (nextReading(fixity, lastVerified(archive), { now, pacedAt, count }) > now) return;
      await paced(now);
      run(archive.id, (stop) => verifyImage(ports, books, archive.id, stop, pace));
    },
  };
}
