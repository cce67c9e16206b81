import { subjectOf } from './decide.js';
import type { DeletionsSeen } from './deletion-holds.js';
import type { Desired } from './desired.js';
import type { DriveSpec, Insertion, ObservedDevice } from './drive.js';
import type { Effect, EffectKind } from './effect.js';
import type { EffectiveValue } from './effective-value.js';
import { type ArchiveEffects, planArchives } from './plan-archives.js';
import { decidingRule, type Rule } from './rule.js';

/** One file with what it comes to. `archives`: null where the catalog cannot be asked. */
export interface PlanSide {
  readonly desired: Desired;
  readonly effective: readonly EffectiveValue[];
  readonly archives: ArchiveEffects | null;
}

export interface PlanSeen {
  readonly devices: readonly ObservedDevice[];
  readonly insertions: readonly Insertion[];
  readonly deletions: DeletionsSeen;
}

/** What the running station would do otherwise if `next` were the file instead of `current`. Nothing is changed by it. */
export function planEffects(current: PlanSide, next: PlanSide, seen: PlanSeen): Effect[] {
  return [
    ...planSuspension(current.desired, next.desired),
    ...planDrives(current.desired, next.desired),
    ...planRules(current.desired, next.desired),
    ...planDiscs(current.desired, next.desired, seen),
    ...planArchives(current, next, seen.deletions),
    ...planNamed('user', current.desired.users, next.desired.users, ({ role }) => `as ${role}`),
    ...planNamed('target', current.desired.notifications, next.desired.notifications, ({ kind, on }) => {
      return kind === 'lacking' ? 'but it lacks a secret' : `by ${kind}, on ${on.join(', ')}`;
    }),
    ...planValues(current.effective, next.effective),
  ];
}

const effect = (kind: EffectKind, change: Effect['change'], subject: string, message: string): Effect => ({
  kind,
  change,
  subject,
  message,
  archives: null,
});

function planSuspension(current: Desired, next: Desired): Effect[] {
  if (current.suspend === next.suspend) return [];
  return next.suspend
    ? [effect('suspend', 'begin', 'station', 'The station is suspended: running jobs finish, nothing new is begun.')]
    : [effect('suspend', 'end', 'station', 'The station goes on: what has waited is begun.')];
}

function sourceText({ source }: DriveSpec): string {
  if (source.kind === 'folder') return `folder ${source.folder}`;
  return 'device' in source ? `device ${source.device}` : `udev_id ${source.udevId}`;
}

function planDrives(current: Desired, next: Desired): Effect[] {
  const effects: Effect[] = [];
  for (const old of current.drives) {
    if (next.drives.some(({ name }) => name === old.name)) continue;
    effects.push(effect('drive', 'end', old.name, `Drive ${old.name} (${sourceText(old)}) is no longer watched.`));
  }
  for (const drive of next.drives) {
    const { name } = drive;
    const old = current.drives.find((one) => one.name === name);
    if (old === undefined) {
      const but = drive.suspend ? ', but suspended' : '';
      effects.push(effect('drive', 'begin', name, `Drive ${name} (${sourceText(drive)}) is watched${but}.`));
      continue;
    }
    if (sourceText(old) !== sourceText(drive)) {
      const message = `Drive ${name} is ${sourceText(drive)} instead of ${sourceText(old)}.`;
      effects.push(effect('drive', 'change', name, message));
    }
    if (old.suspend !== drive.suspend) {
      const message = drive.suspend
        ? `Drive ${name} is suspended: nothing new is begun there.`
        : `Drive ${name} goes on.`;
      effects.push(effect('suspend', drive.suspend ? 'begin' : 'end', name, message));
    }
  }
  return effects;
}

/** Functions, such as a compiled glob, say nothing; the text they were made of stands beside them. */
const sameData = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function planRules(current: Desired, next: Desired): Effect[] {
  const effects: Effect[] = [];
  const places = (desired: Desired, others: Desired): string[] =>
    desired.rules.map(({ name }) => name).filter((name) => others.rules.some((one) => one.name === name));
  const [oldOrder, newOrder] = [places(current, next), places(next, current)];
  for (const { name } of current.rules) {
    if (!next.rules.some((one) => one.name === name))
      effects.push(effect('rule', 'end', name, `Rule ${name} is gone.`));
  }
  for (const rule of next.rules) {
    const old = current.rules.find((one) => one.name === rule.name);
    if (old === undefined) {
      effects.push(effect('rule', 'begin', rule.name, `Rule ${rule.name} is new.`));
      continue;
    }
    const parts = [
      sameData(old.match, rule.match) ? null : 'the discs it takes',
      old.action === rule.action && old.onDuplicate === rule.onDuplicate ? null : 'what it does with them',
      sameData(old.settings, rule.settings) ? null : 'how they are imaged',
      old.suspend === rule.suspend ? null : rule.suspend ? 'it is suspended' : 'it is no longer suspended',
      oldOrder.indexOf(rule.name) === newOrder.indexOf(rule.name) ? null : 'its place among the rules',
    ].filter((part) => part !== null);
    if (parts.length > 0) {
      effects.push(effect('rule', 'change', rule.name, `Rule ${rule.name} changes: ${parts.join(', ')}.`));
    }
  }
  return effects;
}

