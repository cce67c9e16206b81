import type { Condition, ConditionDraft, ConditionSubject } from './condition.js';

/** Reasons that no waiting cures. */
const needsPerson: ReadonlySet<Condition['reason']> = new Set<Condition['reason']>([
  'approval_needed',
  'archives_corrupt',
  'catalog_damaged',
  'config_invalid',
  'config_unreadable',
  'disc_unsupported',
  'eject_failed',
  'library_unwritable',
  'permission_denied',
  'protected',
  'rebuild_needed',
  'storage_stop',
  'tool_missing',
  'unreadable',
]);

/**
 * Beside each `Ready`: `Stalled`, and for what is being brought in line, `Reconciling`. `busy` gives the subjects at
 * work, each with what it is about.
 */
export function withCompanions(
  drafts: readonly ConditionDraft[],
  busy: ReadonlyMap<ConditionSubject, string>,
): ConditionDraft[] {
  return drafts.flatMap((draft): ConditionDraft[] => {
    if (draft.type !== 'Ready') return [draft];
    const { subject, reason, message } = draft;
    const stalled = !draft.status && needsPerson.has(reason);
    const work = busy.get(subject);
    return [
      draft,
      { subject, type: 'Stalled', status: stalled, reason: stalled ? reason : 'ok', message: stalled ? message : '' },
      ...(subject === 'config' || subject.startsWith('drive/')
        ? [{ subject, type: 'Reconciling', status: work !== undefined, reason: 'ok', message: work ?? '' } as const]
        : []),
    ];
  });
}
