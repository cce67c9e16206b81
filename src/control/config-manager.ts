import type { ConditionDraft } from '../core/condition.js';
import type { ConfigHistory, Generation, GenerationChange } from '../core/config-history.js';
import type { ConfigAttempt, ConfigOutcome } from '../core/config-outcome.js';
import type { ConfigProblem } from '../core/config-problem.js';
import type { ConfigSnapshot } from '../core/config-snapshot.js';
import type { AppliedConfig, Desired } from '../core/desired.js';
import type { EffectiveValue } from '../core/effective-value.js';
import type { DomainEvent } from '../core/event.js';
import { Fault } from '../core/fault.js';
import type { ParsedConfig } from '../core/parsed-config.js';
import type { Clock, Log } from '../core/ports.js';
import { retryDelay } from '../core/retry.js';
import { configChanges } from './config-changes.js';

export interface ConfigManagerPorts {
  /** `degrade`: a secret that cannot be had leaves its target lacking, and the file is valid all the same. */
  readonly parse: (snapshot: ConfigSnapshot, lackingSecrets: 'refuse' | 'degrade') => ParsedConfig;
  readonly summarise: (problem: ConfigProblem) => string;
  readonly history: ConfigHistory;
  readonly clock: Clock;
  readonly log: Log;
  /** Brings everything that can still refuse (a port in use) in line, or throws a Fault and leaves all as it was. */
  readonly prepare: (next: Desired) => Promise<void>;
  readonly record: (event: DomainEvent) => Promise<void>;
  /** Called once a configuration is in force, and whenever what is said of the file has changed. */
  readonly onApplied: () => void;
  /** Settles when a whole pass has ended under the configuration in force. */
  readonly settled: () => Promise<void>;
}

/** The file as last attempted and as in force. A bad file changes nothing but what is said of it. */
export interface ConfigManager {
  current(): AppliedConfig;
  problems(): readonly ConfigProblem[];
  warnings(): readonly ConfigProblem[];
  condition(): ConditionDraft;
  /** Whether a configuration is being applied right now. */
  isApplying(): boolean;
  attempt(): ConfigAttempt;
  /** The files in force. */
  inForce(): ConfigSnapshot;
  /** What would become of a file, without trying it. */
  judge(snapshot: ConfigSnapshot): ParsedConfig;
  effective(): readonly EffectiveValue[];
  history(): Promise<GenerationChange[]>;
  /** Tells what the start found; called once the events can be written down. */
  announce(): Promise<void>;
  /**
   * Takes what was read; one after another. Never throws for what is in the file. `again`: a person asks, so that a
   * file that was refused is tried anew (the port it wants may be free by now).
   */
  offer(snapshot: ConfigSnapshot, options?: { readonly again?: boolean }): Promise<ConfigOutcome>;
  /** Tries a valid file again that something else stood in the way of (a port in use, a full disk), where it is time. */
  retry(): Promise<void>;
}

const backoff = { firstMs: 5_000, mostMs: 60_000 };

/** A valid file that was refused all the same; `dueAt` in milliseconds of the monotonic clock. */
interface Hindered {
  readonly snapshot: ConfigSnapshot;
  readonly attempts: number;
  readonly dueAt: number;
}

/** What a daemon starts with. */
export interface ConfigStart {
  readonly snapshot: ConfigSnapshot;
  readonly parsed: Extract<ParsedConfig, { ok: true }>;
  /** Where the file itself is refused: what is wrong with it, and the earlier generation that `snapshot` is. */
  readonly refused: {
    readonly snapshot: ConfigSnapshot;
    readonly problems: readonly ConfigProblem[];
    readonly inForce: Generation;
  } | null;
}

