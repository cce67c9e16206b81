import type { Archive } from '../core/archive.js';
import type { Catalog, CatalogChange } from '../core/catalog-ports.js';
import { deletionsOf } from '../core/deletion-holds.js';
import type { AppliedConfig } from '../core/desired.js';
import { assess, type Duty, policyOf, type Survey } from '../core/duty.js';
import type { ArchiveId } from '../core/ids.js';
import type { Books } from './workshop.js';

/** Archives looked at before others have their turn; decoding so many takes a few milliseconds. */
const atOnce = 200;

/** Where the lists of what is due stand. `complete`: they say what the file in force wants of every archive. */
export interface SurveyStep {
  readonly survey: Survey;
  readonly complete: boolean;
  /** Whether an archive's duty was worked out anew. */
  readonly changed: boolean;
}

/**
 * Works out the duties of archives that changed, of those whose age changed their rule, and, after a change of the
 * file, of all of them, one piece a step. How far it is stands in the catalog, so that a restart goes on.
 */
export async function stepSurvey(
  { catalog, records }: Books,
  config: AppliedConfig,
  before: Survey | null,
  now: number,
): Promise<SurveyStep> {
  const policy = policyOf(config.desired);
  const { duties } = catalog;
  const groups = groupReader(catalog);
  const assessAll = async (archives: readonly Archive[]): Promise<CatalogChange> => {
    const due: Duty[] = [];
    const dutiless: ArchiveId[] = [];
    for (const archive of archives) {
      const duty = assess(config.desired, archive, await groups(archive), now);
      if (duty === null) dutiless.push(archive.id);
      else due.push(duty);
    }
    return { duties: due, dutiless };
  };

  let survey = before;
  if (survey === null || survey.policy !== policy) {
    const { generation } = config;
    // what somebody approved, or is still asked, is about deletions: another change of the file leaves it as it is
    const same = before?.counted === deletionsOf(config.desired);
    const asked = same && before !== null ? before : { ...before, counted: null, waiting: null };
    survey = { pacedAt: null, ...asked, policy, generation, cursor: null, done: false };
    await records.commit({ survey });
  }
  const touched = await duties.touched(atOnce);
  const aged = await duties.changing(now, atOnce);
  if (touched.length + aged.length > 0) {
    const affected = new Map<ArchiveId, Archive>();
    for (const id of [...touched.map((one) => one.id), ...aged]) {
      const archive = await catalog.archive(id);
      if (archive === null) continue;
      affected.set(id, archive);
      // A disc's other images: which of them is the best may have changed.
      for (const sibling of await groups(archive)) affected.set(sibling.id, sibling);
    }
    await records.commit({ ...(await assessAll([...affected.values()])), assessed: touched });
  }
  if (survey.done) {
    const complete = touched.length < atOnce && aged.length < atOnce;
    return { survey, complete, changed: touched.length + aged.length > 0 };
  }
  const piece = await duties.archivesAfter(survey.cursor, atOnce);
  const done = piece.length < atOnce;
  survey = { ...survey, cursor: piece.at(-1)?.id ?? survey.cursor, done };
  await records.commit({ ...(await assessAll(piece)), survey });
  return { survey, complete: false, changed: true };
}

/** Archives of one structure, asked for once a step. */
export function groupReader(catalog: Pick<Catalog, 'archivesByStructure'>): (archive: Archive) => Promise<Archive[]> {
  const known = new Map<string, Archive[]>();
  return async (archive) => {
    const structure = archive.disc.fingerprint?.structure;
    if (structure === undefined) return [archive];
    const group = known.get(structure) ?? (await catalog.archivesByStructure(structure));
    known.set(structure, group);
    return group;
  };
}
