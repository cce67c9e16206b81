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
}

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

/** What the file holds that a `*_file` key names; null with a problem where it cannot be had. */
export function resolveSecret(on: Resolution, path: Path, reference: string): string | null {
  const found = resolveSecretPath(reference, dirname(on.snapshot.path), on.environment);
  if ('reason' in found) {
    error(on, path, { code: 'secret', message: found.reason });
    return null;
  }
  const file = on.snapshot.files.find((one) => one.role === 'secret' && one.path === found.path);
  const secret = parseSecret(file);
  if (!secret.ok) {
    error(on, path, { code: 'secret', message: `The secret cannot be had. ${secret.reason}` });
    return null;
  }
  if (secret.warning !== null) warn(on, path, { code: 'secret', message: secret.warning });
  return secret.value;
}
