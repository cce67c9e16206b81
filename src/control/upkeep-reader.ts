import type { Archive, Verification } from '../core/archive.js';
import type { Catalog } from '../core/catalog-ports.js';
import type { Desired } from '../core/desired.js';
import type { Duty } from '../core/duty.js';
import { Fault } from '../core/fault.js';
import { type FixitySpec, lastVerified, nextReading } from '../core/fixity.js';
import type { ArchiveId } from '../core/ids.js';
import { retryDelay } from '../core/retry.js';
import { addChecksums, type ReadingPorts, verifyImage } from './upkeep-reading.js';
import type { Books } from './workshop.js';

export interface ReaderPorts extends ReadingPorts {
  /** Load of the last minute, or null where it is not known. */
  readonly load: () => Promise<number | null>;
  readonly wake: () => void;
}

/** Reads one image at a time in the background: for checksums it lacks, or because its time has come. */
export interface Reader {
  /** Begins the most urgent reading, if any is due. Returns the milliseconds until one is, as far as it is known. */
  begin(books: Books, desired: Desired, now: number, inUse: ReadonlyMap<ArchiveId, unknown>): Promise<number | null>;
  current(): ArchiveId | null;
  /** When an image was last read to its end because its turn had come, milliseconds since 1970. */
  pacedAt(): number | null;
  resume(pacedAt: number | null): void;
  lastReadingAt(): number | null;
  /** What kept the last image from being read, where that was not that it is damaged or missing. */
  trouble(): string | null;
  /** Tells the reading to end; it is taken up from the start later. */
  stop(): void;
  end(): Promise<void>;
}

const afterTroubleMs = 60 * 60_000;
/** A disk that is dying or gone is not asked for one image after another. */
const setbacksAtOnce = 3;
const setbackBackoff = { firstMs: 60_000, mostMs: 60 * 60_000 };
const aDayMs = 24 * 60 * 60_000;

export function createReader(ports: ReaderPorts): Reader {
  const { clock, log } = ports;
  /** Archives that could not be read, and when (by the clock that only counts on) they are tried again. */
  const troubled = new Map<ArchiveId, number>();
  let work: { readonly id: ArchiveId; readonly controller: AbortController; readonly ended: Promise<void> } | null =
    null;
  let lastReadingAt: number | null = null;
  let trouble: string | null = null;
  let pacedAt: number | null = null;
  /** Images in a row that could not be read. */
  let setbacks = 0;
  let quietUntil = 0;

  function setBack(): void {
    setbacks += 1;
    if (setbacks > setbacksAtOnce) {
      quietUntil = clock.monotonic() + retryDelay(setbackBackoff, setbacks - setbacksAtOnce);
    }
  }

  function run(id: ArchiveId, task: (stop: AbortSignal) => Promise<Verification>): void {
    const controller = new AbortController();
    const ended = task(controller.signal)
      .then(({ kind }) => {
        lastReadingAt = clock.now();
        pacedAt = lastReadingAt;
        trouble = null;
        if (kind === 'missing' || kind === 'unreadable') setBack();
        else setbacks = 0;
      })
      .catch((error: unknown) => {
        if (controller.signal.aborted && error instanceof Fault) return;
        troubled.set(id, clock.monotonic() + afterTroubleMs);
        setBack();
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
  async function nextInTurn(
    catalog: Catalog,
    { reverifyEvery }: FixitySpec,
    now: number,
    inUse: ReadonlyMap<ArchiveId, unknown>,
  ): Promise<Archive | null> {
    const isFree = ({ id }: Archive): boolean => !troubled.has(id) && !inUse.has(id);
    const some = await catalog.duties.oldestVerified(1 + troubled.size + inUse.size);
    const oldest = some.find(isFree) ?? null;
    if (oldest !== null && lastVerified(oldest) + reverifyEvery <= now) return oldest;
    const newest = await catalog.duties.newestVerified();
    // Its time is of a clock that was wrong; left alone it would not be read before that date.
    return newest !== null && lastVerified(newest) > now + aDayMs && isFree(newest) ? newest : oldest;
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
    pacedAt: () => pacedAt,
    resume(at) {
      pacedAt = at;
    },
    async begin(books, desired, now, inUse) {
      if (work !== null) return null;
      const { catalog } = books;
      const waitMs = quietUntil - clock.monotonic();
      if (waitMs > 0) return waitMs;
      for (const [id, until] of troubled) if (until <= clock.monotonic()) troubled.delete(id);
      const { fixity } = desired;
      const pace = { bytesPerSecond: fixity?.throttle ?? null };
      const duty = await dueForHash(catalog, inUse);
      if (duty !== null) {
        run(duty.id, (stop) => addChecksums(ports, books, duty.id, duty.missing, stop, pace));
        return null;
      }
      if (fixity === null) return null;
      const archive = await nextInTurn(catalog, fixity, now, inUse);
      if (archive === null) return null;
      const { total: count } = await catalog.archives({ limit: 0, offset: 0 });
      // the first turn, or one of a clock that was ahead: counted from now
      if (pacedAt === null || pacedAt > now) pacedAt = now;
      const at = nextReading(fixity, lastVerified(archive), { now, pacedAt, count });
      if (at > now) return at - now;
      run(archive.id, (stop) => verifyImage(ports, books, archive.id, stop, pace));
      return null;
    },
  };
}
