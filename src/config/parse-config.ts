import type { ConfigSnapshot } from '../core/config-snapshot.js';
import type { Desired } from '../core/desired.js';
import type { EffectiveValue } from '../core/effective-value.js';
import type { ParsedConfig } from '../core/parsed-config.js';
import { checkDrives } from './check-drives.js';
import { checkInclude } from './check-include.js';
import { checkNames } from './check-names.js';
import { checkRetention } from './check-retention.js';
import { checkRules } from './check-rules.js';
import { checkStorage } from './check-storage.js';
import { checkTemplates } from './check-template.js';
import type { ConfigFile } from './config-file.gen.js';
import type { MapNode, Path } from './config-tree.js';
import { effectiveConfig } from './effective-config.js';
import { leaveOut } from './leave-out.js';
import { mergeTrees } from './merge-trees.js';
import { acceptOlder } from './older-form.js';
import { parseFiles } from './parse-files.js';
import { createProblemList, type ProblemList } from './problem-list.js';
import type { LackingSecrets, Resolution } from './resolution.js';
import { resolveDesired } from './resolve-desired.js';
import { fillDefaults } from './schema-walk.js';
import type { ConfigEnvironment } from './secret.js';
import { validateTree } from './validate-tree.js';

export function parseConfig(
  snapshot: ConfigSnapshot,
  environment: ConfigEnvironment,
  lackingSecrets: LackingSecrets = 'refuse',
): ParsedConfig {
  const texts = new Map<string, string>();
  const problems = createProblemList(texts);
  const trees = parseFiles(snapshot, texts, problems);
  const [main, ...included] = trees;
  if (main == null || included.includes(null)) return { ok: false, problems: problems.all() };
  const [first = main, ...rest] = acceptOlder([main, ...(included as MapNode[])], problems);
  const root = mergeTrees(first, rest, problems);
  const validated = validateTree(root, problems);
  const on = { root, snapshot, environment, problems, lackingSecrets };
  if (!validated.ok) {
    if (validated.culprits !== null) checkTheRest(on, validated.culprits);
    return { ok: false, problems: problems.all() };
  }
  const config = fillDefaults(validated.value) as ConfigFile;
  const parsed = resolveAndCheck({ ...on, config });
  warnOfMount(snapshot, problems);
  if (problems.hasErrors()) return { ok: false, problems: problems.all() };
  return { ok: true, ...parsed, warnings: problems.all() };
}

/** A mistake does not keep the rest from being looked at: all problems are wanted at once. */
function checkTheRest(on: Omit<Resolution, 'config'>, culprits: readonly Path[]): void {
  const remains = leaveOut(on.root, culprits, on.problems);
  if (remains === null) return;
  const { root, value, problems } = remains;
  resolveAndCheck({ ...on, root, problems, config: fillDefaults(value) as ConfigFile });
}

function resolveAndCheck(on: Resolution): { desired: Desired; effective: EffectiveValue[] } {
  const desired = resolveDesired(on);
  checkInclude(on);
  checkNames(on);
  checkStorage(on, desired);
  checkDrives(on, desired);
  checkTemplates(on);
  checkRules(on, desired);
  checkRetention(on, desired);
  return { desired, effective: effectiveConfig(on, desired) };
}

function warnOfMount(snapshot: ConfigSnapshot, problems: ProblemList): void {
  if (!snapshot.staleMount) return;
  problems.at({ file: snapshot.path, line: 1, column: 1 }, [], {
    severity: 'warning',
    code: 'stale_mount',
    message:
      'The file is bind-mounted by itself and was replaced outside: changes no longer arrive. Mount its folder instead, then restart.',
  });
}
