#!/usr/bin/env node
/** Arguments, environment, signals, exit status; nothing else. */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { systemClock } from './adapters/clock.js';
import { createConfigHistory } from './adapters/config-history.js';
import { chooseLogFormat, createEventLog } from './adapters/event-log.js';
import { rebuildCatalog } from './adapters/level-catalog-rebuild.js';
import { createLibrary } from './adapters/library.js';
import { replaceFile } from './adapters/replace-file.js';
import { runCli } from './cli/run-cli.js';
import { findLastGood, type LastGood } from './config/find-last-good.js';
import { formatProblem } from './config/format-problem.js';
import { loadConfig } from './config/load-config.js';
import { migrateText } from './config/migrate-text.js';
import { parseConfig } from './config/parse-config.js';
import { proposeEdits } from './config/propose-edits.js';
import type { ConfigSnapshot } from './core/config-snapshot.js';
import type { Desired } from './core/desired.js';
import { Fault } from './core/fault.js';
import { unifiedDiff } from './core/text-diff.js';
import { startDaemon } from './daemon.js';

/** sysexits.h: EX_CONFIG and EX_UNAVAILABLE. */
const configStatus = 78;
const unavailableStatus = 69;

const environment = process.env;
const secrets = { credentialsFolder: environment.CREDENTIALS_DIRECTORY ?? null };
const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
const { version } = JSON.parse(manifest) as { version: string };

function lastGoodOf(refused: ConfigSnapshot, stateFolder: string | null): Promise<LastGood | null> {
  const given = (environment.STATE_DIRECTORY ?? '').split(':').filter((folder) => folder !== '');
  const folders = [...(stateFolder === null ? [] : [stateFolder]), ...given, ...given.map((one) => join(one, 'state'))];
  return findLastGood(refused, { environment: secrets, folders, historyIn: createConfigHistory });
}

/** The files' texts by their names below the folder of the main file. */
function textsOf({ path, files }: ConfigSnapshot): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { role, path: file, content } of files) {
    if (role === 'secret' || content.kind !== 'bytes') continue;
    texts.set(relative(dirname(path), file), Buffer.from(content.bytes).toString('utf8'));
  }
  return texts;
}

async function desiredOf(configFile: string): Promise<Desired> {
  const parsed = parseConfig(await loadConfig(configFile, secrets), secrets, 'degrade');
  if (parsed.ok) return parsed.desired;
  throw new Fault('config_invalid', parsed.problems.map(formatProblem).join('\n'));
}

/** `stateFolder`: where to look for the last good configuration, where the file is too broken to tell. */
async function runDaemon(configFile: string, stateFolder: string | null): Promise<number> {
  const snapshot = await loadConfig(configFile, secrets);
  const parsed = parseConfig(snapshot, secrets, 'degrade');
  const lastGood = parsed.ok ? null : await lastGoodOf(snapshot, stateFolder);
  if (!parsed.ok) {
    process.stderr.write(`${parsed.problems.map(formatProblem).join('\n')}\n`);
    if (lastGood === null) return configStatus;
  }
  const format = chooseLogFormat(environment, process.stdout.isTTY === true);
  const colour = format === 'terminal' && environment.NO_COLOR === undefined;
  const log = createEventLog({ level: 'info', format, colour });
  const stopped = new Promise<void>((resolve) => {
    process.on('SIGTERM', () => resolve());
    process.once('SIGINT', () => {
      resolve();
      // Whoever does not want to wait for the end in order loses nothing: it is what a crash is.
      process.once('SIGINT', () => process.exit(128 + constants.signals.SIGINT));
    });
  });
  try {
    const daemon = await startDaemon({ configFile, snapshot, lastGood, environment, version, log });
    process.on('SIGHUP', () => void daemon.reload().catch((error) => log.error({ err: error }, 'the reload failed')));
    if (lastGood !== null) {
      const { generation } = lastGood.generation;
      log.error({ generation }, `${configFile} is refused: generation ${generation} is in force, nothing is deleted.`);
    }
    const address = daemon.address();
    log.info({}, address === null ? 'Ready; listening on the unix socket alone.' : `Ready: ${address}/`);
    await stopped;
    log.info({}, 'Stopping.');
    await daemon.stop();
    return 0;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    log.error({ code: error.code }, error.message);
    return unavailableStatus;
  } finally {
    await log.close();
  }
}

process.exitCode = await runCli(process.argv.slice(2), {
  version,
  environment,
  workingFolder: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  runDaemon,
  socketOf: async (configFile) => (await desiredOf(configFile)).api.socket,
  async checkFile(file) {
    const snapshot = await loadConfig(file, secrets);
    const parsed = parseConfig(snapshot, secrets);
    const isReadable = snapshot.files[0]?.content.kind === 'bytes';
    const texts = [...textsOf(snapshot)].map(([name, text]) => ({ name, text }));
    return { texts, isReadable, isValid: parsed.ok, problems: parsed.ok ? parsed.warnings : parsed.problems };
  },
  formatProblem,
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
    const after = await proposeEdits(before, values, secrets);
    const [old, next] = [textsOf(before), textsOf(after)];
    // credentials that only the daemon is given, or a secret that is not here yet, keep nobody from editing
    const lacksAnyway = !parseConfig(before, secrets).ok && parseConfig(before, secrets, 'degrade').ok;
    const parsed = parseConfig(after, secrets, lacksAnyway ? 'degrade' : 'refuse');
    const problems = parsed.ok ? parsed.warnings : parsed.problems;
    if (parsed.ok && !dryRun) {
      for (const [name, text] of next) if (old.get(name) !== text) await replaceFile(join(dirname(file), name), text);
    }
    return { isValid: parsed.ok, diff: unifiedDiff(old, next), problems };
  },
  async rebuildOffline(configFile) {
    const { storage } = await desiredOf(configFile);
    const say = (_fields: object, message: string): void => void process.stderr.write(`${message}\n`);
    const log = { debug: () => undefined, info: () => undefined, warn: say, error: say };
    const library = createLibrary({ library: storage.library, log });
    const report = await rebuildCatalog({ state: storage.state, library, clock: systemClock });
    for (const problem of report.problems) say({}, problem);
    return report.archives;
  },
});
