import type { Desired } from '../core/desired.js';
import type { FixitySpec } from '../core/fixity.js';
import type { FreeSpace, RetentionRule } from '../core/retention-rule.js';
import type { FixityEntry, RetentionEntry } from './config-file.gen.js';
import type { Path } from './config-tree.js';
import { quote } from './excerpt.js';
import { createGlob } from './label-glob.js';
import { parseDuration, parsePercent, parseSize } from './parse-quantity.js';
import { error, type Resolution } from './resolution.js';

export const asList = <T>(value: T | readonly T[] | undefined): readonly T[] | null =>
  value === undefined ? null : Array.isArray(value) ? (value as readonly T[]) : [value as T];

/** What the file says about looking after finished images. */
export function resolveUpkeep(on: Resolution): Pick<Desired, 'fixity' | 'retention' | 'trash' | 'keepEventsFor'> {
  const { config } = on;
  return {
    fixity: config.fixity === undefined ? null : resolveFixity(on, config.fixity),
    retention: config.retention.map((entry, index) => resolveRetention(on, entry, ['retention', index])),
    trash: {
      keep: duration(on, ['trash', 'keep'], config.trash.keep),
      approveAbove: config.trash.approve_above,
    },
    keepEventsFor:
      config.events.keep_for === undefined ? null : duration(on, ['events', 'keep_for'], config.events.keep_for),
  };
}

function refuse(on: Resolution, path: Path, text: string, expected: string): void {
  const message = `${quote(String(path.at(-1)))} cannot be ${text}.`;
  error(on, path, { code: 'not_allowed', message, expected });
}

/** A time too long to be counted stands for ever; the schema has checked the rest. */
const duration = (on: Resolution, path: Path, text: string): number => {
  const found = parseDuration(text);
  if (found === null) refuse(on, path, text, 'a time such as 36h, 90d, 12w or 2y');
  return found ?? Number.MAX_SAFE_INTEGER;
};

function resolveFixity(on: Resolution, entry: FixityEntry): FixitySpec {
  let throttle: number | null = null;
  if (entry.throttle !== undefined) {
    throttle = parseSize(entry.throttle.replace(/\/s$/, ''));
    if (throttle === null || throttle <= 0) refuse(on, ['fixity', 'throttle'], entry.throttle, 'a rate such as 50MB/s');
  }
  return {
    reverifyEvery: duration(on, ['fixity', 'reverify_every'], entry.reverify_every),
    throttle,
    pauseAboveLoad: entry.pause_above_load ?? null,
  };
}

function resolveRetention(on: Resolution, entry: RetentionEntry, path: Path): RetentionRule {
  const { match } = entry;
  return {
    name: entry.name,
    match: {
      media: match.media ?? null,
      label: match.label === undefined ? null : { glob: match.label, test: createGlob(match.label) },
      tag: asList(match.tag),
      rule: asList(match.rule),
      drive: asList(match.drive),
      minAge: match.min_age === undefined ? null : duration(on, [...path, 'match', 'min_age'], match.min_age),
      verdict: match.verdict ?? null,
    },
    keepFor: entry.keep_for === undefined ? null : duration(on, [...path, 'keep_for'], entry.keep_for),
    keepLast: entry.keep_last ?? null,
    deletes: entry.deletes,
    keepUntilFree:
      entry.keep_until_free === undefined ? null : resolveFree(on, entry.keep_until_free, [...path, 'keep_until_free']),
  };
}

function resolveFree(on: Resolution, text: string, path: Path): FreeSpace | null {
  const expected = 'a share from "1%" to "100%", or a size such as 500GB';
  if (text.endsWith('%')) {
    const percent = parsePercent(text);
    if (percent === null) refuse(on, path, text, expected);
    return percent === null ? null : { kind: 'percent', percent };
  }
  const bytes = parseSize(text);
  if (bytes === null) refuse(on, path, text, expected);
  return bytes === null ? null : { kind: 'bytes', bytes };
}
