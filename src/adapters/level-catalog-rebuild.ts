import { stat } from 'node:fs/promises';
import type { Archive } from '../core/archive.js';
import { Fault } from '../core/fault.js';
import type { ArchiveId } from '../core/ids.js';
import type { Job } from '../core/job.js';
import type { Clock } from '../core/ports.js';
import type { RebuildOutcome } from '../core/station-ports.js';
import { buildCatalog, databaseFolder } from './level-catalog-build.js';
import { lockedFault, lockHolder } from './level-catalog-fault.js';
import { readMarker } from './level-catalog-marker.js';
import type { FolderLibrary } from './library.js';
import { claimLibrary, releaseLibrary } from './library-claim.js';
import { exists, fileFault, isMissing, libraryPlace, makeFolder, statePlace } from './library-files.js';
import { ownFolder } from './library-layout.js';
import { ledgerPath } from './library-ledger.js';
import { lockState } from './state-lock.js';
import { stationToken } from './station-token.js';

export interface RebuildOptions {
  readonly state: string;
  readonly library: Pick<FolderLibrary, 'folder' | 'readManifests' | 'readWork' | 'imagePath'>;
  readonly clock: Clock;
}

export interface RebuildReport extends RebuildOutcome {
  /** Unfinished jobs, back as interrupted. */
  readonly jobs: number;
  /** Archives of which only the manifest is there. */
  readonly missing: readonly Pick<Archive, 'id' | 'path'>[];
  /** Where the old database lies now; null where there was none. */
  readonly keptAside: string | null;
}

/**
 * Builds the catalog anew from the manifests beside the images and from the unfinished work. The old database is
 * moved to `catalog.damaged-TIME`, never deleted. May be killed at any moment and run again. What no manifest
 * holds is not there afterwards: finished jobs, events, pending notifications, results of later verifications.
 *
 * The catalog must be closed. Throws Fault catalog_locked, library_unwritable, io_error, no_space, permission_denied.
 */
export async function rebuildCatalog(options: RebuildOptions): Promise<RebuildReport> {
  const { state, library } = options;
  const database = databaseFolder(state);
  const holder = await lockHolder(database);
  if (holder !== null) throw lockedFault(database, holder);
  if (!(await exists(library.folder))) {
    // Not to be taken for an empty one.
    throw new Fault('library_unwritable', `The library ${library.folder} does not exist: mount it first.`, {
      retry: 'later',
    });
  }
  if ((await exists(database)) && (await isBare(library))) {
    const message = `There is a catalog, but nothing of a station in ${library.folder}: mount the library's disk first.`;
    throw new Fault('library_unwritable', message, { retry: 'later' });
  }
  try {
    const lock = await lockState(state);
    try {
      return await rebuildLocked(options, await stationToken(state));
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw fileFault(error, statePlace, `the catalog in ${state} is rebuilt`);
  }
}

async function rebuildLocked(options: RebuildOptions, station: string): Promise<RebuildReport> {
  const { folder } = options.library;
  try {
    await makeFolder(ownFolder(folder));
    await claimLibrary(folder, station);
  } catch (error) {
    throw fileFault(error, libraryPlace, 'it is claimed');
  }
  try {
    return await rebuildClaimed(options);
  } finally {
    await releaseLibrary(folder);
  }
}

async function rebuildClaimed(options: RebuildOptions): Promise<RebuildReport> {
  const { state, library, clock } = options;
  const database = databaseFolder(state);
  const jobs: Job[] = [];
  for await (const job of library.readWork()) jobs.push(interrupted(job, clock.now()));
  const time = new Date(clock.now()).toISOString().replaceAll(':', '-');
  const aside = `${database}.damaged-${time}`;
  const existed = await exists(database);
  const found = new FoundArchives(options, jobs);
  const contents = {
    seq: await lastEvent(options),
    jobs,
    archives: found.read(),
    superseded: () => found.superseded,
  };
  await buildCatalog(state, library.folder, contents, aside);
  const { problems, missing, count, leftOut } = found;
  return { archives: count, jobs: jobs.length, leftOut, problems, missing, keptAside: existed ? aside : null };
}

/** An empty mount point looks like this: no ledger, and not one manifest. */
async function isBare(library: RebuildOptions['library']): Promise<boolean> {
  if (await exists(ledgerPath(library.folder))) return false;
  for await (const _ of library.readManifests()) return false;
  return true;
}

/** What was being done is not known; an image that only lacked its name keeps the one it was given. */
function interrupted(job: Job, now: number): Job {
  if (job.state.kind === 'archiving') return job;
  const message = 'The catalog was lost while this job was unfinished; it goes on when its disc is in a drive.';
  const setback = { fault: { code: 'catalog_damaged', message, retry: 'later' }, retryAt: now } as const;
  return { ...job, setbacks: 0, state: { kind: 'interrupted', setback }, updatedAt: now };
}

/** Event numbers never repeat. Without a marker the time in seconds is beyond all that were ever used. */
async function lastEvent({ state, clock }: RebuildOptions): Promise<number> {
  try {
    const marker = await readMarker(state);
    // The marker is not forced to disk, so after a power cut some events may be missing from it.
    if (marker !== null) return marker.seq + 1000;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
  return Math.floor(clock.now() / 1000);
}

class FoundArchives {
  readonly problems: string[] = [];
  readonly missing: Pick<Archive, 'id' | 'path'>[] = [];
  readonly superseded = new Map<ArchiveId, ArchiveId>();
  count = 0;
  leftOut = 0;
  readonly #options: RebuildOptions;
  readonly #unfinished: ReadonlySet<ArchiveId>;

  constructor(options: RebuildOptions, jobs: readonly Job[]) {
    this.#options = options;
    this.#unfinished = new Set(jobs.flatMap(({ state }) => (state.kind === 'archiving' ? [state.archive.id] : [])));
  }

  async *read(): AsyncGenerator<Archive> {
    const paths = new Map<ArchiveId, string>();
    for await (const one of this.#options.library.readManifests()) {
      if ('fault' in one) {
        this.problems.push(`${one.path}: ${one.fault.message}`);
        this.leftOut += 1;
        continue;
      }
      const { archive } = one;
      // Its job was about to name it, and will do so again.
      if (this.#unfinished.has(archive.id)) continue;
      const twin = paths.get(archive.id);
      if (twin !== undefined) {
        this.problems.push(`${archive.path}.json: describes the same archive as ${twin}; only that one is taken.`);
        // on its way into the trash or out of it, it is in both places and nothing is lost
        if (twin !== archive.path) this.leftOut += 1;
        continue;
      }
      paths.set(archive.id, archive.path);
      const { continues } = archive.provenance;
      if (continues !== null) this.superseded.set(continues, archive.id);
      this.count += 1;
      yield (await this.#hasImage(archive))
        ? archive
        : { ...archive, verification: { kind: 'missing', at: this.#options.clock.now() } };
    }
  }

  async #hasImage(archive: Archive): Promise<boolean> {
    const path = this.#options.library.imagePath(archive);
    try {
      const { size } = await stat(path);
      if (size !== archive.sizeBytes) {
        this.problems.push(`${archive.path}: has ${size} bytes, its manifest says ${archive.sizeBytes}; verify it.`);
      }
      return true;
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.problems.push(`${archive.path}: the image is missing, only its manifest is there.`);
      this.missing.push({ id: archive.id, path: archive.path });
      return false;
    }
  }
}
