import type { Desired } from '../core/desired.js';
import type { Rule, RuleMatch } from '../core/rule.js';
import { closestMatch } from './closest-match.js';
import type { RuleEntry } from './config-file.gen.js';
import type { Path } from './config-tree.js';
import { quote } from './excerpt.js';
import { type Pattern, parsePattern, patternCovers } from './label-glob.js';
import { error, type Resolution, warn } from './resolution.js';

/** Rules that name what does not exist, contradict themselves, or stand behind one that takes all their discs. */
export function checkRules(on: Resolution, desired: Desired): void {
  const entries = on.config.rules;
  const labels = entries.map(labelPatterns);
  for (const [index, rule] of desired.rules.entries()) {
    const entry = entries[index];
    if (entry === undefined) continue;
    const path: Path = ['rules', index];
    checkDriveNames(on, desired, rule, path);
    checkSettings(on, rule, path);
    if (checkItself(on, desired, rule, path)) continue;
    const before = entries.slice(0, index).find((_, i) => {
      const match = desired.rules[i]?.match;
      return (
        match !== undefined && matchCovers(match, rule.match) && labelsCover(labels[i] ?? null, labels[index] ?? null)
      );
    });
    if (before !== undefined) {
      const message = `This rule can never decide: ${quote(before.name)} before it takes all its discs. Move it up, or remove it.`;
      warn(on, [...path, 'name'], { code: 'unreachable', message });
    }
  }
}

function checkDriveNames(on: Resolution, desired: Desired, rule: Rule, path: Path): void {
  const names = desired.drives.map((drive) => drive.name);
  for (const [index, name] of (rule.match.drive ?? []).entries()) {
    if (names.includes(name)) continue;
    const given = on.config.rules[Number(path[1])]?.match.drive;
    error(on, [...path, 'match', 'drive', ...(Array.isArray(given) ? [index] : [])], {
      code: 'unknown_name',
      message: `There is no drive ${quote(name)}.`,
      expected: names.length === 0 ? 'a drive declared under drives' : `one of ${names.slice(0, 10).join(', ')}`,
      did_you_mean: closestMatch(name, names),
    });
  }
}

function checkSettings(on: Resolution, rule: Rule, path: Path): void {
  if (rule.action !== 'ignore') return;
  const given = ['path', 'checksums', 'eject', 'priority', 'verify', 'read_attempts'] as const;
  const entry = on.config.rules[Number(path[1])];
  const useless = given.filter((key) => key !== 'eject' && entry?.[key] !== undefined);
  for (const key of useless) {
    const message = `${quote(key)} has no effect here: the rule ignores its discs.`;
    warn(on, [...path, key], { code: 'no_effect', message });
  }
}

/** True where the rule can match nothing all by itself. */
function checkItself(on: Resolution, desired: Desired, rule: Rule, path: Path): boolean {
  const { minBytes, maxBytes, media, drive } = rule.match;
  if (minBytes !== null && maxBytes !== null && minBytes > maxBytes) {
    const message = 'This rule can never match: its min_size is above its max_size.';
    error(on, [...path, 'match', 'min_size'], { code: 'unreachable', message });
    return true;
  }
  const named = desired.drives.filter((one) => drive === null || drive.includes(one.name));
  if (media === null || named.length === 0) return false;
  // a folder drive holds images and nothing else, an optical drive anything else
  const folders = named.every((one) => one.source.kind === 'folder') && !media.includes('image');
  const discs = named.every((one) => one.source.kind === 'optical') && media.every((kind) => kind === 'image');
  if (!folders && !discs) return false;
  // where no drive is named this only says that the drive for it is not there yet
  if (drive === null) return false;
  const message = folders
    ? 'This rule can never match: its drives are folders, and what lies in a folder is of the kind image.'
    : 'This rule can never match: only files in a folder drive are of the kind image.';
  warn(on, [...path, 'match', 'media'], { code: 'unreachable', message });
  return true;
}

/** Whether whatever is one of `b` is one of `a` too; null is anything. */
export const coversList = <T>(a: readonly T[] | null, b: readonly T[] | null): boolean =>
  a === null || (b?.every((one) => a.includes(one)) ?? false);

/** Whether every disc that fits `inner` fits `outer` too, labels aside. */
function matchCovers(outer: RuleMatch, inner: RuleMatch): boolean {
  return (
    coversList(outer.media, inner.media) &&
    coversList(outer.drive, inner.drive) &&
    (outer.minBytes === null || (inner.minBytes !== null && inner.minBytes >= outer.minBytes)) &&
    (outer.maxBytes === null || (inner.maxBytes !== null && inner.maxBytes <= outer.maxBytes))
  );
}

function labelPatterns({ match: { label } }: RuleEntry): readonly Pattern[] | null {
  if (label === undefined) return null;
  return (Array.isArray(label) ? label : [label]).map(parsePattern);
}

function labelsCover(outer: readonly Pattern[] | null, inner: readonly Pattern[] | null): boolean {
  // a disc without a label fits no label at all, so `*` does not cover a rule that asks for none
  if (outer === null) return true;
  return inner?.every((one) => outer.some((other) => patternCovers(other, one))) ?? false;
}
