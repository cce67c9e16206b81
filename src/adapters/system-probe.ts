import { type CPUUsage, OSUtils } from 'node-os-utils';
import type { Clock, SystemProbe, SystemReading } from '../core/ports.js';
import { readCgroupMemory } from './cgroup-memory.js';

/** Milliseconds for which a reading stands. */
const freshMs = 2000;
/** Milliseconds for which it is still given while the next one is taken: measuring the CPU takes 200 ms. */
const usableMs = 10_000;

const unknown: SystemReading = { cpuPercent: null, memoryUsedBytes: null, memoryTotalBytes: null, loadAverage: null };

/** Measures when asked and not otherwise, so an idle station costs nothing. Never throws: what fails is null. */
export function createSystemProbe(clock: Clock): SystemProbe {
  const monitors = new OSUtils({ cacheEnabled: false });
  // without a listener each failure of theirs is thrown as an unhandled 'error' event; the result says it as well
  monitors.cpu.on('error', () => undefined);
  monitors.memory.on('error', () => undefined);
  let last: { readonly at: number; readonly reading: SystemReading } | null = null;
  let measuring: Promise<SystemReading> | null = null;

  async function measure(): Promise<SystemReading> {
    const [cpu, memory, load] = await Promise.all([
      monitors.cpu.usageDetailed(),
      monitors.memory.info(),
      monitors.cpu.loadAverage(),
    ]);
    const averages = load.success ? [load.data.load1, load.data.load5, load.data.load15].map(measured) : [];
    const [one, five, fifteen] = averages;
    return {
      cpuPercent: cpu.success ? busyPercent(cpu.data) : null,
      ...(await withinLimit(
        memory.success ? measured(memory.data.used.toBytes()) : null,
        memory.success ? measured(memory.data.total.toBytes()) : null,
      )),
      loadAverage: one == null || five == null || fifteen == null ? null : [one, five, fifteen],
    };
  }

  function refresh(): Promise<SystemReading> {
    measuring ??= measure()
      .catch(() => unknown)
      .then((reading) => {
        last = { at: clock.monotonic(), reading };
        return reading;
      })
      .finally(() => {
        measuring = null;
      });
    return measuring;
  }

  return {
    read: async () => {
      const age = last === null ? Number.POSITIVE_INFINITY : clock.monotonic() - last.at;
      if (last !== null && age < freshMs) return last.reading;
      const next = refresh();
      return last !== null && age < usableMs ? last.reading : next;
    },
  };
}

/** Waiting for a drive is not work, though the monitors count it in; all zeros means that the kernel does not say. */
function busyPercent(usage: CPUUsage): number | null {
  if (usage.overall === 0 && usage.idle === 0) return null;
  return measured(Math.max(0, usage.overall - (usage.iowait ?? 0)));
}

const measured = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;

/** The monitors see the whole machine; in a container or a limited service the limit is what counts. */
async function withinLimit(
  used: number | null,
  total: number | null,
): Promise<Pick<SystemReading, 'memoryUsedBytes' | 'memoryTotalBytes'>> {
  const limit = process.constrainedMemory();
  if (total === null || limit === undefined || limit <= 0 || limit >= total) {
    return { memoryUsedBytes: used, memoryTotalBytes: total };
  }
  return { memoryUsedBytes: await readCgroupMemory(), memoryTotalBytes: limit };
}
