import type { Archive, Verification } from '../core/archive.js';
import { type Algorithm, differingAlgorithms } from '../core/checksum.js';
import type { DomainEvent } from '../core/event.js';
import { Fault } from '../core/fault.js';
import type { ArchiveId } from '../core/ids.js';
import type { Clock, Hasher, Library } from '../core/ports.js';
import type { Books } from './workshop.js';

export interface VerifyPorts {
  readonly hasher: Hasher;
  readonly library: Library;
  readonly clock: Clock;
}

/** Re-reads an archive from storage, compares, and writes the outcome down. Throws Fault not_found, io_error. */
export async function verifyArchive(
  ports: VerifyPorts,
  { catalog, records }: Books,
  id: ArchiveId,
): Promise<Verification> {
  const archive = await catalog.archive(id);
  if (archive === null) throw new Fault('not_found', `There is no archive ${id}.`);
  const verification = await compare(ports, archive);
  const { path } = archive;
  const event: DomainEvent =
    verification.kind === 'match'
      ? { type: 'archive_verified', archiveId: id, path }
      : { type: 'archive_corrupt', archiveId: id, path, reason: verification.kind };
  const current = (await catalog.archive(id)) ?? archive;
  await records.commit({ archives: [{ ...current, verification }], events: [event] });
  return verification;
}

async function compare(ports: VerifyPorts, archive: Archive): Promise<Verification> {
  const names = Object.keys(archive.checksums) as Algorithm[];
  const image = ports.library.imagePath(archive);
  try {
    const found = await ports.hasher.fromStorage(image, names, () => undefined, new AbortController().signal);
    const algorithms = differingAlgorithms(archive.checksums, found);
    const at = ports.clock.now();
    return algorithms.length === 0 ? { kind: 'match', at } : { kind: 'mismatch', at, algorithms };
  } catch (error) {
    if (error instanceof Fault && error.code === 'not_found') return { kind: 'missing', at: ports.clock.now() };
    throw error;
  }
}
