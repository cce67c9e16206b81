import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { parseConfig } from '../../src/config/parse-config.js';
import type { ConfigProblem } from '../../src/core/config-problem.js';
import type { ConfigSnapshot, SnapshotFile } from '../../src/core/config-snapshot.js';
import type { Desired } from '../../src/core/desired.js';
import type { ParsedConfig } from '../../src/core/parsed-config.js';

/** Where the samples pretend to stand. */
export const folder = '/etc/disk2iso';

/** The least that is a configuration. */
export const least = `apiVersion: disk2iso/v1
storage: {library: ./library, state: ./state}
drives: [{name: upper, device: /dev/sr0}]
`;

export interface Beside {
  /** Contents by path. */
  readonly includes?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
}

const bytesOf = (role: SnapshotFile['role'], path: string, data: string | Uint8Array): SnapshotFile => ({
  role,
  path: resolve(folder, path),
  content: { kind: 'bytes', bytes: typeof data === 'string' ? Buffer.from(data) : data, worldReadable: false },
});

export function snapshotOf(main: string | Uint8Array, { includes = {}, secrets = {} }: Beside = {}): ConfigSnapshot {
  const files = [
    bytesOf('main', 'config.yaml', main),
    ...Object.entries(includes).map(([path, text]) => bytesOf('include', path, text)),
    ...Object.entries(secrets).map(([path, text]) => bytesOf('secret', path, text)),
  ];
  const hash = createHash('sha256').update(main).digest('hex');
  return { path: `${folder}/config.yaml`, files, folders: [], hash, fingerprint: hash, staleMount: false };
}

export const parse = (main: string | Uint8Array, beside?: Beside): ParsedConfig =>
  parseConfig(snapshotOf(main, beside), { credentialsFolder: '/run/credentials' });

/** What a text comes to; throws with its problems where it is not valid. */
export function desiredOf(main: string, beside?: Beside): Desired {
  const parsed = parse(main, beside);
  if (!parsed.ok) throw new Error(parsed.problems.map((one) => `${one.line}:${one.column} ${one.message}`).join('\n'));
  return parsed.desired;
}

export function problemsOf(main: string | Uint8Array, beside?: Beside): readonly ConfigProblem[] {
  const parsed = parse(main, beside);
  return parsed.ok ? parsed.warnings : parsed.problems;
}
