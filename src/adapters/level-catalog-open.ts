import { Fault } from '../core/fault.js';
import { LevelCatalog, type LevelCatalogOptions } from './level-catalog.js';
import { buildCatalog, databaseFolder } from './level-catalog-build.js';
import { checkCommits, type Head, ledgerKey, readHead } from './level-catalog-head.js';
import { fillIndexes } from './level-catalog-indexes.js';
import { leaveLibrary, writeOwedLines } from './level-catalog-ledger.js';
import { type Marker, MarkerNote, readMarker, writeMarker } from './level-catalog-marker.js';
import { rebuildAdvice } from './level-catalog-record.js';
import { CatalogStore } from './level-catalog-store.js';
import { checkClaim, claimLibrary } from './library-claim.js';
import { exists, fileFault, makeFolder, statePlace } from './library-files.js';
import { ownFolder } from './library-layout.js';
import { createLedger, type LedgerTail, ledgerPath, readLedger } from './library-ledger.js';
import { lockState, type StateLock } from './state-lock.js';
import { stationToken } from './station-token.js';

/** A state folder that is this process's own while it has it open. */
interface Hold {
  readonly lock: StateLock;
  readonly station: string;
}

/**
 * Opens the catalog, and makes one only where there has never been any: no database, no marker beside it, and no
 * ledger in the library. Anything less than what those two remember is damage.
 *
 * Throws Fault: catalog_damaged, catalog_locked, library_unwritable (the library is missing, is not the one this
 * catalog knows, or is in use by another station), permission_denied, no_space, io_error.
 */
export async function openCatalog(options: LevelCatalogOptions): Promise<LevelCatalog> {
  let lock: StateLock | null = null;
  try {
    lock = await lockState(options.state);
    return await openChecked(options, { lock, station: await stationToken(options.state) });
  } catch (error) {
    if (lock !== null) {
      await leaveLibrary(options);
      await lock.release();
    }
    throw fileFault(error, statePlace, `the catalog in ${options.state} is opened`);
  }
}

async function openChecked(options: LevelCatalogOptions, { lock, station }: Hold): Promise<LevelCatalog> {
  const { state, library } = options;
  const folder = databaseFolder(state);
  await checkClaim(library, station);
  if (!(await exists(folder))) await createFirst(options, await readMarker(state), station);
  const store = new CatalogStore(folder);
  await store.open({ create: false });
  try {
    const head = await readHead(store);
    await checkCommits(store, head);
    const marker = await readMarker(state);
    checkMarker(folder, head, marker);
    const isClaimed = await claim(options, station);
    const written = await checkLedger(store, head, await readLedger(library), options, station);
    const filled = await fillIndexes(store);
    if (filled.length > 0) options.log.info({ indexes: filled }, 'Filled indexes of the catalog.');
    if (marker === null) await writeMarker(state, head);
    const standing = { station, written, isClaimed };
    return new LevelCatalog({ store, lock, marker: await MarkerNote.open(state) }, head, standing, options);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A library that is full or away for now is no reason to stay down: it is claimed later. */
async function claim({ library, log }: LevelCatalogOptions, station: string): Promise<boolean> {
  if (!(await exists(ownFolder(library)))) return false;
  try {
    await claimLibrary(library, station);
    return true;
  } catch (error) {
    if (error instanceof Fault) throw error;
    log.warn({ err: error }, 'That this station works on the library could not be noted there.');
    return false;
  }
}

async function createFirst(
  { state, library }: LevelCatalogOptions,
  marker: Marker | null,
  station: string,
): Promise<void> {
  await checkNeverUsed(state, library, marker, station);
  if (!(await exists(library))) {
    throw new Fault('library_unwritable', `The library ${library} does not exist: create or mount it.`, {
      retry: 'later',
    });
  }
  await makeFolder(ownFolder(library));
  await claimLibrary(library, station);
  // another may have been and gone meanwhile
  await checkNeverUsed(state, library, marker, station);
  const nothing = { seq: 0, jobs: [], archives: [], superseded: () => new Map() };
  await buildCatalog(state, library, nothing, null);
}

async function checkNeverUsed(state: string, library: string, marker: Marker | null, station: string): Promise<void> {
  const ledger = await readLedger(library);
  if (marker === null && ledger === null) return;
  // it may be the ledger of a station that has begun here this moment; its claim was there first
  await checkClaim(library, station);
  const witness = ledger === null ? 'it has been in use' : `${ledgerPath(library)} lists ${ledger.last} changes`;
  throw new Fault(
    'catalog_damaged',
    `The catalog ${databaseFolder(state)} is gone, though ${witness}: put it back, or ${rebuildAdvice}.`,
  );
}

function checkMarker(folder: string, head: Head, marker: Marker | null): void {
  if (marker === null) return;
  if (marker.catalogId !== head.catalogId) {
    throw new Fault('catalog_damaged', `The catalog in ${folder} is another than was here before; ${rebuildAdvice}.`);
  }
  if (marker.commit > head.commit) {
    const lost = marker.commit - head.commit;
    throw new Fault('catalog_damaged', `The catalog in ${folder} has lost its last ${lost} changes; ${rebuildAdvice}.`);
  }
}

/** Returns the number of the ledger's last line, after adding what the catalog owed it. */
async function checkLedger(
  store: CatalogStore,
  head: Head,
  ledger: LedgerTail | null,
  { library, log }: LevelCatalogOptions,
  station: string,
): Promise<number> {
  if (ledger === null) {
    if (head.ledger > 0) {
      throw new Fault(
        'library_unwritable',
        `${ledgerPath(library)} is missing, so this is not the library that the catalog knows: mount the right one; if it is to be this one from now on, run \`disk2iso catalog rebuild\`.`,
        { retry: 'later' },
      );
    }
    if (!(await exists(library))) return 0;
    await makeFolder(ownFolder(library));
    await claimLibrary(library, station);
    await createLedger(library, head.catalogId, []);
    return 0;
  }
  if (ledger.catalogId !== head.catalogId) {
    throw new Fault('catalog_damaged', `The library ${library} belongs to another catalog; ${rebuildAdvice}.`);
  }
  if (ledger.last > head.ledger) {
    const lost = ledger.last - head.ledger;
    throw new Fault(
      'catalog_damaged',
      `The catalog lacks ${lost} changes that ${ledgerPath(library)} lists; ${rebuildAdvice}.`,
    );
  }
  for (const [number, line] of ledger.lines) {
    if (number < head.firstLedger || (await store.get(ledgerKey(number))) === line) continue;
    throw new Fault(
      'catalog_damaged',
      `The catalog and ${ledgerPath(library)} differ at line ${number}; ${rebuildAdvice}.`,
    );
  }
  try {
    return ledger.last === head.ledger ? ledger.last : await writeOwedLines(store, library, head, ledger.last);
  } catch (error) {
    if (error instanceof Fault && error.code === 'catalog_damaged') throw error;
    log.warn({ err: error }, "The library's ledger is behind and could not be written; the next commit tries again.");
    return ledger.last;
  }
}
