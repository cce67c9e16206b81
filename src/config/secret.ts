import { basename, join, resolve } from 'node:path';
import type { SnapshotFile } from '../core/config-snapshot.js';

/** What the parser may know of the process it runs in. */
export interface ConfigEnvironment {
  /** systemd's $CREDENTIALS_DIRECTORY, or null. */
  readonly credentialsFolder: string | null;
}

const credentialPrefix = 'credential:';

/** Where the value of a `*_file` key leads; `reason` where it leads nowhere. */
export function resolveSecretPath(
  reference: string,
  baseFolder: string,
  environment: ConfigEnvironment,
): { readonly path: string } | { readonly reason: string } {
  if (!reference.startsWith(credentialPrefix)) return { path: resolve(baseFolder, reference) };
  const name = reference.slice(credentialPrefix.length);
  if (name === '' || name !== basename(name) || name === '.' || name === '..') {
    return { reason: 'A credential is named by letters, digits, dots, dashes and underscores alone.' };
  }
  if (environment.credentialsFolder === null) {
    return {
      reason: `There are no credentials: $CREDENTIALS_DIRECTORY is not set. Run under systemd with LoadCredential=${name}:…, or name a file.`,
    };
  }
  return { path: join(environment.credentialsFolder, name) };
}

export type Secret =
  | { readonly ok: true; readonly value: string; readonly warning: string | null }
  | { readonly ok: false; readonly reason: string };

const mostBytes = 4096;

/** The text in a secret's file without the line end that editors add. Messages never hold any of it. */
export function parseSecret(file: SnapshotFile | undefined): Secret {
  if (file === undefined) return { ok: false, reason: 'Its file was not read; load the configuration again.' };
  if (file.content.kind !== 'bytes') return { ok: false, reason: file.content.reason };
  const { bytes, worldReadable } = file.content;
  if (bytes.length > mostBytes) return { ok: false, reason: `Its file holds more than ${mostBytes} bytes.` };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { ok: false, reason: 'Its file is not UTF-8 text.' };
  }
  const value = text.replace(/(\r?\n)+$/, '');
  if (value === '') return { ok: false, reason: 'Its file is empty.' };
  if (/\p{Cc}/u.test(value)) return { ok: false, reason: 'Its file holds more than one line, or control characters.' };
  const warning = worldReadable
    ? `Everyone on this machine may read it; run chmod o= ${JSON.stringify(file.path)}.`
    : null;
  return { ok: true, value, warning };
}
