import type { Clock } from '../core/ports.js';
import type { StationView } from '../core/station-ports.js';
import { storageLevel, usedPercent } from '../core/storage.js';
import type { ConditionJson, SystemStatusJson } from './api.gen.js';
import { conditionsJson } from './condition-json.js';
import { isoTime } from './iso-time.js';

/** One word a subject: that of its first problem, else `ok`, else what it is busy with. */
function servicesJson(conditions: readonly ConditionJson[]): Record<string, string> {
  const services: Record<string, string> = {};
  for (const { subject, reason, problem, type } of conditions) {
    if (problem || (type === 'Ready' && reason !== 'ok')) services[subject] ??= reason;
  }
  for (const { subject } of conditions) services[subject] ??= 'ok';
  return services;
}

export async function statusJson(view: StationView, clock: Clock): Promise<SystemStatusJson> {
  const { desired, generation, hash, appliedAt, degraded: refused } = view.config();
  const attempt = view.configAttempt();
  const problems = [...view.configProblems()];
  const conditions = conditionsJson(view.conditions());
  const storage = view.storage();
  const system = await view.system();
  const degraded = refused || problems.length > 0 || conditions.some((one) => one.problem);
  return {
    status: view.ready() ? (degraded ? 'degraded' : 'healthy') : 'not_ready',
    version: view.version,
    started_at: isoTime(view.startedAt),
    uptime_seconds: Math.max(0, Math.floor((clock.now() - view.startedAt) / 1000)),
    suspended: desired.suspend,
    resources: {
      cpu_percent: system.cpuPercent,
      memory_used_bytes: system.memoryUsedBytes,
      memory_total_bytes: system.memoryTotalBytes,
      load_average: system.loadAverage === null ? null : [...system.loadAverage],
      storage_used_bytes: storage?.usedBytes ?? null,
      storage_total_bytes: storage?.totalBytes ?? null,
      storage_available_bytes: storage?.availableBytes ?? null,
    },
    storage: {
      library: desired.storage.library,
      used_percent: storage === null ? null : usedPercent(storage),
      warn_at: desired.storage.warnAt,
      stop_at: desired.storage.stopAt,
      level: storage === null ? null : storageLevel(desired.storage, storage),
    },
    services: servicesJson(conditions),
    conditions,
    config: {
      generation,
      hash,
      applied_at: isoTime(appliedAt),
      attempted: { generation: attempt.generation, hash: attempt.hash, at: isoTime(attempt.at) },
      last_reload_successful: problems.length === 0,
      problems,
    },
  };
}
