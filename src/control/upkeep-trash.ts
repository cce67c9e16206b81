import { type Archive, careOf, type Trashed, withCare } from '../core/archive.js';
import type { Catalog } from '../core/catalog-ports.js';
import type { Desired } from '../core/desired.js';
import { Fault } from '../core/fault.js';
import type { ArchiveId } from '../core/ids.js';
import type { ArchiveFiles } from '../core/imaging-ports.js';
import type { Log } from '../core/ports.js';
import { lackingBytes } from '../core/retention.js';
import type { RetentionRule } from '../core/retention-rule.js';
import type { StorageReading } from '../core/storage.js';
import { chooseFreePath } from './free-path.js';
import { isKeptAgain, licenseOf } from './upkeep-license.js';
import { amendDescribed } from './upkeep-manifests.js';
import type { Books } from './workshop.js';

export interface TrashPorts {
  readonly files: ArchiveFiles;
  readonly log: Log;
}

const aDayMs = 24 * 60 * 60_000;

/** An archive that nothing keeps, and the rule that says so. */
export interface DueArchive {
  readonly id: ArchiveId;
  readonly sizeBytes: number;
  readonly rule: RetentionRule;
}

/**
 * Archives due for deletion now, from the ordered lists; costs what it gives. Those found are looked at again each by
 * itself before anything is done.
 */
export async function findDue(
  catalog: Catalog,
  desired: Desired,
  now: number,
  storage: StorageReading | null,
  trashBytes: number,
  limit: number,
): Promise<DueArchive[]> {
  const due: DueArchive[] = [];
  let freed = trashBytes;
  for (const [index, rule] of desired.retention.entries()) {
    if (rule.keepFor === null && rule.keepLast === null && rule.keepUntilFree === null) continue;
    if (due.length >= limit) break;
    let lacking = Number.POSITIVE_INFINITY;
    if (rule.keepUntilFree !== null) {
      lacking = storage === null ? 0 : lackingBytes(rule.keepUntilFree, storage, freed);
      if (lacking <= 0) continue;
    }
    const lastGood = await lastGoodOf(catalog, rule, index);
    const oldest = await catalog.duties.free(index, limit - due.length + 1);
    if (oldest.length === 0) continue;
    const firstKept = rule.keepLast === null ? null : await catalog.duties.nthNewest(index, rule.keepLast);
    if (rule.keepLast !== null && firstKept === null) continue;
    for (const { id, retention } of oldest) {
      if (retention === null || lacking <= 0 || due.length >= limit) break;
      if (id === lastGood) continue;
      const { finishedAt, sizeBytes } = retention;
      const isNewest =
        firstKept !== null &&
        (finishedAt > firstKept.finishedAt || (finishedAt === firstKept.finishedAt && id >= firstKept.id));
      if (isNewest || (rule.keepFor !== null && finishedAt + rule.keepFor > now)) break;
      due.push({ id, sizeBytes, rule });
      lacking -= sizeBytes;
      freed += sizeBytes;
    }
  }
  return due;
}

/** What a rule that deletes discs leaves nevertheless. */
async function lastGoodOf(catalog: Catalog, rule: RetentionRule, index: number): Promise<ArchiveId | null> {
  return rule.deletes === 'discs' ? catalog.duties.newestGood(index) : null;
}

/** When age makes the next archive due, as far as it can be told; null where none will be by age alone. */
export async function nextDueByAge(catalog: Catalog, desired: Desired, now: number): Promise<number | null> {
  let next: number | null = null;
  for (const [index, rule] of desired.retention.entries()) {
    if (rule.keepFor === null) continue;
    const lastGood = await lastGoodOf(catalog, rule, index);
    const oldest = (await catalog.duties.free(index, 2)).find(({ id }) => id !== lastGood);
    const at = oldest?.retention == null ? null : oldest.retention.finishedAt + rule.keepFor;
    if (at !== null && at > now && (next === null || at < next)) next = at;
  }
  return next;
}

