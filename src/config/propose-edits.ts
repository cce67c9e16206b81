import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { GenerationFile } from '../core/config-history.js';
import type { ConfigSnapshot } from '../core/config-snapshot.js';
import { Fault } from '../core/fault.js';
import { depthOf, editText } from './edit-text.js';
import { findReferences } from './find-references.js';
import { loadConfig, restoreSnapshot } from './load-config.js';
import type { ConfigEnvironment } from './secret.js';

/**
 * The configuration with some values set, each in the file where it stands or, new, where its section stands. Nothing is
 * written. Where they change what is included, that is read from disk as it is there. Throws Fault bad_request where that
 * is more than one file, config_invalid for a file that cannot be edited.
 *
 * @param newFolders which folders may be named that were not before: `beside` the main file and below alone, for whoever
 * asks over HTTP and is no one who may read with the daemon's rights
 */
export async function proposeEdits(
  snapshot: ConfigSnapshot,
  values: Readonly<Record<string, unknown>>,
  environment: ConfigEnvironment,
  newFolders: 'anywhere' | 'beside' = 'beside',
): Promise<ConfigSnapshot> {
  const files = openFiles(snapshot);
  const before = includesOf(files);
  for (const [key, value] of Object.entries(values)) {
    const index = files.indexOf(chooseFile(snapshot, files, key));
    files[index] = { ...files[index], text: editText(files[index]?.text ?? '', key, value) } as GenerationFile;
  }
  const { path } = snapshot;
  const after = includesOf(files);
  if (before.join('\0') === after.join('\0')) {
    return restoreSnapshot({ snapshot: { path, hash: '', files } }, environment, snapshot.folders);
  }
  for (const folder of after) if (newFolders === 'beside' && !before.includes(folder)) needBeside(path, folder);
  return loadConfig(path, environment, new Map(files.map((file) => [file.path, file.text])));
}

/** Only the main file includes. */
const includesOf = ([main]: readonly GenerationFile[]): readonly string[] =>
  main === undefined ? [] : findReferences(Buffer.from(main.text)).include;

function needBeside(path: string, folder: string): void {
  const from = relative(dirname(path), resolve(dirname(path), folder));
  if (!isAbsolute(from) && from.split('/')[0] !== '..') return;
  const name = JSON.stringify(folder.slice(0, 100));
  throw new Fault('bad_request', `${name} is not below the folder of the configuration; use: disk2iso config set`);
}

function openFiles({ files }: ConfigSnapshot): GenerationFile[] {
  return files.flatMap(({ role, path, content }) => {
    if (role === 'secret') return [];
    if (content.kind !== 'bytes') throw new Fault('config_unreadable', content.reason);
    return [{ role, path, text: Buffer.from(content.bytes).toString('utf8') }];
  });
}

function chooseFile({ path }: ConfigSnapshot, files: readonly GenerationFile[], key: string): GenerationFile {
  const [main] = files;
  if (main === undefined) throw new Fault('config_unreadable', `${path} cannot be read.`);
  const depths = files.map(({ text }) => depthOf(text, key));
  const most = Math.max(...depths);
  const best = files.filter((_, index) => depths[index] === most);
  if (most === 0 || best.length === 1) return most === 0 ? main : (best[0] ?? main);
  const names = best.map((one) => relative(dirname(path), one.path)).join(', ');
  throw new Fault('bad_request', `${key} could stand in ${names}: edit the file you mean by hand.`);
}
