#!/usr/bin/env node
/** Arguments, environment, signals, exit status; nothing else. */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createConfigHistory } from './adapters/config-history.js';
import { chooseLogFormat, createEventLog } from './adapters/event-log.js';
import { findStorageOverlap } from './adapters/storage-overlap.js';
import { runCli } from './cli/run-cli.js';
import { findLastGood, type LastGood } from './config/find-last-good.js';
import { formatProblem } from './config/format-problem.js';
import { loadConfig } from './config/load-config.js';
import { parseConfig } from './config/parse-config.js';
import type { ConfigSnapshot } from './core/config-snapshot.js';
import { Fault } from './core/fault.js';
import { startDaemon } from './daemon.js';
import { createOffline } from './offline.js';

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

/** `stateFolder`: where to look for the last good configuration, where the file is too broken to tell. */
async function runDaemon(configFile: string, stateFolder: string | null): Promise<number> {
  const snapshot = await loadConfig(configFile, secrets);
  const parsed = parseConfig(snapshot, secrets, 'degrade');
  const lastGood = parsed.ok ? null : await lastGoodOf(snapshot, stateFolder);
  if (!parsed.ok) {
    process.stderr.write(`${parsed.problems.map(formatProblem).join('\n')}\n`);
    if (lastGood === null) {
      process.stderr.write(
        `There is no earlier configuration to go on with. If this station has run before, say where its state folder is: disk2iso daemon --config ${configFile} --state FOLDER\n`,
      );
      return configStatus;
    }
  }
  const overlap = parsed.ok ? await findStorageOverlap(parsed, configFile) : null;
  if (overlap !== null) {
    process.stderr.write(`${formatProblem(overlap)}\n`);
    return configStatus;
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
  formatProblem,
  ...createOffline(secrets, (refused) => lastGoodOf(refused, null)),
});