/** Starts from a snapshot that has been parsed already; its generation is that of the last run where nothing changed. */
export async function createConfigManager(ports: ConfigManagerPorts, start: ConfigStart): Promise<ConfigManager> {
  const { snapshot: first, parsed, refused } = start;
  const [last] = await ports.history.list();
  const before = refused?.inForce ?? last ?? null;
  let newest = last?.generation ?? 0;
  let current = await enter(first, parsed.desired, before);
  const isNew = current.generation !== before?.generation;
  let inForce = first;
  let attempted = (refused?.snapshot ?? first).fingerprint;
  let attempt: ConfigAttempt = { ...current, at: ports.clock.now() };
  let problems: readonly ConfigProblem[] = refused?.problems ?? [];
  let { warnings, effective } = parsed;
  let applying = false;
  let hindered: Hindered | null = null;
  if (refused !== null) attempt = { generation: newest + 1, hash: refused.snapshot.hash, at: ports.clock.now() };
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const mine = turn.then(task);
    turn = mine.catch(() => undefined); // The caller has the error; the next one gets its turn.
    return mine;
  }

  async function enter(
    snapshot: ConfigSnapshot,
    desired: Desired,
    before: Pick<Generation, 'generation' | 'hash' | 'appliedAt'> | null,
  ): Promise<Omit<AppliedConfig, 'degraded'>> {
    const { hash } = snapshot;
    if (before?.hash === hash) return { generation: before.generation, hash, appliedAt: before.appliedAt, desired };
    const next = { generation: newest + 1, hash, appliedAt: ports.clock.now() };
    await ports.history.append({ ...next, snapshot: { path: snapshot.path, hash, files: texts(snapshot) } });
    newest = next.generation;
    return { ...next, desired };
  }

  const outcome = (kind: ConfigOutcome['kind'], { hash }: ConfigSnapshot): ConfigOutcome => ({
    kind,
    generation: current.generation,
    hash,
    problems: kind === 'rejected' ? problems : warnings,
  });

  async function reject(snapshot: ConfigSnapshot, found: readonly ConfigProblem[]): Promise<ConfigOutcome> {
    problems = found;
    await tellRefusal(snapshot.hash);
    ports.onApplied();
    return outcome('rejected', snapshot);
  }

  /** A secret that lacks already, since the start, refuses no other change; one that would be lost does. */
  function parse(snapshot: ConfigSnapshot): ParsedConfig {
    const strict = ports.parse(snapshot, 'refuse');
    const known = lacking(current.desired);
    if (strict.ok || known.length === 0) return strict;
    const lenient = ports.parse(snapshot, 'degrade');
    return lenient.ok && lacking(lenient.desired).every((name) => known.includes(name)) ? lenient : strict;
  }

  function judge(snapshot: ConfigSnapshot): ParsedConfig {
    const answer = parse(snapshot);
    if (!answer.ok) return answer;
    try {
      refuseMoves(current.desired, answer.desired);
      return answer;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { ok: false, problems: [wholeFile(snapshot, error), ...answer.warnings] };
    }
  }

  function logWarnings(): void {
    for (const problem of warnings) ports.log.warn({ problem }, ports.summarise(problem));
  }

  function tellRefusal(hash: string): Promise<void> {
    const lines = problems.filter((one) => one.severity === 'error').map(ports.summarise);
    return ports.record({ type: 'config_rejected', hash, problems: lines, details: problems });
  }

  /** What was prepared for a file that is refused after all. */
  async function takeBack(): Promise<void> {
    try {
      await ports.prepare(current.desired);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      ports.log.warn({ code: error.code }, `not all is as it was before the file was refused: ${error.message}`);
    }
  }

  async function hinder(snapshot: ConfigSnapshot, fault: Fault, attempts: number): Promise<ConfigOutcome> {
    await takeBack();
    hindered = { snapshot, attempts, dueAt: ports.clock.monotonic() + retryDelay(backoff, attempts) };
    const problem = wholeFile(snapshot, fault);
    // once is enough to tell
    if (attempts > 1 && problems[0]?.message === problem.message) return outcome('rejected', snapshot);
    return reject(snapshot, [problem]);
  }

  async function tryOut(snapshot: ConfigSnapshot, again: boolean, attempts = 1): Promise<ConfigOutcome> {
    if (snapshot.fingerprint === attempted && !(again && problems.length > 0)) {
      return outcome(problems.length > 0 ? 'rejected' : 'unchanged', snapshot);
    }
    hindered = null;
    attempted = snapshot.fingerprint;
    attempt = { generation: newest + 1, hash: snapshot.hash, at: ports.clock.now() };
    const answer = judge(snapshot);
    if (!answer.ok) return reject(snapshot, answer.problems);
    if (snapshot.fingerprint === inForce.fingerprint) {
      // The bad edit was taken back: what is in force is what the file says again.
      await takeBack();
      problems = [];
      warnings = answer.warnings;
      attempt = { ...attempt, generation: current.generation };
      ports.log.info({ generation: current.generation }, 'the configuration is as it was; nothing to apply');
      ports.onApplied();
      return outcome('unchanged', snapshot);
    }
    try {
      await ports.prepare(answer.desired);
      current = await enter(snapshot, answer.desired, current);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return hinder(snapshot, error, attempts);
    }
    inForce = snapshot;
    problems = [];
    ({ warnings, effective } = answer);
    attempt = { ...attempt, generation: current.generation };
    applying = true;
    logWarnings();
    ports.onApplied();
    await ports.settled();
    applying = false;
    ports.onApplied();
    await ports.record({ type: 'config_applied', generation: current.generation, hash: current.hash });
    return outcome('applied', snapshot);
  }

  return {
    current: () => ({ ...current, degraded: problems.length > 0 }),
    problems: () => problems,
    warnings: () => warnings,
    isApplying: () => applying,
    attempt: () => attempt,
    inForce: () => inForce,
    judge,
    effective: () => effective,
    history: async () => configChanges(await ports.history.list(), current.generation),
    async announce() {
      logWarnings();
      if (refused !== null) await tellRefusal(refused.snapshot.hash);
      else if (isNew) {
        await ports.settled();
        await ports.record({ type: 'config_applied', generation: current.generation, hash: current.hash });
      }
    },
    condition() {
      const [problem] = problems.filter((one) => one.severity === 'error');
      const [warning] = warnings;
      if (problem !== undefined) {
        const again = hindered === null ? '' : ' It is tried again by itself.';
        const message = `The file was not applied; generation ${current.generation} stays in force. ${ports.summarise(problem)}${again}`;
        const reason = problem.code === 'unreadable' ? 'config_unreadable' : 'config_invalid';
        return { subject: 'config', type: 'Ready', status: false, reason, message };
      }
      const message =
        warning === undefined ? `Generation ${current.generation} is in force.` : ports.summarise(warning);
      return { subject: 'config', type: 'Ready', status: true, reason: 'ok', message };
    },
    offer: (snapshot, { again = false } = {}) => inTurn(() => tryOut(snapshot, again)),
    retry: () =>
      inTurn(async () => {
        if (hindered === null || ports.clock.monotonic() < hindered.dueAt) return;
        await tryOut(hindered.snapshot, true, hindered.attempts + 1);
      }),
  };
}

