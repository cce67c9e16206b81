import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Archive } from '../core/archive.js';
import type { Job } from '../core/job.js';
import { CatalogBatch } from './level-catalog-batch.js';
import { createHead, type Head } from './level-catalog-head.js';
import { indexesKey, indexVersions } from './level-catalog-indexes.js';
import { writeMarker } from './level-catalog-marker.js';
import { CatalogStore } from './level-catalog-store.js';
import { archiveTable, jobTable } from './level-catalog-tables.js';
import { exists, syncFolder } from './library-files.js';
import { createLedger } from './library-ledger.js';

export interface CatalogContents {
  /** The last event number ever used; numbers go on from there. */
  readonly seq: number;
  readonly jobs: readonly Job[];
  readonly archives: AsyncIterable<Archive> | Iterable<Archive>;
  /** Which archive was made better by which other, known once all `archives` have been given. */
  readonly superseded: () => ReadonlyMap<Archive['id'], Archive['id']>;
}

export const databaseFolder = (state: string): string => join(state, 'catalog');
const archivesAtOnce = 200;

/**
 * Writes a whole catalog into a folder of its own, then puts it in place: database, marker, ledger, in this order.
 * Each of the three names the catalog, so a crash between leaves a station that says so, never one that looks
 * sound; doing it again cures it. A database that is there is moved to `aside` first.
 */
export async function buildCatalog(
  state: string,
  library: string,
  contents: CatalogContents,
  aside: string | null,
): Promise<Head> {
  await mkdir(state, { recursive: true });
  const building = join(state, 'catalog.new');
  await rm(building, { recursive: true, force: true });
  const lines: string[] = [];
  const store = new CatalogStore(building);
  await store.open({ create: true });
  let head: Head;
  try {
    head = await fillStore(store, contents, lines);
  } finally {
    await store.close();
  }
  await syncFolder(building);
  const folder = databaseFolder(state);
  if (aside !== null && (await exists(folder))) await rename(folder, aside);
  await rename(building, folder);
  await syncFolder(state);
  await writeMarker(state, head);
  await createLedger(library, head.catalogId, lines);
  return head;
}

async function fillStore(store: CatalogStore, contents: CatalogContents, lines: string[]): Promise<Head> {
  let batch = new CatalogBatch(store, createHead(randomUUID(), contents.seq));
  const addLine = (what: string, archive: Archive) => {
    const line = `${what} ${archive.id} ${JSON.stringify(archive.path)}`;
    lines.push(line);
    batch.ledgerLine(line);
  };
  const write = async () => {
    batch.dropLedgerLines(batch.head.ledger);
    await store.write(batch.finish());
    batch = new CatalogBatch(store, batch.head);
  };
  for (const job of contents.jobs) await batch.put(jobTable, job);
  let pending = 0;
  for await (const archive of contents.archives) {
    await batch.put(archiveTable, archive);
    addLine('added', archive);
    pending += 1;
    if (pending % archivesAtOnce === 0) await write();
  }
  await write();
  for (const [id, supersededBy] of contents.superseded()) {
    const archive = await store.record(archiveTable, id);
    if (archive === null) continue;
    await batch.put(archiveTable, { ...archive, supersededBy });
    addLine('superseded', archive);
  }
  batch.raw(indexesKey, indexVersions());
  await write();
  return batch.head;
}
