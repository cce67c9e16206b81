/** Composition root: builds every part, starts them in order, stops them in reverse. The only file that knows everyone. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { hostname, loadavg } from 'node:os';
import { join } from 'node:path';
import { systemClock as clock } from './adapters/clock.js';
import { createConfigHistory } from './adapters/config-history.js';
import { createConfigWatcher } from './adapters/config-watcher.js';
import { createRescuer } from './adapters/ddrescue.js';
import { createDrives } from './adapters/drives.js';
import type { EventLog } from './adapters/event-log.js';
import { createHasher } from './adapters/hashing.js';
import { openCatalog } from './adapters/level-catalog-open.js';
import { rebuildCatalog } from './adapters/level-catalog-rebuild.js';
import { createLibrary } from './adapters/library.js';
import { createArchiveFiles } from './adapters/library-archive-files.js';
import { walkLibrary } from './adapters/library-strays.js';
import { createOutbox } from './adapters/outbox.js';
import { createSystemProbe } from './adapters/system-probe.js';
import { createServiceNotifier } from './adapters/systemd-notify.js';
import { createWatchdog } from './adapters/watchdog.js';
import type { LastGood } from './config/find-last-good.js';
import { summariseProblem } from './config/format-problem.js';
import { createConfigLoader, restoreSnapshot } from './config/load-config.js';
import { parseConfig } from './config/parse-config.js';
import { proposeEdits } from './config/propose-edits.js';
import { type ConfigManager, createConfigManager } from './control/config-manager.js';
import { createConfigPlanner } from './control/config-planner.js';
import { createEventHub } from './control/event-hub.js';
import { explainSubject } from './control/explain-subject.js';
import { createJobRunner } from './control/job-runner.js';
import { createReconciler } from './control/reconciler.js';
import { createStation } from './control/station.js';
import { createStationView, passesEnd } from './control/station-view.js';
import { createUpkeep } from './control/upkeep.js';
import { createUpkeepAccess } from './control/upkeep-access.js';
import { createWorkshop } from './control/workshop.js';
import type { ConfigOutcome } from './core/config-outcome.js';
import type { ConfigSnapshot } from './core/config-snapshot.js';
import type { Desired } from './core/desired.js';
import { planNotifications } from './core/notification.js';
import type { ConfigCommands } from './core/station-ports.js';
import { createHttpServer } from './http/create-http-server.js';

const pollMs = 30_000;
const checkpointMs = 30_000;
const retryLookMs = 1_000;

export interface DaemonOptions {
  readonly configFile: string;
  /** The file as it was read. */
  readonly snapshot: ConfigSnapshot;
  /** What was in force before, where the file is not good. */
  readonly lastGood: LastGood | null;
  readonly environment: NodeJS.ProcessEnv;
  readonly version: string;
  readonly log: EventLog;
}

export interface Daemon {
  /** `http://127.0.0.1:8980`, or null where only the unix socket is listened on. */
  address(): string | null;
  /** Looks at the file now; settles when the outcome is known. */
  reload(): Promise<ConfigOutcome>;
  stop(): Promise<void>;
}

