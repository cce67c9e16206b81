import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Generation } from '../core/config-history.js';
import type { ConfigSnapshot, SnapshotFile, SnapshotFolder } from '../core/config-snapshot.js';
import { findReferences, type References } from './find-references.js';
import { explain, quotePath, readBounded } from './read-bounded.js';
import { type ConfigEnvironment, resolveSecretPath } from './secret.js';

const mostConfigBytes = 1024 * 1024;
const mostSecretBytes = 64 * 1024;
const mostIncluded = 100;

export interface ConfigLoader {
  /** Reads everything anew. What cannot be read is part of the snapshot; nothing is thrown. */
  load(): Promise<ConfigSnapshot>;
}

type Texts = ReadonlyMap<string, string>;

/** One load, for commands that need no more. `texts`: see `createConfigLoader`. */
export const loadConfig = (path: string, environment: ConfigEnvironment, texts?: Texts): Promise<ConfigSnapshot> =>
  createConfigLoader(path, environment, texts).load();

/**
 * @param path main file; relative ones count from the working directory
 * @param texts by absolute path, taken for what those files hold
 */
export function createConfigLoader(
  path: string,
  environment: ConfigEnvironment,
  texts: Texts = new Map(),
): ConfigLoader {
  const main = resolve(path);
  const base = dirname(main);
  // the loader is asked every other second: a file is looked into again only where its bytes have changed
  let known = new Map<string, References>();

  async function read(file: string): Promise<SnapshotFile['content']> {
    const text = texts.get(file);
    return text === undefined ? readBounded(file, mostConfigBytes) : contentOf(text);
  }

  async function load(): Promise<ConfigSnapshot> {
    const seen = new Map<string, References>();
    const references = (file: SnapshotFile): References => {
      if (file.content.kind !== 'bytes') return { include: [], secrets: [] };
      const sum = sha256(file.content.bytes);
      const found = known.get(sum) ?? findReferences(file.content.bytes);
      seen.set(sum, found);
      return found;
    };
    const first: SnapshotFile = { role: 'main', path: main, content: await read(main) };
    const listed = await Promise.all(references(first).include.map((folder) => listFolder(resolve(base, folder))));
    const included: SnapshotFile[] = [];
    for (const file of listed.flatMap((folder) => folder.files)) {
      if (file === main || included.some((one) => one.path === file)) continue;
      included.push({ role: 'include', path: file, content: await read(file) });
    }
    const named = [first, ...included].flatMap((file) => references(file).secrets);
    const secrets = await readSecrets(named, base, environment);
    known = seen;
    const files = [first, ...included, ...secrets];
    const folders = listed.map((folder) => folder.folder);
    return sum(main, files, folders, await isStaleMount(main));
  }

  return { load };
}

async function readSecrets(
  references: readonly string[],
  base: string,
  environment: ConfigEnvironment,
): Promise<SnapshotFile[]> {
  const wanted = new Set<string>();
  for (const reference of references) {
    const secret = resolveSecretPath(reference, base, environment);
    if ('path' in secret) wanted.add(secret.path);
  }
  return Promise.all(
    [...wanted].slice(0, mostIncluded).map(async (file): Promise<SnapshotFile> => {
      return { role: 'secret', path: file, content: await readBounded(file, mostSecretBytes) };
    }),
  );
}

/**
 * A configuration of other texts than those on disk (an earlier one, a proposed one), with the secrets of today.
 *
 * @param folders the included ones as they were listed, where the texts came from there
 */
export async function restoreSnapshot(
  { snapshot: { path, files } }: Pick<Generation, 'snapshot'>,
  environment: ConfigEnvironment,
  folders: readonly SnapshotFolder[] = [],
): Promise<ConfigSnapshot> {
  const open = files.map(({ role, path: file, text }): SnapshotFile => {
    return { role, path: file, content: contentOf(text) };
  });
  const named = files.flatMap(({ text }) => findReferences(Buffer.from(text)).secrets);
  const secrets = await readSecrets(named, dirname(path), environment);
  return sum(path, [...open, ...secrets], folders, false);
}

const contentOf = (text: string): SnapshotFile['content'] => ({
  kind: 'bytes',
  bytes: Buffer.from(text),
  worldReadable: false,
});

async function listFolder(path: string): Promise<{ folder: SnapshotFolder; files: string[] }> {
  try {
    const names = (await readdir(path)).filter((name) => /^[^.].*\.ya?ml$/.test(name));
    // by bytes, whatever the language of the machine
    names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const reason = names.length > mostIncluded ? `${quotePath(path)} holds more than ${mostIncluded} files.` : null;
    return { folder: { path, reason }, files: names.slice(0, mostIncluded).map((name) => join(path, name)) };
  } catch (error) {
    return { folder: { path, reason: explain(path, error) }, files: [] };
  }
}

const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

function sum(
  path: string,
  files: readonly SnapshotFile[],
  folders: readonly SnapshotFolder[],
  staleMount: boolean,
): ConfigSnapshot {
  const describe = ({ role, path: file, content }: SnapshotFile) =>
    content.kind === 'bytes'
      ? [role, file, sha256(content.bytes), content.worldReadable]
      : [role, file, content.reason];
  const open = files.filter((file) => file.role !== 'secret');
  const [only] = open;
  const hash =
    open.length === 1 && only?.content.kind === 'bytes'
      ? sha256(only.content.bytes)
      : sha256(JSON.stringify(open.map((file) => describe(file).slice(0, 3))));
  const fingerprint = sha256(JSON.stringify([files.map(describe), folders, staleMount]));
  return { path, files, folders, hash, fingerprint, staleMount };
}

/**
 * Whether the file is a mount point whose source is gone: the kernel marks such a source with `//deleted`
 * (proc(5), mountinfo, field 4). What is read here is the old file then, for ever.
 */
async function isStaleMount(path: string): Promise<boolean> {
  let table: string;
  try {
    table = await readFile('/proc/self/mountinfo', 'utf8');
  } catch {
    // no /proc, no answer: then nothing is claimed
    return false;
  }
  const plain = (field: string): string =>
    field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return table.split('\n').some((line) => {
    const [, , , root = '', point = ''] = line.split(' ');
    return root.endsWith('//deleted') && plain(point) === path;
  });
}
