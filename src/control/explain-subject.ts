import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Archive } from '../core/archive.js';
import { subjectOf } from '../core/decide.js';
import { type DeletionsSeen, holdsOn, untilText } from '../core/deletion-holds.js';
import type { AppliedConfig } from '../core/desired.js';
import type { Insertion } from '../core/drive.js';
import { type Explanation, explainHolds, explainRules } from '../core/explain.js';
import { explainRetention, type RetentionExplanation } from '../core/explain-retention.js';
import { Fault } from '../core/fault.js';
import { type ArchiveId, isArchiveId, isJobId } from '../core/ids.js';
import { isFinal, type Job } from '../core/job.js';
import { driveOf, lackingBytes, protectionOf, retentionOf } from '../core/retention.js';
import { decidingRule, type RuleSubject } from '../core/rule.js';
import type { StorageReading } from '../core/storage.js';
import { groupReader } from './upkeep-survey.js';
import type { Books } from './workshop.js';

const atOnce = 500;
const mostAnswers = 20;

/** What retention looks at beside the archives; milliseconds since 1970. */
export interface RetentionSeen {
  readonly now: number;
  readonly storage: StorageReading | null;
  readonly trashBytes: number;
  readonly deletions: DeletionsSeen;
}

/** Says of a device's discs, a job, an archive, or all with a label, which rule decided. Throws Fault not_found. */
export async function explainSubject(
  { catalog, records }: Books,
  { desired, generation }: Pick<AppliedConfig, 'desired' | 'generation'>,
  wanted: string,
  { now, storage, trashBytes, deletions }: RetentionSeen,
): Promise<readonly Explanation[]> {
  const found = await find();
  if (found.length > 0) return found.slice(0, mostAnswers);
  if (desired.drives.some(({ name }) => name === wanted)) {
    const holds = explainHolds(desired, { drive: wanted, rule: null, isArchive: false });
    throw new Fault('not_found', [`No disc is in ${wanted}, or none that was identified yet.`, ...holds].join(' '));
  }
  const message = `There is no disc, job or archive ${JSON.stringify(wanted.slice(0, 100))}; name a drive, an id or a label.`;
  throw new Fault('not_found', message);

  async function find(): Promise<Explanation[]> {
    if (isJobId(wanted)) {
      const job = records.job(wanted) ?? (await catalog.job(wanted));
      return job === null ? [] : [explainJob(job)];
    }
    if (isArchiveId(wanted)) {
      const archive = await catalog.archive(wanted);
      return archive === null ? [] : [await explainArchive(archive)];
    }
    const inDrive = records.insertions().filter(({ device }) => device === wanted || device.split(':')[0] === wanted);
    const explained = inDrive.flatMap(explainInsertion);
    if (explained.length === 0) for (const one of inDrive) refuseNameless(one);
    if (inDrive.length > 0) return explained;
    const isNamed = (label: string | null): boolean => label?.toLowerCase() === wanted.toLowerCase();
    const inCatalog = await archivesThat(({ disc, path }) => isNamed(disc.label) || path === wanted);
    return [
      ...records
        .insertions()
        .filter(({ disc, name }) => isNamed(disc?.label ?? name))
        .flatMap(explainInsertion),
      ...(await Promise.all(inCatalog.map(explainArchive))),
    ];
  }

  /** The newest of them, among all there are. */
  async function archivesThat(fits: (archive: Archive) => boolean): Promise<Archive[]> {
    let found: Archive[] = [];
    for (let cursor: ArchiveId | null = null; ; ) {
      const piece: Archive[] = await catalog.duties.archivesAfter(cursor, atOnce);
      found = [...found, ...piece.filter(fits)].slice(-mostAnswers);
      cursor = piece.at(-1)?.id ?? null;
      if (piece.length < atOnce) return found.reverse();
      await nextTurn();
    }
  }

  function explain(
    about: Pick<Explanation, 'kind' | 'id' | 'label' | 'decided' | 'retention'>,
    subject: RuleSubject,
    job: Job | null,
  ): Explanation {
    const rule = decidingRule(desired.rules, subject)?.name ?? null;
    const rules = explainRules(desired.rules, subject);
    const action = desired.rules.find(({ name }) => name === rule)?.action ?? 'image';
    const isArchive = about.kind === 'archive';
    // a job keeps the rule it was made by
    const held = { drive: subject.drive, rule: job === null ? rule : job.rule, isArchive };
    const holds = job !== null && isFinal(job) ? [] : explainHolds(desired, held);
    return { ...about, subject, rule, action, rules, holds };
  }

  function explainInsertion({ device, disc, outcome, decidedBy }: Insertion): Explanation[] {
    if (disc === null) return [];
    const job = outcome.kind === 'job' || outcome.kind === 'waiting' ? records.job(outcome.jobId) : null;
    const before = outcome.kind === 'ignored' ? { rule: outcome.rule, generation: 0 } : null;
    const by = job === null ? (decidedBy ?? before) : { rule: job.rule, generation: job.configGeneration };
    const decided = by === null ? null : { ...by, outcome: outcome.kind };
    const drive = device.split(':')[0] ?? device;
    return [
      explain({ kind: 'disc', id: device, label: disc.label, decided, retention: null }, subjectOf(disc, drive), job),
    ];
  }

  /** No rule was asked about a disc that could not be told. */
  function refuseNameless({ device, outcome }: Insertion): void {
    if (outcome.kind !== 'unsupported' && outcome.kind !== 'unidentified') return;
    throw new Fault('not_found', `No rule was asked about the disc in ${device}: ${outcome.fault.message}`);
  }

  function explainJob(job: Job): Explanation {
    const { id, disc, device, rule, configGeneration, state } = job;
    const decided = { rule, generation: configGeneration, outcome: state.kind };
    const drive = device.split(':')[0] ?? device;
    return explain({ kind: 'job', id, label: disc.label, decided, retention: null }, subjectOf(disc, drive), job);
  }

  async function explainArchive(archive: Archive): Promise<Explanation> {
    const { id, disc, provenance, verdict } = archive;
    const decided = { rule: provenance.rule, generation: provenance.configGeneration, outcome: verdict.kind };
    const about = { kind: 'archive', id, label: disc.label, decided, retention: await retained(archive) } as const;
    return explain(about, subjectOf(disc, driveOf(desired, archive)), null);
  }

  async function retained(archive: Archive): Promise<RetentionExplanation> {
    const { duties } = catalog;
    const { index, rule } = retentionOf(desired, archive, now);
    const { keepLast = null, keepUntilFree: free = null, deletes = 'copies' } = rule ?? {};
    return explainRetention(rule, archive, now, {
      protectedBy: protectionOf(archive, await groupReader(catalog)(archive), deletes),
      lastKept: index === null || keepLast === null ? null : await duties.nthNewest(index, keepLast),
      isNewestGood: index !== null && (await duties.newestGood(index)) === archive.id,
      lacking: free === null || storage === null ? 0 : lackingBytes(free, storage, trashBytes),
      until: untilText(holdsOn(desired, null, deletions), generation),
    });
  }
}
