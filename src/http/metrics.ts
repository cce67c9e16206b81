import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { JobFilter } from '../core/catalog-ports.js';
import type { DeviceState } from '../core/drive.js';
import type { EventSource, Log } from '../core/ports.js';
import type { StationView } from '../core/station-ports.js';
import { type GaugeSpec, setKnown } from './gauge-spec.js';
import { upkeepGauges } from './upkeep-metrics.js';

const jobStatuses: readonly JobFilter[] = [
  'queued',
  'running',
  'paused',
  'interrupted',
  'completed',
  'failed',
  'cancelled',
];
const deviceStates: readonly DeviceState[] = ['empty', 'open', 'loaded', 'faulty'];

export interface StreamFigures {
  readonly clients: number;
  readonly droppedClients: number;
}

export interface Metrics {
  readonly contentType: string;
  /** Counts from now on. */
  start(): void;
  stop(): void;
  /** The exposition text. A figure that cannot be had is left out and counted, the others are given. */
  scrape(): Promise<string>;
  observeRequest(method: string, route: string, status: number, seconds: number): void;
}

const bit = (value: boolean): number => (value ? 1 : 0);

function stationGauges(view: StationView, stream: StreamFigures): GaugeSpec[] {
  return [
    {
      name: 'disk2iso_build_info',
      help: 'Always 1; the version is in the label.',
      labels: ['version'],
      collect: (gauge) => gauge.set({ version: view.version }, 1),
    },
    { name: 'disk2iso_ready', help: '1 while discs can be imaged.', collect: (gauge) => gauge.set(bit(view.ready())) },
    {
      name: 'disk2iso_jobs',
      help: 'Jobs in the catalog by status.',
      labels: ['status'],
      collect: async (gauge) => {
        gauge.reset();
        const catalog = view.catalog();
        if (catalog === null) return;
        for (const status of jobStatuses) {
          gauge.set({ status }, (await catalog.jobs(status, { limit: 1, offset: 0 })).total);
        }
      },
    },
    {
      name: 'disk2iso_archives',
      help: 'Archives in the catalog.',
      collect: async (gauge) => setKnown(gauge, (await view.catalog()?.archives({ limit: 1, offset: 0 }))?.total),
    },
    {
      name: 'disk2iso_drive_state',
      help: '1 for the state a drive is in, 0 for the others.',
      labels: ['device', 'state'],
      collect: (gauge) => {
        gauge.reset();
        for (const { id, state } of view.devices()) {
          for (const one of deviceStates) gauge.set({ device: id, state: one }, bit(one === state));
        }
      },
    },
    {
      name: 'disk2iso_condition',
      help: '1 where the condition holds: good for Ready, bad for Stalled.',
      labels: ['subject', 'type'],
      collect: (gauge) => {
        gauge.reset();
        for (const { subject, type, status } of view.conditions()) gauge.set({ subject, type }, bit(status));
      },
    },
    {
      name: 'disk2iso_storage_total_bytes',
      help: "Size of the library's filesystem.",
      collect: (gauge) => setKnown(gauge, view.storage()?.totalBytes),
    },
    {
      name: 'disk2iso_storage_used_bytes',
      help: "In use on the library's filesystem.",
      collect: (gauge) => setKnown(gauge, view.storage()?.usedBytes),
    },
    {
      name: 'disk2iso_storage_available_bytes',
      help: "What may still be written on the library's filesystem.",
      collect: (gauge) => setKnown(gauge, view.storage()?.availableBytes),
    },
    {
      name: 'disk2iso_config_generation',
      help: 'Counts the applied configurations.',
      collect: (gauge) => gauge.set(view.config().generation),
    },
    {
      name: 'disk2iso_config_last_reload_successful',
      help: '1 where the configuration file as it stands is in force.',
      collect: (gauge) => gauge.set(bit(view.configProblems().length === 0)),
    },
    {
      name: 'disk2iso_config_last_reload_success_timestamp_seconds',
      help: 'When a configuration was last applied, in Unix time.',
      collect: (gauge) => gauge.set(view.config().appliedAt / 1000),
    },
    {
      name: 'disk2iso_last_pass_seconds',
      help: 'How long the last look at the world took, with what was done about it.',
      collect(gauge) {
        const ms = view.lastPassMs();
        setKnown(gauge, ms === null ? null : ms / 1000);
      },
    },
    ...upkeepGauges(view),
    {
      name: 'disk2iso_config_hash',
      help: 'Always 1; the SHA-256 of the configuration in force is in the label.',
      labels: ['hash'],
      collect: (gauge) => {
        gauge.reset();
        gauge.set({ hash: view.config().hash }, 1);
      },
    },
    {
      name: 'disk2iso_event_stream_clients',
      help: 'Clients that listen to the event stream.',
      collect: (gauge) => gauge.set(stream.clients),
    },
    {
      name: 'disk2iso_event_stream_dropped_clients',
      help: 'Clients of the event stream dropped for not reading, since the start.',
      collect: (gauge) => gauge.set(stream.droppedClients),
    },
  ];
}

export function createMetrics(view: StationView, source: EventSource, stream: StreamFigures, log: Log): Metrics {
  const registry = new Registry();
  const registers = [registry];
  for (const { name, help, labels = [], collect } of stationGauges(view, stream)) {
    new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers,
      async collect() {
        await collect(this);
      },
    });
  }
  const imaged = new Counter({
    name: 'disk2iso_imaged_bytes_total',
    help: 'Bytes of the images finished since the start.',
    registers,
  });
  const failures = new Counter({
    name: 'disk2iso_metrics_failures_total',
    help: 'Figures that could not be had when they were asked for.',
    registers,
  });
  const requests = new Histogram({
    name: 'disk2iso_http_request_duration_seconds',
    help: 'Time to answer, up to the first byte for streams.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 10],
    registers,
  });
  let unsubscribe: (() => void) | null = null;

  return {
    contentType: registry.contentType,
    start() {
      if (unsubscribe !== null) return;
      // Its default, a timer every 10 ms, takes half of what an idle daemon takes; the recorded delays include this interval.
      collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
      unsubscribe = source.onEvent(({ event }) => {
        if (event.type === 'job_completed') imaged.inc(event.sizeBytes);
      });
    },
    stop() {
      unsubscribe?.();
      unsubscribe = null;
    },
    async scrape() {
      // one at a time: prom-client's own metrics() fails whole where a single collector throws
      const texts: string[] = [];
      for (const { name } of registry.getMetricsAsArray()) {
        try {
          texts.push(await registry.getSingleMetricAsString(name));
        } catch (cause) {
          failures.inc();
          log.warn({ err: cause, metric: name }, 'a figure for /metrics could not be had');
        }
      }
      return `${texts.join('\n\n')}\n`;
    },
    observeRequest(method, route, status, seconds) {
      requests.observe({ method, route, status: String(status) }, seconds);
    },
  };
}
