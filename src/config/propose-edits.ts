import { dirname, relative } from 'node:path';
import type { GenerationFile } from '../core/config-history.js';
import type { ConfigSnapshot } from '../core/config-snapshot.js';
import { Fault } from '../core/fault.js';
import { depthOf, editText } from './edit-text.js';
import { restoreSnapshot } from './load-config.js';
import type { ConfigEnvironment } from './secret.js';

/**
 * The configuration with some values set, each in the file where it stands or, new, where its section stands. Nothing is
 * written. Throws Fault bad_request where that is more than one file, config_invalid for a file that cannot be edited.
 */
export async function proposeEdits(
  snapshot: ConfigSnapshot,
  values: Readonly<Record<string, unknown>>,
  environment: ConfigEnvironment,
): Promise<ConfigSnapshot> {
  const files = openFiles(snapshot);
  for (const [key, value] of Object.entries(values)) {
    const index = files.indexOf(chooseFile(snapshot, files, key));
    files[index] = { ...files[index], text: editText(files[index]?.text ?? '', key, value) } as GenerationFile;
  }
  return restoreSnapshot({ snapshot: { path: snapshot.path, hash: '', files } }, environment, snapshot.folders);
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