/**
 * What became of a deed. `undone`: the record says it, the files are not where it says yet. `doubtful`: nothing was
 * done, since the image for whose sake it was to go is not there as it should be. `needed`: nothing was done, since no
 * other good one stands.
 */
export type Deed =
  | { readonly kind: 'done' | 'undone' | 'kept' | 'needed' }
  | { readonly kind: 'doubtful'; readonly survivor: Archive };

/**
 * Moves one archive to the trash, if it is still due by all that is known this moment. It is written down first; what
 * a crash leaves undone is done by `settleTrash`.
 */
export async function trashArchive(
  { files, log }: TrashPorts,
  books: Books,
  desired: Desired,
  { id, rule }: DueArchive,
  inUse: ReadonlySet<ArchiveId>,
  now: number,
): Promise<Deed> {
  const archive = await books.catalog.archive(id);
  if (archive === null || careOf(archive).trashed !== null || inUse.has(id)) return { kind: 'kept' };
  const license = await licenseOf(books.catalog, desired, archive, now);
  if (license.kind !== 'due') return license;
  if (license.rule.name !== rule.name) return { kind: 'kept' };
  const { survivor } = license;
  if (survivor !== null && (await files.look(survivor)) !== 'present') return { kind: 'doubtful', survivor };
  // Prove that what lies there is this archive, before anything is said of it.
  if ((await files.look(archive)) === 'changed') {
    const message = `${archive.path} is not of the size it was archived with: it is not moved to the trash. Look at it, and move it away if it is not wanted.`;
    throw new Fault('state_conflict', message);
  }
  await files.describe(archive);
  const trashed = { at: now, purgeAt: now + desired.trash.keep, rule: rule.name, restoreTo: null };
  const gone = await books.records.amend(id, (one) =>
    careOf(one).pinned || careOf(one).trashed !== null
      ? null
      : {
          archives: [withCare(one, { trashed })],
          events: [{ type: 'archive_trashed', archiveId: id, path: one.path, rule: rule.name }],
        },
  );
  if (gone === null) return { kind: 'kept' };
  try {
    await files.trash(gone);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    log.error({ archive_id: id, code: error.code }, `${error.message} It is tried again.`);
    return { kind: 'undone' };
  }
  return { kind: 'done' };
}

/**
 * Ends what a crash or an error of the disk interrupted between the record and the files. `done`: it lies in the
 * trash; `kept`: it does not, nor should it.
 */
export async function settleTrash(
  { files, log }: TrashPorts,
  books: Books,
  id: ArchiveId,
): Promise<'done' | 'undone' | 'kept'> {
  const archive = await books.catalog.archive(id);
  const trashed = archive === null ? null : careOf(archive).trashed;
  if (archive === null || trashed === null) return 'kept';
  const { restoreTo } = trashed;
  try {
    if (restoreTo === null) await files.trash(archive);
    else await bringBackAnywhere(files, books, archive, restoreTo);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    log.warn({ archive_id: id, code: error.code }, error.message);
    return 'undone';
  }
  return restoreTo === null ? 'done' : 'kept';
}

/** Takes an archive out of the trash and pins it: a person wants it. Throws Fault not_found, state_conflict, no_space. */
export async function restoreArchive(ports: TrashPorts, books: Books, id: ArchiveId): Promise<Archive> {
  const archive = await books.catalog.archive(id);
  if (archive === null) throw new Fault('not_found', `There is no archive ${id}.`);
  const { trashed } = careOf(archive);
  if (trashed === null) throw new Fault('state_conflict', `${archive.path} is not in the trash.`);
  if (trashed.restoreTo === null) await needInTrash(ports, books, archive);
  const path = trashed.restoreTo ?? (await freePathFor(ports.files, books, archive));
  return bringBackAnywhere(ports.files, books, await promise(books, archive, path), path);
}

const freePathFor = (files: ArchiveFiles, books: Books, archive: Archive): Promise<string> =>
  chooseFreePath(books, (taken) => files.freePath(archive, taken));

