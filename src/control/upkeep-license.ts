import { type Archive, careOf, withCare } from '../core/archive.js';
import type { Catalog } from '../core/catalog-ports.js';
import type { Desired } from '../core/desired.js';
import { isGood, lackingBytes, protectionOf, replacementOf, retentionOf } from '../core/retention.js';
import type { RetentionRule } from '../core/retention-rule.js';
import type { StorageReading } from '../core/storage.js';
import { groupReader } from './upkeep-survey.js';

/**
 * Whether the file in force lets an archive go this moment. `due`: the rule, and the image for whose sake it may go,
 * which has to be looked at on disk first; null where it needs none. `needed`: its rule says so, but there is no
 * better or newer good one any more. `kept`: by everything else.
 */
export type License =
  | { readonly kind: 'due'; readonly rule: RetentionRule; readonly index: number; readonly survivor: Archive | null }
  | { readonly kind: 'needed' }
  | { readonly kind: 'kept' };

const kept: License = { kind: 'kept' };
const needed: License = { kind: 'needed' };

/** @param archive in the library or in the trash: asked as if it were in the library */
export async function licenseOf(
  catalog: Catalog,
  desired: Pick<Desired, 'drives' | 'retention'>,
  archive: Archive,
  now: number,
): Promise<License> {
  const one = careOf(archive).trashed === null ? archive : asInLibrary(archive);
  const { index, rule } = retentionOf(desired, one, now);
  if (index === null || rule === null) return kept;
  const group = (await groupReader(catalog)(archive)).map((other) => (other.id === one.id ? one : other));
  const protection = protectionOf(one, group, rule.deletes);
  if (protection !== null) return protection === 'best_copy' ? needed : kept;
  if (rule.deletes === 'copies') return { kind: 'due', rule, index, survivor: replacementOf(one, group) };
  if (!isGood(one)) return { kind: 'due', rule, index, survivor: null };
  const id = await catalog.duties.newestGood(index);
  const survivor = id === null || id === one.id ? null : await catalog.archive(id);
  return survivor === null || !isGood(survivor) ? needed : { kind: 'due', rule, index, survivor };
}

/** What was missed in the trash once protects nothing: whether it is there is looked at before it goes. */
function asInLibrary(archive: Archive): Archive {
  const one = withCare(archive, { trashed: null });
  return one.verification?.kind === 'missing' ? { ...one, verification: null } : one;
}

/** Whether the rule's reasons to keep hold again for what lies in the trash. What it takes up there counts as taken. */
export async function isKeptAgain(
  catalog: Catalog,
  { rule, index }: { readonly rule: RetentionRule; readonly index: number },
  { id, finishedAt }: Archive,
  now: number,
  storage: StorageReading | null,
): Promise<boolean> {
  const { keepFor, keepLast, keepUntilFree } = rule;
  if (keepFor === null && keepLast === null && keepUntilFree === null) return true;
  if (keepFor !== null && finishedAt + keepFor > now) return true;
  if (keepUntilFree !== null && (storage === null || lackingBytes(keepUntilFree, storage, 0) <= 0)) return true;
  if (keepLast === null) return false;
  const first = await catalog.duties.nthNewest(index, keepLast);
  return first === null || finishedAt > first.finishedAt || (finishedAt === first.finishedAt && id >= first.id);
}
