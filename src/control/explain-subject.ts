import type { Archive } from '../core/archive.js';
import { subjectOf } from '../core/decide.js';
import type { Desired } from '../core/desired.js';
import type { Insertion } from '../core/drive.js';
import { type Explanation, explainRules } from '../core/explain.js';
import { Fault } from '../core/fault.js';
import { isArchiveId, isJobId } from '../core/ids.js';
import type { Job } from '../core/job.js';
import { driveOf } from '../core/retention.js';
import { decidingRule, type RuleSubject } from '../core/rule.js';
import type { Books } from './workshop.js';

const mostArchives = 1000;
const mostAnswers = 20;

/** Says of a device's discs, a job, an archive, or all with a label, which rule decided. Throws Fault not_found. */
export async function explainSubject(
  { catalog, records }: Books,
  desired: Desired,
  wanted: string,
): Promise<readonly Explanation[]> {
  const found = await find();
  if (found.length > 0) return found.slice(0, mostAnswers);
  if (desired.drives.some(({ name }) => name === wanted)) {
    throw new Fault('not_found', `No disc is in ${wanted}, or none that was identified yet.`);
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
      return archive === null ? [] : [explainArchive(archive)];
    }
    const inDrive = records.insertions().filter(({ device }) => device === wanted || device.split(':')[0] === wanted);
    const explained = inDrive.flatMap(explainInsertion);
    if (explained.length === 0) for (const one of inDrive) refuseNameless(one);
    if (inDrive.length > 0) return explained;
    const isNamed = (label: string | null): boolean => label?.toLowerCase() === wanted.toLowerCase();
    const { items } = await catalog.archives({ limit: mostArchives, offset: 0 });
    return [
      ...records
        .insertions()
        .filter(({ disc, name }) => isNamed(disc?.label ?? name))
        .flatMap(explainInsertion),
      ...items.filter(({ disc, path }) => isNamed(disc.label) || path === wanted).map(explainArchive),
    ];
  }

  function explain(about: Pick<Explanation, 'kind' | 'id' | 'label' | 'decided'>, subject: RuleSubject): Explanation {
    const rule = decidingRule(desired.rules, subject);
    const rules = explainRules(desired.rules, subject);
    return { ...about, subject, rule: rule?.name ?? null, action: rule?.action ?? 'image', rules };
  }

  function explainInsertion({ device, disc, outcome, decidedBy }: Insertion): Explanation[] {
    if (disc === null) return [];
    const job = outcome.kind === 'job' || outcome.kind === 'waiting' ? records.job(outcome.jobId) : null;
    const before = outcome.kind === 'ignored' ? { rule: outcome.rule, generation: 0 } : null;
    const by = job === null ? (decidedBy ?? before) : { rule: job.rule, generation: job.configGeneration };
    const decided = by === null ? null : { ...by, outcome: outcome.kind };
    const drive = device.split(':')[0] ?? device;
    return [explain({ kind: 'disc', id: device, label: disc.label, decided }, subjectOf(disc, drive))];
  }

  /** No rule was asked about a disc that could not be told. */
  function refuseNameless({ device, outcome }: Insertion): void {
    if (outcome.kind !== 'unsupported' && outcome.kind !== 'unidentified') return;
    throw new Fault('not_found', `No rule was asked about the disc in ${device}: ${outcome.fault.message}`);
  }

  function explainJob({ id, disc, device, rule, configGeneration, state }: Job): Explanation {
    const decided = { rule, generation: configGeneration, outcome: state.kind };
    const drive = device.split(':')[0] ?? device;
    return explain({ kind: 'job', id, label: disc.label, decided }, subjectOf(disc, drive));
  }

  function explainArchive(archive: Archive): Explanation {
    const { id, disc, provenance, verdict } = archive;
    const decided = { rule: provenance.rule, generation: provenance.configGeneration, outcome: verdict.kind };
    return explain({ kind: 'archive', id, label: disc.label, decided }, subjectOf(disc, driveOf(desired, archive)));
  }
}