const decidedBy = (rule: Rule | null): string => {
  if (rule === null) return 'the defaults';
  return rule.action === 'ignore' ? `rule ${rule.name}, which ignores it` : `rule ${rule.name}`;
};

const isHeld = (desired: Desired, drive: string): boolean =>
  desired.suspend || desired.drives.some(({ name, suspend }) => name === drive && suspend);

/** Discs that are in a drive now: those that are begun or no longer are, and those another rule would take. */
function planDiscs(current: Desired, next: Desired, seen: PlanSeen): Effect[] {
  const effects: Effect[] = [];
  const insertions = new Map(seen.insertions.map((one) => [`${one.device} ${one.key}`, one]));
  for (const device of seen.devices) {
    if (!next.drives.some(({ name }) => name === device.drive)) continue;
    for (const medium of device.media) {
      const known = insertions.get(`${device.id} ${medium.key}`);
      const name = known?.disc?.label ?? medium.name ?? 'A disc';
      if (known === undefined) {
        const [before, after] = [isHeld(current, device.drive), isHeld(next, device.drive)];
        if (before === after) continue;
        const message = after ? `${name} in ${device.id} waits.` : `${name} in ${device.id} is looked at and taken.`;
        effects.push(effect('disc', after ? 'end' : 'begin', device.id, message));
        continue;
      }
      if (known.disc === null) continue;
      const subject = subjectOf(known.disc, device.drive);
      const [before, after] = [decidingRule(current.rules, subject), decidingRule(next.rules, subject)];
      if (before?.name === after?.name && before?.action === after?.action) continue;
      const message =
        `${name} in ${device.id} would be taken by ${decidedBy(after)} instead of ${decidedBy(before)}; ` +
        'this insertion stays as it was decided.';
      effects.push(effect('disc', 'change', device.id, message));
    }
  }
  return effects;
}

function planNamed<Entry extends { readonly name: string }>(
  kind: 'user' | 'target',
  current: readonly Entry[],
  next: readonly Entry[],
  describe: (entry: Entry) => string,
): Effect[] {
  const word = kind === 'user' ? 'User' : 'Target';
  const gone = current.filter(({ name }) => !next.some((one) => one.name === name));
  return [
    ...gone.map(({ name }) => effect(kind, 'end', name, `${word} ${name} is gone.`)),
    ...next.flatMap((entry) => {
      const old = current.find((one) => one.name === entry.name);
      const text = describe(entry);
      if (old === undefined) return [effect(kind, 'begin', entry.name, `${word} ${entry.name} is new, ${text}.`)];
      if (sameData(old, entry)) return [];
      return [effect(kind, 'change', entry.name, `${word} ${entry.name} changes: ${text}.`)];
    }),
  ];
}

/** What the other effects tell already, in words that say more. */
const toldElsewhere = /^(drives|rules|users|notifications)\b|^(suspend|apiVersion|include)$/;

function planValues(current: readonly EffectiveValue[], next: readonly EffectiveValue[]): Effect[] {
  // a list without entries is as good as none: its entries have keys of their own
  const isTold = ({ key, value }: EffectiveValue): boolean =>
    !toldElsewhere.test(key) && !(Array.isArray(value) && value.length === 0);
  const valuesOf = (values: readonly EffectiveValue[]): Map<string, string> =>
    new Map(values.filter(isTold).map(({ key, value }) => [key, JSON.stringify(value)]));
  const [before, after] = [valuesOf(current), valuesOf(next)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const [old, now] = [before.get(key), after.get(key)];
    if (old === now) return [];
    if (now === undefined) return [effect('value', 'end', key, `${key} is gone; it was ${old}.`)];
    if (old === undefined) return [effect('value', 'begin', key, `${key} is ${now}.`)];
    return [effect('value', 'change', key, `${key} is ${now} instead of ${old}.`)];
  });
}
