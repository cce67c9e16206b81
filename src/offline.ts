/** Composition root of what the command line does with files alone, without a daemon. */
import { stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { systemClock } from './adapters/clock.js';
import { rebuildCatalog } from './adapters/level-catalog-rebuild.js';
import { createLibrary } from './adapters/library.js';
import { replaceFile } from './adapters/replace-file.js';
import { findStorageOverlap } from './adapters/storage-overlap.js';
import type { CliDependencies } from './cli/cli-context.js';
import type { LastGood } from './config/find-last-good.js';
import { summariseProblem } from './config/format-problem.js';
import { loadConfig } from './config/load-config.js';
import { migrateText } from './config/migrate-text.js';
import { parseConfig } from './config/parse-config.js';
import { proposeEdits } from './config/propose-edits.js';
import type { ConfigEnvironment } from './config/secret.js';
import type { ConfigSnapshot } from './core/config-snapshot.js';
import type { Desired } from './core/desired.js';
import { Fault } from './core/fault.js';
import { editDiff } from './core/text-diff.js';

type Offline = Pick<CliDependencies, 'socketOf' | 'checkFile' | 'migrateFile' | 'editFile' | 'rebuildOffline'>;

/** The files' texts by their names below the folder of the main file. */
function textsOf({ path, files }: ConfigSnapshot): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { role, path: file, content } of files) {
    if (role === 'secret' || content.kind !== 'bytes') continue;
    texts.set(relative(dirname(path), file), Buffer.from(content.bytes).toString('utf8'));
  }
  return texts;
}

async function desiredOf(configFile: string, secrets: ConfigEnvironment): Promise<Desired> {
  const parsed = parseConfig(await loadConfig(configFile, secrets), secrets, 'degrade');
  if (parsed.ok) return parsed.desired;
  const [first] = parsed.problems.filter(({ severity }) => severity === 'error');
  const reason = first === undefined ? '' : ` ${summariseProblem(first)}`;
  throw new Fault('config_invalid', `${configFile} is not valid; see: disk2iso validate ${configFile}.${reason}`);
}

/** What root makes here, the daemon's own user could not use. Throws Fault permission_denied. */
async function needOwner(state: string, configFile: string): Promise<void> {
  const owner = await stat(state).then(
    ({ uid }) => uid,
    () => 0, // the rebuild says what is wrong with it
  );
  if (process.getuid?.() !== 0 || owner === 0) return;
  const message = `${state} belongs to the daemon's user: run this as that one, with: sudo -u '#${owner}' disk2iso catalog rebuild --config ${configFile}`;
  throw new Fault('permission_denied', message);
}

/** @param lastGoodOf finds what a daemon goes on with when its file is refused */
export function createOffline(
  secrets: ConfigEnvironment,
  lastGoodOf: (refused: ConfigSnapshot) => Promise<LastGood | null>,
): Offline {
  return {
    async socketOf(configFile) {
      const snapshot = await loadConfig(configFile, secrets);
      const parsed = parseConfig(snapshot, secrets, 'degrade');
      if (parsed.ok) return parsed.desired.api.socket;
      // a broken file is when people ask how the station is
      const lastGood = await lastGoodOf(snapshot).catch((error: unknown) => {
        if (error instanceof Fault) return null;
        throw error;
      });
      const before = lastGood === null ? null : parseConfig(lastGood.snapshot, secrets, 'degrade');
      return before?.ok === true ? before.desired.api.socket : (await desiredOf(configFile, secrets)).api.socket;
    },
    async checkFile(file) {
      const snapshot = await loadConfig(file, secrets);
      const parsed = parseConfig(snapshot, secrets);
      const isReadable = snapshot.files[0]?.content.kind === 'bytes';
      const texts = [...textsOf(snapshot)].map(([name, text]) => ({ name, text }));
      if (!parsed.ok) return { texts, isReadable, isValid: false, problems: parsed.problems };
      const overlap = await findStorageOverlap(parsed, file);
      const problems = overlap === null ? parsed.warnings : [overlap, ...parsed.warnings];
      return { texts, isReadable, isValid: overlap === null, problems };
    },
    async migrateFile(file) {
      const [main] = (await loadConfig(file, secrets)).files;
      if (main?.content.kind !== 'bytes')
        throw new Fault('config_unreadable', main?.content.reason ?? `${file} is gone.`);
      const text = migrateText(Buffer.from(main.content.bytes).toString('utf8'));
      if (text !== null) return text;
      throw new Fault('config_invalid', `${file} is no YAML of keys and values; see: disk2iso validate ${file}`);
    },
    async editFile(file, values, dryRun) {
      const before = await loadConfig(file, secrets);
      const after = await proposeEdits(before, values, secrets, 'anywhere');
      const [old, next] = [textsOf(before), textsOf(after)];
      // credentials that only the daemon is given, or a secret that is not here yet, keep nobody from editing
      const lacksAnyway = !parseConfig(before, secrets).ok && parseConfig(before, secrets, 'degrade').ok;
      const parsed = parseConfig(after, secrets, lacksAnyway ? 'degrade' : 'refuse');
      const problems = parsed.ok ? parsed.warnings : parsed.problems;
      if (parsed.ok && !dryRun) {
        for (const [name, text] of next) {
          if (old.has(name) && old.get(name) !== text) await replaceFile(join(dirname(file), name), text);
        }
      }
      return { isValid: parsed.ok, diff: editDiff(old, next), problems };
    },
    async rebuildOffline(configFile) {
      const { storage } = await desiredOf(configFile, secrets);
      await needOwner(storage.state, configFile);
      const say = (_fields: object, message: string): void => void process.stderr.write(`${message}\n`);
      const log = { debug: () => undefined, info: () => undefined, warn: say, error: say };
      const library = createLibrary({ library: storage.library, log });
      const { archives, leftOut, problems } = await rebuildCatalog({
        state: storage.state,
        library,
        clock: systemClock,
      });
      return { archives, leftOut, problems };
    },
  };
}
