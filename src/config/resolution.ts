import { dirname, resolve } from 'node:path';
import type { ConfigSnapshot } from '../core/config-snapshot.js';
import type { ConfigFile } from './config-file.gen.js';
import type { ConfigNode, Path } from './config-tree.js';
import type { Finding, ProblemList } from './problem-list.js';
import { type ConfigEnvironment, parseSecret, resolveSecretPath } from './secret.js';

/** What the steps after the schema work on: a valid file with its defaults, and where each value stands. */
export interface Resolution {
  readonly config: ConfigFile;
  readonly root: ConfigNode;
  readonly snapshot: ConfigSnapshot;
  readonly environment: ConfigEnvironment;
  readonly problems: ProblemList;
  readonly lackingSecrets: LackingSecrets;
}

/**
 * What a secret that cannot be had does: `refuse` the file, or `degrade` what needs the secret. A station that starts
 * does not stay down for a password of one target.
 */
export type LackingSecrets = 'refuse' | 'degrade';

export function error(on: Resolution, path: Path, finding: Finding): void {
  on.problems.atValue(on.root, path, finding);
}

export function warn(on: Resolution, path: Path, finding: Finding): void {
  on.problems.atValue(on.root, path, { severity: 'warning', ...finding });
}

/** Absolute, counted from the folder of the main file. */
export function resolvePath(on: Resolution, path: Path, text: string): string {
  if (/^~(\/|$)/.test(text)) {
    error(on, path, {
      code: 'not_allowed',
      message: 'The shorthand ~ is not known here; write the folder out.',
      expected: 'a path such as /home/me/discs, or one relative to the configuration file',
    });
  }
  return resolve(dirname(on.snapshot.path), text);
}

/** What the file holds that a `*_file` key names; the reason where it cannot be had, which is a problem too. */
export function resolveSecret(
  on: Resolution,
  path: Path,
  reference: string,
): { readonly value: string } | { readonly lack: string } {
  const found = resolveSecretPath(reference, dirname(on.snapshot.path), on.environment);
  const lack = (message: string): { readonly lack: string } => {
    (on.lackingSecrets === 'refuse' ? error : warn)(on, path, { code: 'secret', message });
    return { lack: message };
  };
  if ('reason' in found) return lack(found.reason);
  const file = on.snapshot.files.find((one) => one.role === 'secret' && one.path === found.path);
  const secret = parseSecret(file);
  if (!secret.ok) return lack(`The secret cannot be had. ${secret.reason}`);
  if (secret.warning !== null) warn(on, path, { code: 'secret', message: secret.warning });
  return { value: secret.value };
}
