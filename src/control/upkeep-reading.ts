import { type Archive, type Verification, withVerification } from '../core/archive.js';
import type { CatalogChange } from '../core/catalog-ports.js';
import { type Algorithm, type Checksums, differingAlgorithms } from '../core/checksum.js';
import { Fault } from '../core/fault.js';
import type { ArchiveId } from '../core/ids.js';
import type { ArchiveFiles, Hasher, Library, ReadingPace } from '../core/imaging-ports.js';
import type { Clock, Log, StopSignal } from '../core/ports.js';
import type { ArchiveTurn } from './archive-turn.js';
import { judgeLook, verified } from './judge-look.js';
import { amendDescribed } from './upkeep-manifests.js';
import type { Books } from './workshop.js';

export interface ReadingPorts {
  readonly hasher: Hasher;
  readonly library: Pick<Library, 'imagePath'>;
  readonly files: ArchiveFiles;
  readonly inTurn: ArchiveTurn;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Re-reads an archive from storage and compares with all its checksums, then writes the outcome down.
 * Throws Fault not_found (no such archive), bad_request (it has no checksums), io_error, cancelled.
 */
export async function verifyImage(
  ports: ReadingPorts,
  books: Books,
  id: ArchiveId,
  stop: StopSignal,
  pace?: ReadingPace,
): Promise<Verification> {
  const archive = await find(books, id);
  const names = Object.keys(archive.checksums) as Algorithm[];
  if (names.length === 0) throw new Fault('bad_request', `${archive.path} has no checksum to compare with.`);
  const found = await read(ports, archive, names, stop, pace);
  const verification = judge(ports, archive, found);
  await noteVerification(ports, books, id, verification);
  return verification;
}

/**
 * Adds the checksums an archive lacks. One that it has is computed along: a file that has rotted never gets a checksum
 * that says it is good.
 */
export async function addChecksums(
  ports: ReadingPorts,
  books: Books,
  id: ArchiveId,
  missing: readonly Algorithm[],
  stop: StopSignal,
  pace: ReadingPace,
): Promise<Verification> {
  const archive = await find(books, id);
  const known = (['sha256', 'sha512', 'blake2b512', 'sha1', 'md5'] as const).find(
    (name) => archive.checksums[name] !== undefined,
  );
  const wanted = missing.filter((name) => archive.checksums[name] === undefined);
  const found = await read(ports, archive, known === undefined ? wanted : [known, ...wanted], stop, pace);
  const verification = judge(ports, archive, found);
  if (typeof found === 'string' || verification.kind !== 'match') {
    await noteVerification(ports, books, id, verification);
    return verification;
  }
  const added: Checksums = Object.fromEntries(wanted.map((name) => [name, found[name]]));
  const merge = (one: Archive): Archive => ({
    ...(known === undefined ? one : withVerification(one, verification)),
    checksums: { ...added, ...one.checksums },
  });
  await ports.inTurn(id, async () => {
    // The files first: what the record lists is there.
    await books.records.commit({ undescribed: [id] });
    // The reading may have taken hours.
    await ports.files.addChecksums(merge(await find(books, id)), wanted);
    await books.records.amend(id, (one) => ({
      archives: [merge(one)],
      described: [id],
      events: [{ type: 'archive_checksummed', archiveId: id, path: one.path, algorithms: wanted }],
    }));
  });
  return verification;
}

async function find({ catalog }: Books, id: ArchiveId): Promise<Archive> {
  const archive = await catalog.archive(id);
  if (archive === null) throw new Fault('not_found', `There is no archive ${id}.`);
  return archive;
}

/** An image that its own disk does not give back any more is no trouble of the moment: it is told as damaged. */
async function read(
  ports: ReadingPorts,
  archive: Archive,
  names: readonly Algorithm[],
  stop: StopSignal,
  pace?: ReadingPace,
): Promise<Checksums | 'missing' | 'unreadable'> {
  const image = ports.library.imagePath(archive);
  try {
    return await ports.hasher.fromStorage(image, names, () => undefined, stop, pace);
  } catch (error) {
    if (error instanceof Fault && error.code === 'not_found') return 'missing';
    if (error instanceof Fault && error.code === 'read_error') {
      ports.log.warn({ archive_id: archive.id, code: error.code }, error.message);
      return 'unreadable';
    }
    throw error;
  }
}

function judge(ports: ReadingPorts, archive: Archive, found: Checksums | 'missing' | 'unreadable'): Verification {
  const at = ports.clock.now();
  if (typeof found === 'string') return { kind: found, at };
  const algorithms = differingAlgorithms(archive.checksums, found);
  return algorithms.length === 0 ? { kind: 'match', at } : { kind: 'mismatch', at, algorithms };
}

/** Writes down what a look at an image on which a deletion rests has found, unless it is there as it was made. */
export async function noteLook(ports: ReadingPorts, books: Books, archive: Archive): Promise<void> {
  const verification = judgeLook(archive, await ports.files.look(archive), ports.clock.now());
  if (verification !== null) await noteVerification(ports, books, archive.id, verification);
}

/** Of one that is missing the manifest goes on saying what was there. */
async function noteVerification(
  ports: ReadingPorts,
  books: Books,
  id: ArchiveId,
  verification: Verification,
): Promise<void> {
  const change = (archive: Archive): CatalogChange => ({
    archives: [withVerification(archive, verification)],
    events: [verified(archive, verification)],
  });
  await ports.inTurn(id, () =>
    verification.kind === 'missing' ? books.records.amend(id, change) : amendDescribed(ports, books, id, change),
  );
}