/** Builds and starts everything. Throws Fault catalog_locked, and what listening throws: then nothing is left running. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { environment, log, snapshot } = options;
  const random = (): Uint8Array => randomBytes(10);
  const secrets = { credentialsFolder: environment.CREDENTIALS_DIRECTORY ?? null };
  const judged = parseConfig(snapshot, secrets, 'degrade');
  const inForce = options.lastGood?.snapshot ?? snapshot;
  const parsed = judged.ok ? judged : parseConfig(inForce, secrets, 'degrade');
  if (!parsed.ok) throw new Error('startDaemon was given a configuration that does not parse');
  const { storage } = parsed.desired;
  await mkdir(storage.state, { recursive: true, mode: 0o750 });

  const hub = createEventHub(log);
  const library = createLibrary({ library: storage.library, log });
  const files = createArchiveFiles(storage.library);
  const hasher = createHasher();
  const rescuer = createRescuer();
  const drives = createDrives({ clock, log });

  const reconciler = createReconciler({
    async pass() {
      const next = await station.pass();
      upkeeper.wake();
      return next;
    },
    monotonic: clock.monotonic,
    log,
  });
  const upkeeper = createReconciler({ pass: () => upkeep.pass(), monotonic: clock.monotonic, log });
  const wake = (): void => reconciler.wake();
  const watchDrives = (): void => drives.watch(config.current().desired.drives, wake);
  const runner = createJobRunner({
    drives: drives.of,
    rescuer,
    hasher,
    library,
    clock,
    log,
    random,
    checkpointMs,
    onProgress(progress) {
      workshop.noteProgress(progress);
      hub.progress(progress);
    },
  });
  const workshop = createWorkshop({ drives: drives.of, look: files.look, runner, clock, log, random, wake });
  const catalogOptions = {
    state: storage.state,
    library: storage.library,
    clock,
    log,
    outboxFor: (stored: Parameters<typeof planNotifications>[0]) =>
      planNotifications(stored, config.current().desired.notifications),
    onCommitted: hub.tell,
  };
  const station = createStation({
    drives: drives.of,
    library,
    rescuer,
    workshop,
    clock,
    log,
    pollMs,
    wake,
    config: () => config.current(),
    isApplying: () => config.isApplying(),
    quiesce: () => upkeep.rest(),
    otherConditions: () => [...upkeep.conditions(), config.condition(), outbox.condition()],
    door: {
      open: () => openCatalog(catalogOptions),
      async rebuild() {
        const report = await rebuildCatalog({ ...catalogOptions, library });
        for (const problem of report.problems) log.warn({}, problem);
        return report;
      },
    },
  });

  const access = createUpkeepAccess({ config: () => config.current(), station, workshop });
  const upkeep = createUpkeep({
    hasher,
    library,
    files,
    clock,
    log,
    config: () => config.current(),
    ...access,
    walk: () => walkLibrary(storage.library),
    load: async () => loadavg()[0] ?? null,
    wake: () => upkeeper.wake(),
    onConditions: wake,
  });

  const outbox = createOutbox({
    station: hostname(),
    catalog: station.catalog,
    targets: () => config.current().desired.notifications,
    imagePath: library.imagePath,
    clock,
    log,
  });

  /** What listening asks for while a new configuration is being tried. */
  let trying: Desired | null = null;
  const patienceMs = 3 * pollMs;
  const view = createStationView({
    version: options.version,
    clock,
    config: () => (trying === null ? config.current() : { ...config.current(), desired: trying }),
    manager: () => config,
    summarise: summariseProblem,
    station,
    workshop,
    reconciler,
    upkeep,
    library,
    probe: createSystemProbe(clock),
    patienceMs,
  });
  const configuration: ConfigCommands = {
    reload,
    wake,
    effective: () => config.effective(),
    history: () => config.history(),
    plan: (files) => planner.plan(files),
    propose: (values) => planner.propose(values),
    explain: (subject) =>
      explainSubject(station.needBooks(), config.current(), subject, {
        now: upkeep.now(),
        storage: access.storage(),
        trashBytes: upkeep.status().trashBytes ?? 0,
        deletions: upkeep.deletionsSeen(),
      }),
  };
  const http = createHttpServer({ view, commands: { ...station, ...upkeep }, configuration, events: hub, clock, log });

  const config: ConfigManager = await createConfigManager(
    {
      parse: (next, lackingSecrets) => parseConfig(next, secrets, lackingSecrets),
      summarise: summariseProblem,
      history: createConfigHistory(join(storage.state, 'config')),
      clock,
      log,
      async prepare(next) {
        trying = next;
        try {
          await http.relisten();
        } finally {
          trying = null;
        }
      },
      record: station.record,
      onApplied() {
        watchDrives();
        outbox.wake();
        wake();
      },
      settled: reconciler.settled,
    },
    {
      snapshot: judged.ok ? snapshot : inForce,
      parsed,
      refused:
        judged.ok || options.lastGood === null
          ? null
          : { snapshot, problems: judged.problems, inForce: options.lastGood.generation },
    },
  );
  const loader = createConfigLoader(options.configFile, secrets);
  const planner = createConfigPlanner({
    manager: config,
    load: () => createConfigLoader(options.configFile, secrets).load(),
    compose: (path, files) => restoreSnapshot({ snapshot: { path, hash: '', files } }, secrets),
    edit: (before, values) => proposeEdits(before, values, secrets),
    seen: () => ({ devices: view.devices(), insertions: view.insertions(), deletions: upkeep.deletionsSeen() }),
    preview: async (desired) => (access.books() === null ? null : upkeep.previewUpkeep(desired)),
  });
  const watcher = createConfigWatcher({ loader, log });
  const service = createServiceNotifier({ environment, log });
  const getsAnywhere = () => reconciler.lastPassAt() === null || passesEnd({ reconciler, clock, patienceMs });
  const watchdog = createWatchdog(service, getsAnywhere);

  hub.onEvent(log.event);
  hub.onEvent(() => outbox.wake());
  hub.onEvent(() => upkeeper.wake());
  await station.open();
  try {
    await http.start();
  } catch (error) {
    await station.close();
    throw error;
  }
  await station.record({ type: 'daemon_started', version: options.version });
  watchDrives();
  const noteUntried = (error: unknown): void => log.error({ err: error }, 'a configuration could not be tried');
  watcher.watch((next) => void config.offer(next).catch(noteUntried));
  const retrying = setInterval(() => void config.retry().catch(noteUntried), retryLookMs);
  reconciler.start();
  outbox.start();
  upkeeper.start();
  watchdog.start();
  await reconciler.settled();
  await config.announce();
  await service.ready();

  async function reload(): Promise<ConfigOutcome> {
    await service.reloading();
    try {
      return await config.offer(await watcher.readNow(), { again: true });
    } finally {
      await service.ready();
    }
  }

  return {
    address: http.address,
    reload,
    async stop() {
      await service.stopping();
      watchdog.stop();
      clearInterval(retrying);
      await watcher.close();
      await reconciler.stop();
      await upkeeper.stop();
      await upkeep.rest();
      await http.stop();
      await outbox.stop();
      await station.record({ type: 'daemon_stopped' });
      await station.close();
      await drives.close();
    },
  };
}
