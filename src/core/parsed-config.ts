import type { ConfigProblem } from './config-problem.js';
import type { Desired } from './desired.js';
import type { EffectiveValue } from './effective-value.js';

/** What a configuration says, or everything that is wrong with it. */
export type ParsedConfig =
  | {
      readonly ok: true;
      readonly desired: Desired;
      readonly effective: readonly EffectiveValue[];
      readonly warnings: readonly ConfigProblem[];
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };
