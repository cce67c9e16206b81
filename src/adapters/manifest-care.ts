import { type Archive, type ArchiveCare, careOf, type Verification } from '../core/archive.js';
import type { ManifestCare, ManifestVerification } from './manifest-file.gen.js';

const time = (milliseconds: number): string => new Date(milliseconds).toISOString();

export function formatVerification(verification: Verification): ManifestVerification {
  const { kind, at } = verification;
  const algorithms = kind === 'mismatch' ? { algorithms: [...verification.algorithms] } : {};
  return { result: kind, at: time(at), ...algorithms };
}

export function parseVerification({ result, at, algorithms }: ManifestVerification): Verification {
  const parsed = Date.parse(at);
  return result === 'mismatch'
    ? { kind: result, at: parsed, algorithms: algorithms ?? [] }
    : { kind: result, at: parsed };
}

export function formatCare(archive: Archive): { care?: ManifestCare } {
  if (archive.care === undefined) return {};
  const { pinned, label, tags, notes, history, trashed } = careOf(archive);
  return {
    care: {
      pinned,
      label,
      tags: [...tags],
      notes,
      history: history.map(formatVerification),
      trashed:
        trashed === null
          ? null
          : { at: time(trashed.at), purge_at: time(trashed.purgeAt), rule: trashed.rule, path: archive.path },
    },
  };
}

/** @param isTrashed whether the manifest was found in the trash: elsewhere it describes what is not there */
export function parseCare(care: ManifestCare | undefined, isTrashed: boolean): { care?: ArchiveCare } {
  if (care === undefined) return {};
  const { pinned, label, tags, notes, trashed } = care;
  return {
    care: {
      pinned,
      label,
      tags,
      notes,
      history: care.history.map(parseVerification),
      trashed:
        trashed === null || !isTrashed
          ? null
          : {
              at: Date.parse(trashed.at),
              purgeAt: Date.parse(trashed.purge_at),
              rule: trashed.rule,
              restoreTo: null,
            },
    },
  };
}
