import { dirname, isAbsolute, join, normalize, relative } from 'node:path';
import type { GenerationFile } from '../core/config-history.js';
import type { ConfigPlan, PlannedFile } from '../core/config-plan.js';
import type { ConfigProblem } from '../core/config-problem.js';
import type { ConfigSnapshot } from '../core/config-snapshot.js';
import type { AppliedConfig, Desired } from '../core/desired.js';
import { Fault } from '../core/fault.js';
import { maskLine } from '../core/mask-secrets.js';
import { type ArchiveEffects, waitingDeletions } from '../core/plan-archives.js';
import { type PlanSeen, planEffects } from '../core/plan-effects.js';
import { editDiff, unifiedDiff } from '../core/text-diff.js';
import type { ConfigManager } from './config-manager.js';

export interface PlannerPorts {
  readonly manager: Pick<ConfigManager, 'current' | 'effective' | 'judge' | 'inForce'>;
  /** The file on disk with all its parts. */
  readonly load: () => Promise<ConfigSnapshot>;
  /** Texts in place of files, with the secrets of the machine. */
  readonly compose: (path: string, files: readonly GenerationFile[]) => Promise<ConfigSnapshot>;
  /** The snapshot with some values set, by key. Throws Fault bad_request, config_invalid. */
  readonly edit: (snapshot: ConfigSnapshot, values: Readonly<Record<string, unknown>>) => Promise<ConfigSnapshot>;
  readonly seen: () => PlanSeen;
  /** What a configuration means for the archives; null where the catalog cannot be asked. */
  readonly preview: (desired: Desired) => Promise<ArchiveEffects | null>;
}

/** Says what another file would do. Nothing is changed by asking. */
export function createConfigPlanner(ports: PlannerPorts) {
  const { manager } = ports;

  /** `files`: the main one first; null for what is on disk. Throws Fault bad_request for a name that leads elsewhere. */
  async function plan(files: readonly PlannedFile[] | null): Promise<ConfigPlan> {
    const main = manager.inForce().path;
    if (files === null) return planOf(await ports.load(), manager.current());
    const placed = place(main, files);
    const plan = await planOf(await ports.compose(main, placed), manager.current());
    return { ...plan, problems: plan.problems.map((problem) => nameAsSent(problem, placed, files)) };
  }

  /** What setting these values in the file on disk would do; its diff is of that file, ready to be committed. */
  async function propose(values: Readonly<Record<string, unknown>>): Promise<ConfigPlan> {
    const before = await ports.load();
    const after = await ports.edit(before, values);
    return { ...(await planOf(after, manager.current())), diff: editDiff(textsOf(before), textsOf(after)) };
  }

  async function planOf(snapshot: ConfigSnapshot, current: AppliedConfig): Promise<ConfigPlan> {
    const { hash } = snapshot;
    const judged = manager.judge(snapshot);
    const diff = unifiedDiff(textsOf(manager.inForce()), textsOf(snapshot));
    if (!judged.ok) return { kind: 'invalid', hash, problems: judged.problems, effects: [], waiting: null, diff };
    const { desired, effective, warnings } = judged;
    const [before, after] = [await ports.preview(current.desired), await ports.preview(desired)];
    const seen = ports.seen();
    const now = { desired: current.desired, effective: manager.effective(), archives: before };
    const next = { desired, effective, archives: after };
    const effects = planEffects(now, next, seen);
    const waiting = waitingDeletions(now, next, seen.deletions, current.generation);
    const isKnown = before !== null && after !== null;
    const problems = isKnown ? warnings : [...warnings, unknownArchives(snapshot)];
    const kind = effects.length === 0 && isKnown ? 'unchanged' : 'changes';
    return { kind, hash, problems, effects, waiting, diff };
  }

  return { plan, propose };
}

function unknownArchives({ path }: ConfigSnapshot): ConfigProblem {
  const message =
    'What becomes of the archived images cannot be said, deletions included: the catalog or the library cannot be used now; see `disk2iso status`.';
  const place = { file: path, line: 1, column: 1, path: '', excerpt: null };
  return { severity: 'warning', code: 'archives_unknown', message, ...place };
}

function place(main: string, files: readonly PlannedFile[]): GenerationFile[] {
  return files.map(({ name, text }, index) => {
    const path = normalize(name);
    if (isAbsolute(path) || path.startsWith('..')) {
      const message = `The file name ${JSON.stringify(name.slice(0, 100))} must count from the folder of the configuration.`;
      throw new Fault('bad_request', message);
    }
    return index === 0
      ? { role: 'main', path: main, text }
      : { role: 'include', path: join(dirname(main), path), text };
  });
}

/** Whoever sent a file knows it by another name than the one it would have here. */
function nameAsSent(
  problem: ConfigProblem,
  placed: readonly GenerationFile[],
  files: readonly PlannedFile[],
): ConfigProblem {
  const named = (path: string): string => files[placed.findIndex((one) => one.path === path)]?.name ?? path;
  const message = placed.reduce(
    (text, { path }) => text.replaceAll(JSON.stringify(path), () => JSON.stringify(named(path))),
    problem.message,
  );
  return { ...problem, file: named(problem.file), message };
}

/** By name, masked: this is for everyone to see. */
function textsOf({ path, files }: ConfigSnapshot): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { role, path: file, content } of files) {
    if (role === 'secret' || content.kind !== 'bytes') continue;
    const lines = Buffer.from(content.bytes).toString('utf8').split('\n');
    texts.set(relative(dirname(path), file), lines.map(maskLine).join('\n'));
  }
  return texts;
}
