import type { Verdict } from './verdict.js';

/** What the file says about keeping archives. Parsed and shown today; nothing is deleted yet. */
export interface RetentionRule {
  readonly name: string;
  readonly match: {
    readonly media: readonly string[] | null;
    readonly label: string | null;
    readonly verdict: readonly Verdict['kind'][] | null;
  };
  /** Milliseconds. */
  readonly keepFor: number | null;
  readonly keepLast: number | null;
}
