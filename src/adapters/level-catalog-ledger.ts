import { Fault } from '../core/fault.js';
import type { Log } from '../core/ports.js';
import { type Head, ledgerKey } from './level-catalog-head.js';
import type { CatalogStore } from './level-catalog-store.js';
import { prefixRange } from './level-catalog-tables.js';
import { claimLibrary, releaseLibrary } from './library-claim.js';
import { fileFault, libraryPlace } from './library-files.js';
import { appendLedger } from './library-ledger.js';

interface Place {
  /** Absolute folder of finished images. */
  readonly library: string;
  readonly log: Log;
}

/** How the catalog stands with its library when it has been opened. */
export interface LibraryStanding {
  /** This station's token. */
  readonly station: string;
  /** Lines known to be in the library's ledger. */
  readonly written: number;
  /** Whether it is noted there that this station works on it. */
  readonly isClaimed: boolean;
}

/** What the catalog owes its library: lines of the ledger, and the note of who works there. Paid when it can be. */
export class LedgerDebt {
  readonly #store: CatalogStore;
  readonly #place: Place;
  #standing: LibraryStanding;
  #fault: Fault | null = null;
  /** Why the library is not claimed. */
  #hindrance: unknown = null;

  constructor(store: CatalogStore, place: Place, standing: LibraryStanding) {
    this.#store = store;
    this.#place = place;
    this.#standing = standing;
  }

  get written(): number {
    return this.#standing.written;
  }

  /** Why the ledger lacks the latest lines; null while it has them all. */
  fault(): Fault | null {
    return this.#fault;
  }

  /**
   * Before a commit: while the library could not be claimed, another station may have come to it. What else hinders is
   * told by `pay`.
   *
   * Throws Fault library_unwritable: nothing may be written down, as nothing of it may be done there.
   */
  async claim(): Promise<void> {
    if (this.#standing.isClaimed) return;
    try {
      await claimLibrary(this.#place.library, this.#standing.station);
      this.#standing = { ...this.#standing, isClaimed: true };
    } catch (error) {
      if (error instanceof Fault && error.code === 'library_unwritable') throw error;
      this.#hindrance = error;
    }
  }

  /** After a commit, which is in force by now: what goes wrong here is reported, and made up for later. */
  async pay(head: Head): Promise<void> {
    const { library, log } = this.#place;
    try {
      if (!this.#standing.isClaimed) throw this.#hindrance;
      if (head.ledger > this.written) {
        this.#standing = {
          ...this.#standing,
          written: await writeOwedLines(this.#store, library, head, this.written),
        };
      }
      this.#fault = null;
    } catch (thrown) {
      const error = fileFault(thrown, libraryPlace, 'its ledger is written');
      if (!(error instanceof Fault) || error.message !== this.#fault?.message) {
        log.error({ err: error }, "The library's ledger could not be written; the next commit does it again.");
      }
      if (error instanceof Fault) this.#fault = error;
    }
  }
}

export async function leaveLibrary({ library, log }: Place): Promise<void> {
  try {
    await releaseLibrary(library);
  } catch (error) {
    log.warn({ err: error }, 'That this station has ended could not be noted in the library.');
  }
}

/**
 * Adds to the library's ledger what the catalog has beyond line `written`.
 *
 * @returns the number of the ledger's last line
 */
export async function writeOwedLines(
  store: CatalogStore,
  library: string,
  head: Head,
  written: number,
): Promise<number> {
  const range = { gt: ledgerKey(written), lt: prefixRange('ledger').lt };
  const owed = (await store.entries(range)).map(([key, text]) => ({
    number: Number(key.slice('ledger!'.length)),
    text,
  }));
  return appendLedger(library, head.catalogId, owed);
}
