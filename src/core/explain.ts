import type { Desired } from './desired.js';
import type { RetentionExplanation } from './explain-retention.js';
import { decidingRule, type Rule, type RuleSubject, whyNot } from './rule.js';

/** Why a rule decided or did not. */
export interface RuleExplanation {
  readonly rule: string;
  readonly decides: boolean;
  /** A sentence. */
  readonly reason: string;
}

/** Each rule of the file in its order, with why it decides for this disc or why it does not. */
export function explainRules(rules: readonly Rule[], subject: RuleSubject): RuleExplanation[] {
  const deciding = decidingRule(rules, subject);
  const place = deciding === null ? rules.length : rules.indexOf(deciding);
  return rules.map((rule, index) => {
    const mismatch = whyNot(rule, subject);
    const { name } = rule;
    if (mismatch !== null) return { rule: name, decides: false, reason: `${mismatch}.` };
    if (index > place)
      return { rule: name, decides: false, reason: `It would fit, but ${deciding?.name} comes before it.` };
    const suspended = rule.suspend ? ' It is suspended.' : '';
    return { rule: name, decides: true, reason: `It is the first that fits.${suspended}` };
  });
}

/** What `suspend` keeps from being done: about a disc or a job that may begin, or about an image that is there. */
export function explainHolds(
  { suspend, drives, rules }: Pick<Desired, 'suspend' | 'drives' | 'rules'>,
  about: { readonly drive: string; readonly rule: string | null; readonly isArchive: boolean },
): string[] {
  const holds: string[] = [];
  const { drive, rule, isArchive } = about;
  if (suspend) {
    const rests = isArchive ? 'it gets no checksums, is not read again and not deleted' : 'nothing new is begun';
    holds.push(`The station is suspended: ${rests}.`);
  }
  if (!isArchive && drives.some((one) => one.name === drive && one.suspend)) {
    holds.push(`Drive ${drive} is suspended: nothing new is begun there.`);
  }
  if (rule !== null && rules.some((one) => one.name === rule && one.suspend)) {
    holds.push(`Rule ${rule} is suspended: ${isArchive ? 'it adds no checksums' : 'no job of it starts'}.`);
  }
  return holds;
}

/** What was decided of a disc or an image, and what the file as it is now says of it. */
export interface Explanation {
  readonly kind: 'disc' | 'job' | 'archive';
  /** Device, job or archive id. */
  readonly id: string;
  readonly label: string | null;
  /** How it was decided at the time; null where it has not been. */
  readonly decided: { readonly rule: string | null; readonly generation: number; readonly outcome: string } | null;
  readonly subject: RuleSubject;
  /** The rule that decides by the file in force; null for the defaults alone. */
  readonly rule: string | null;
  readonly action: Rule['action'];
  readonly rules: readonly RuleExplanation[];
  /** What is suspended of what would be done with it, a sentence each. */
  readonly holds: readonly string[];
  /** Null for what is no archive. */
  readonly retention: RetentionExplanation | null;
}
