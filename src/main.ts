#!/usr/bin/env node
/** Arguments, environment, signals, exit status; nothing else. */
import { readFileSync } from 'node:fs';
import { chooseLogFormat, createEventLog } from './adapters/event-log.js';
import { formatProblem } from './config/format-problem.js';
import { loadConfig } from './config/load-config.js';
import { parseConfig } from './config/parse-config.js';
import { Fault } from './core/fault.js';
import { startDaemon } from './daemon.js';

/** sysexits.h: EX_CONFIG and EX_UNAVAILABLE. */
const configStatus = 78;
const unavailableStatus = 69;

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

async function runDaemon(configFile: string): Promise<number> {
  const environment = process.env;
  const secrets = { credentialsFolder: environment.CREDENTIALS_DIRECTORY ?? null };
  const snapshot = await loadConfig(configFile, secrets);
  const parsed = parseConfig(snapshot, secrets);
  if (!parsed.ok) {
    process.stderr.write(`${parsed.problems.map(formatProblem).join('\n')}\n`);
    return configStatus;
  }
  const format = chooseLogFormat(environment, process.stdout.isTTY === true);
  const log = createEventLog({
    level: 'info',
    format,
    colour: format === 'terminal' && environment.NO_COLOR === undefined,
  });
  let signalled: (() => void) | null = null;
  const stopSignal = new Promise<void>((resolve) => {
    signalled = resolve;
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => signalled?.());
  try {
    const daemon = await startDaemon({ configFile, snapshot, environment, version, log });
    process.on('SIGHUP', () => void daemon.reload().catch((error) => log.error({ err: error }, 'the reload failed')));
    const address = daemon.address();
    log.info(
      {},
      address === null ? 'ready; listening on the unix socket alone' : `ready; the status page is at ${address}/`,
    );
    await stopSignal;
    log.info({}, 'stopping');
    await daemon.stop();
    return 0;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    log.error({ code: error.code }, error.message);
    return unavailableStatus;
  } finally {
    log.close();
  }
}

const at = process.argv.indexOf('--config');
process.exitCode = await runDaemon(process.argv[at + 1] ?? 'config.yaml');