const lacking = ({ notifications }: Desired): string[] =>
  notifications.filter(({ kind }) => kind === 'lacking').map(({ name }) => name);

/** Where the catalog, its images and the socket are cannot change under a running daemon. */
function refuseMoves(now: Desired, next: Desired): void {
  const moves = [
    ['storage.library', now.storage.library, next.storage.library],
    ['storage.state', now.storage.state, next.storage.state],
    ['api.socket', now.api.socket, next.api.socket],
  ] as const;
  for (const [key, from, to] of moves) {
    if (from === to) continue;
    const message = `${key} cannot move from ${from} to ${to} while the daemon runs: stop it, move the folder, start it again.`;
    throw new Fault('config_invalid', message);
  }
}

function wholeFile(snapshot: ConfigSnapshot, fault: Fault): ConfigProblem {
  const { message } = fault;
  return {
    severity: 'error',
    code: 'not_allowed',
    file: snapshot.path,
    line: 1,
    column: 1,
    path: '',
    message,
    excerpt: null,
  };
}

function texts(snapshot: ConfigSnapshot): Generation['snapshot']['files'] {
  const files: { role: 'main' | 'include'; path: string; text: string }[] = [];
  for (const { role, path, content } of snapshot.files) {
    if (role === 'secret' || content.kind !== 'bytes') continue;
    files.push({ role, path, text: Buffer.from(content.bytes).toString('utf8') });
  }
  return files;
}
