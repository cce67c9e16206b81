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
    const suspended = rule.suspend ? ' It is suspended, so no job of it starts.' : '';
    return { rule: name, decides: true, reason: `It is the first that fits.${suspended}` };
  });
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
  /** Null for what is no archive. */
  readonly retention: RetentionExplanation | null;
}
