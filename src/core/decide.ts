import { type Archive, isIntact } from './archive.js';
import type { Desired } from './desired.js';
import { areDifferent, type Disc, sameDisc } from './disc.js';
import type { Insertion } from './drive.js';
import type { Job } from './job.js';
import { decidingRule, type ImagingSettings, type Rule } from './rule.js';
import { isWhole } from './verdict.js';

/** What becomes of a disc that has just been identified. */
export type Decision =
  /** It never left the drive: what was decided of it stands. */
  | { readonly kind: 'unchanged'; readonly previous: Insertion }
  /** An unfinished job waits for just this disc. */
  | { readonly kind: 'attach'; readonly job: Job }
  /** The same disc is being imaged from another place. */
  | { readonly kind: 'wait'; readonly job: Job }
  | { readonly kind: 'ignore'; readonly rule: Rule }
  | {
      readonly kind: 'duplicate';
      readonly rule: Rule | null;
      readonly archive: Archive;
      readonly settings: ImagingSettings;
    }
  | {
      readonly kind: 'image';
      readonly rule: Rule | null;
      readonly settings: ImagingSettings;
      /** The damaged image of this disc that the rescue goes on from. */
      readonly continues: Archive | null;
    };

export interface Known {
  /** Archives of the same structure; the samples are compared here. */
  readonly archives: readonly Archive[];
  readonly openJobs: readonly Job[];
  /** Jobs whose disc is in a drive right now, by an insertion other than this one. */
  readonly inDrives: ReadonlySet<string>;
  readonly previous: Insertion | null;
  /** The drive counts no other disc since `previous` was seen. */
  readonly uncounted: boolean;
}

/**
 * Where the drive counts no other disc it is the same one unless something shows that it is not: a damaged disc reads
 * differently from time to time. Else discs nobody could identify count as the same where they are equally large.
 */
function stayedInDrive({ previous, uncounted }: Known, disc: Disc): boolean {
  if (previous?.disc == null || previous.outcome.kind === 'unidentified') return false;
  if (uncounted) return !areDifferent(previous.disc, disc);
  if (disc.fingerprint === null && previous.disc.fingerprint === null) {
    return disc.sizes.mediumBytes === previous.disc.sizes.mediumBytes;
  }
  return sameDisc(previous.disc.fingerprint, disc.fingerprint);
}

export function subjectOf(disc: Disc, drive: string) {
  return { media: disc.media, label: disc.label, drive, sizeBytes: disc.sizes.mediumBytes };
}

export function decideDisc(desired: Desired, drive: string, disc: Disc, known: Known): Decision {
  if (known.previous !== null && stayedInDrive(known, disc) && known.previous.outcome.kind !== 'waiting') {
    return { kind: 'unchanged', previous: known.previous };
  }
  const job = known.openJobs.find((one) => sameDisc(one.disc.fingerprint, disc.fingerprint));
  if (job !== undefined) {
    return known.inDrives.has(job.id) ? { kind: 'wait', job } : { kind: 'attach', job };
  }
  const rule = decidingRule(desired.rules, subjectOf(disc, drive));
  if (rule?.action === 'ignore') return { kind: 'ignore', rule };
  const settings: ImagingSettings = { ...desired.defaults, ...rule?.settings };
  const intact = known.archives.filter(isIntact);
  const same = intact.filter((one) => sameDisc(one.disc.fingerprint, disc.fingerprint));
  const whole = same.find((one) => isWhole(one.verdict));
  if (whole !== undefined && rule?.onDuplicate !== 'image')
    return { kind: 'duplicate', rule, archive: whole, settings };
  const damaged = whole === undefined ? same.filter((one) => one.supersededBy === null) : [];
  return { kind: 'image', rule, settings, continues: damaged.at(-1) ?? null };
}
