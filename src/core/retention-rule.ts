import type { Verdict } from './verdict.js';

/** What the file says about keeping one kind of archive. Every `keep…` is a reason to keep it; without any it stays. */
export interface RetentionRule {
  readonly name: string;
  readonly match: RetentionMatch;
  /** Milliseconds since it was finished. */
  readonly keepFor: number | null;
  /** The newest so many of those this rule decides. */
  readonly keepLast: number | null;
  /** Kept while this much is free; what lies in the trash counts as free. */
  readonly keepUntilFree: FreeSpace | null;
  readonly deletes: DeletionScope;
}

/**
 * `copies`: an image goes only where a better one of the same disc stays. `discs`: the only image of a disc goes too,
 * but never the newest good one of those the rule decides.
 */
export type DeletionScope = 'copies' | 'discs';

export interface RetentionMatch {
  readonly media: readonly string[] | null;
  readonly label: { readonly glob: string; readonly test: (label: string) => boolean } | null;
  readonly tag: readonly string[] | null;
  /** Names of the rules by which images were made. */
  readonly rule: readonly string[] | null;
  readonly drive: readonly string[] | null;
  /** Milliseconds since it was finished, from which the rule applies. */
  readonly minAge: number | null;
  readonly verdict: readonly Verdict['kind'][] | null;
}

export type FreeSpace =
  | { readonly kind: 'percent'; readonly percent: number }
  | { readonly kind: 'bytes'; readonly bytes: number };

export interface TrashSpec {
  /** Milliseconds between the trash and the end. */
  readonly keep: number;
  /** A changed configuration may make so many archives due at once; more wait for a person. */
  readonly approveAbove: number;
}
