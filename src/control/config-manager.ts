import type { ConditionDraft } from '../core/condition.js';
import type { ConfigHistory, Generation } from '../core/config-history.js';
import type { ConfigOutcome } from '../core/config-outcome.js';
import type { ConfigProblem } from '../core/config-problem.js';
import type { ConfigSnapshot } from '../core/config-snapshot.js';
import type { AppliedConfig, Desired } from '../core/desired.js';
import type { DomainEvent } from '../core/event.js';
import { Fault } from '../core/fault.js';
import type { Clock, Log } from '../core/ports.js';

/** What the parser of the config group answers, as far as it matters here. */
export type Parsed =
  | { readonly ok: true; readonly desired: Desired; readonly warnings: readonly ConfigProblem[] }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

export interface ConfigManagerPorts {
  readonly parse: (snapshot: ConfigSnapshot) => Parsed;
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
  /**
   * Takes what was read; one after another. Never throws for what is in the file. `again`: a person asks, so that a
   * file that was refused is tried anew (the port it wants may be free by now).
   */
  offer(snapshot: ConfigSnapshot, options?: { readonly again?: boolean }): Promise<ConfigOutcome>;
}

/** Starts from a snapshot that has been parsed already; its generation is that of the last run where nothing changed. */
export async function createConfigManager(
  ports: ConfigManagerPorts,
  first: ConfigSnapshot,
  parsed: Extract<Parsed, { ok: true }>,
): Promise<ConfigManager> {
  const [last] = await ports.history.list();
  let current: AppliedConfig = await enter(first, parsed.desired, last ?? null);
  let applied = first.fingerprint;
  let attempted = first.fingerprint;
  let problems: readonly ConfigProblem[] = [];
  let warnings = parsed.warnings;
  let turn: Promise<unknown> = Promise.resolve();

  async function enter(
    snapshot: ConfigSnapshot,
    desired: Desired,
    before: Pick<Generation, 'generation' | 'hash' | 'appliedAt'> | null,
  ) {
    const { hash } = snapshot;
    if (before?.hash === hash) return { generation: before.generation, hash, appliedAt: before.appliedAt, desired };
    const next = { generation: (before?.generation ?? 0) + 1, hash, appliedAt: ports.clock.now() };
    await ports.history.append({ ...next, snapshot: { path: snapshot.path, hash, files: texts(snapshot) } });
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
    const lines = found.filter((one) => one.severity === 'error').map(ports.summarise);
    await ports.record({ type: 'config_rejected', hash: snapshot.hash, problems: lines });
    ports.onApplied();
    return outcome('rejected', snapshot);
  }

  async function attempt(snapshot: ConfigSnapshot, again: boolean): Promise<ConfigOutcome> {
    if (snapshot.fingerprint === attempted && !(again && problems.length > 0)) {
      return outcome(problems.length > 0 ? 'rejected' : 'unchanged', snapshot);
    }
    attempted = snapshot.fingerprint;
    const answer = ports.parse(snapshot);
    if (!answer.ok) return reject(snapshot, answer.problems);
    warnings = answer.warnings;
    if (snapshot.fingerprint === applied) {
      // The bad edit was taken back: what is in force is what the file says again.
      problems = [];
      ports.log.info({ generation: current.generation }, 'the configuration is as it was; nothing to apply');
      ports.onApplied();
      return outcome('unchanged', snapshot);
    }
    try {
      refuseMoves(current.desired, answer.desired);
      await ports.prepare(answer.desired);
      current = await enter(snapshot, answer.desired, current);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return reject(snapshot, [wholeFile(snapshot, error)]);
    }
    applied = snapshot.fingerprint;
    problems = [];
    ports.onApplied();
    await ports.settled();
    await ports.record({ type: 'config_applied', generation: current.generation, hash: current.hash });
    return outcome('applied', snapshot);
  }

  return {
    current: () => current,
    problems: () => problems,
    warnings: () => warnings,
    condition() {
      const [problem] = problems.filter((one) => one.severity === 'error');
      const [warning] = warnings;
      if (problem !== undefined) {
        const message = `The file was not applied; generation ${current.generation} stays in force. ${ports.summarise(problem)}`;
        return { subject: 'config', type: 'Ready', status: false, reason: 'config_invalid', message };
      }
      const message =
        warning === undefined ? `Generation ${current.generation} is in force.` : ports.summarise(warning);
      return { subject: 'config', type: 'Ready', status: true, reason: 'ok', message };
    },
    offer(snapshot, { again = false } = {}) {
      const mine = turn.then(() => attempt(snapshot, again));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}

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
