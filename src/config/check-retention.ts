import type { Desired } from '../core/desired.js';
import type { RetentionMatch } from '../core/retention-rule.js';
import { coversList } from './check-rules.js';
import { closestMatch } from './closest-match.js';
import { quote } from './excerpt.js';
import { globCovers } from './label-glob.js';
import { type Resolution, warn } from './resolution.js';

/**
 * Names in retention that nothing declares (perhaps mistyped, perhaps of rules and drives of before), entries behind
 * one that decides all of theirs, and those that would delete but never say when.
 */
export function checkRetention(on: Resolution, desired: Desired): void {
  const known = { rule: desired.rules.map(({ name }) => name), drive: desired.drives.map(({ name }) => name) };
  for (const [index, entry] of desired.retention.entries()) {
    const { match } = entry;
    for (const key of ['rule', 'drive'] as const) {
      for (const [place, name] of (match[key] ?? []).entries()) {
        if (known[key].includes(name)) continue;
        const given = on.config.retention[index]?.match[key];
        warn(on, ['retention', index, 'match', key, ...(Array.isArray(given) ? [place] : [])], {
          code: 'unknown_name',
          message: `No ${key} is called ${quote(name)} now; only images of one that was called so can fit.`,
          did_you_mean: closestMatch(name, known[key]),
        });
      }
    }
    const { name, keepFor, keepLast, keepUntilFree, deletes } = entry;
    if (deletes === 'discs' && keepFor === null && keepLast === null && keepUntilFree === null) {
      const message = `${quote(name)} deletes nothing: without keep_for, keep_last or keep_until_free everything is kept.`;
      warn(on, ['retention', index, 'deletes'], { code: 'no_effect', message });
    }
    const before = desired.retention.slice(0, index).find((one) => covers(one.match, match));
    if (before === undefined) continue;
    const message = `This entry can never decide: ${quote(before.name)} before it decides all its images. Move it up, or remove it.`;
    warn(on, ['retention', index, 'name'], { code: 'unreachable', message });
  }
}

/** Whether every image that fits `inner`, at whatever age, fits `outer` too. */
function covers(outer: RetentionMatch, inner: RetentionMatch): boolean {
  return (
    (outer.minAge === null || (inner.minAge !== null && inner.minAge >= outer.minAge)) &&
    (outer.label === null || (inner.label !== null && globCovers(outer.label.glob, inner.label.glob))) &&
    coversList(outer.media, inner.media) &&
    coversList(outer.tag, inner.tag) &&
    coversList(outer.rule, inner.rule) &&
    coversList(outer.drive, inner.drive) &&
    coversList(outer.verdict, inner.verdict)
  );
}
