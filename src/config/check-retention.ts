import type { Desired } from '../core/desired.js';
import { closestMatch } from './closest-match.js';
import { quote } from './excerpt.js';
import { type Resolution, warn } from './resolution.js';

/** Names in retention that nothing declares: perhaps mistyped, perhaps of rules and drives of before. */
export function checkRetention(on: Resolution, desired: Desired): void {
  const known = { rule: desired.rules.map(({ name }) => name), drive: desired.drives.map(({ name }) => name) };
  for (const [index, { match }] of desired.retention.entries()) {
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
  }
}