async function promise({ records }: Books, { id, path: from }: Archive, path: string): Promise<Archive> {
  const leaving = await records.amend(id, (one) => {
    const now = careOf(one).trashed;
    return now === null ? null : { archives: [withCare(one, { pinned: true, trashed: { ...now, restoreTo: path } })] };
  });
  if (leaving === null) throw new Fault('state_conflict', `${from} was purged meanwhile.`);
  return leaving;
}

/** To the path it was promised, or to another one where something else lies there by now. */
async function bringBackAnywhere(files: ArchiveFiles, books: Books, archive: Archive, path: string): Promise<Archive> {
  try {
    return await bringBack(files, books, archive, path);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'state_conflict') throw error;
    const other = await freePathFor(files, books, archive);
    return bringBack(files, books, await promise(books, archive, other), other);
  }
}

/** Before anything is promised: a crash may have left the image where it was, or have purged it and kept its record. */
async function needInTrash(ports: TrashPorts, books: Books, archive: Archive): Promise<void> {
  if ((await ports.files.look(archive)) !== 'missing') return;
  await settleTrash(ports, books, archive.id);
  if ((await ports.files.look(archive)) !== 'missing') return;
  throw new Fault('not_found', `The image of ${archive.path} is not in the trash any more.`);
}

async function bringBack(files: ArchiveFiles, books: Books, archive: Archive, path: string): Promise<Archive> {
  await files.restore(archive, path);
  const { id } = archive;
  const back = await books.records.amend(id, (one) => ({
    archives: [{ ...withCare(one, { trashed: null }), path }],
    events: [{ type: 'archive_restored', archiveId: id, path }],
  }));
  if (back === null) throw new Fault('not_found', `There is no archive ${id}.`);
  return back;
}

/** When it has lain in the trash for its time: as was said when it went there, or later where the file now says so. */
const purgeAtOf = ({ at, purgeAt }: Trashed, { trash }: Desired): number => Math.max(purgeAt, at + trash.keep);

/**
 * Deletes for good what has lain in the trash for its time, if the file in force would still have it deleted and what
 * it was deleted for is there; else it stays in the trash. Files first: a record without files is purged again.
 */
export async function purgeArchive(
  { files }: TrashPorts,
  { records, catalog }: Books,
  desired: Desired,
  { id }: Archive,
  now: number,
  storage: StorageReading | null,
): Promise<Deed> {
  const archive = await catalog.archive(id);
  const trashed = archive === null ? null : careOf(archive).trashed;
  if (archive === null || trashed === null || trashed.restoreTo !== null || careOf(archive).pinned) {
    return { kind: 'kept' };
  }
  if (purgeAtOf(trashed, desired) > now) return { kind: 'kept' };
  // without an image there is nothing that could be kept
  if ((await files.look(archive)) !== 'missing') {
    const license = await licenseOf(catalog, desired, archive, now);
    if (license.kind !== 'due') return license;
    if (await isKeptAgain(catalog, license, archive, now, storage)) return { kind: 'kept' };
    const { survivor } = license;
    if (survivor !== null && (await files.look(survivor)) !== 'present') return { kind: 'doubtful', survivor };
  }
  await files.purge(archive);
  const isNamed = records.insertions().some(({ outcome }) => outcome.kind === 'job' && outcome.jobId === archive.jobId);
  await records.commit({
    purged: [id],
    forgottenJobs: isNamed ? [] : [archive.jobId],
    events: [{ type: 'archive_purged', archiveId: id, path: archive.path }],
  });
  return { kind: 'done' };
}

/**
 * What went to the trash by a clock that was ahead would lie there until that date: its time begins now. Returns
 * whether it was so.
 */
export async function redateTrashed(
  ports: TrashPorts,
  books: Books,
  desired: Desired,
  { id }: Archive,
  now: number,
): Promise<boolean> {
  const archive = await amendDescribed(ports, books, id, (one) => {
    const { trashed } = careOf(one);
    if (trashed === null || trashed.restoreTo !== null || trashed.at <= now + aDayMs) return null;
    return { archives: [withCare(one, { trashed: { ...trashed, at: now, purgeAt: now + desired.trash.keep } })] };
  });
  return archive !== null;
}
