import type { ApiShapes } from '../../src/http/api.gen.js';

/* Answers as the daemon gives them; the types are those generated from schemas/api. */

export const archiveId = 'archive_0123456789abcdefghj';
export const jobId = 'job_0123456789abcdefghj';
const at = '2025-12-31T12:00:03.000Z';
/** What discs are called by those who mean harm. */
export const nastyLabel = 'EVIL\u001b[2J\r\n\u202Ename\u009b1m';

export const job: ApiShapes['job'] = {
  id: jobId,
  name: 'HOLIDAY',
  status: 'running',
  phase: 'imaging',
  progress: 45,
  device: '/dev/sr0',
  device_id: 'reader',
  output_file: null,
  size_bytes: 4_700_000_000,
  rescued_bytes: 2_115_000_000,
  speed_bps: 2_400_000,
  eta_seconds: 263,
  read_errors: 0,
  verdict: null,
  bad_bytes: null,
  bad_range_count: null,
  bad_ranges: null,
  tail: null,
  error: null,
  pause_reason: null,
  retry_at: null,
  priority: 'normal',
  label: 'HOLIDAY',
  media: 'dvd',
  rule: null,
  archive_id: null,
  created_at: at,
  updated_at: at,
  started_at: at,
  finished_at: null,
};

export const damagedJob: ApiShapes['job'] = {
  ...job,
  id: 'job_0123456789abcdefghk',
  name: nastyLabel,
  status: 'completed',
  phase: null,
  progress: 100,
  speed_bps: null,
  eta_seconds: null,
  verdict: 'damaged',
  bad_bytes: 4096,
  bad_range_count: 1,
  bad_ranges: [{ start: 40_960, length: 4096 }],
  archive_id: archiveId,
  output_file: '/srv/library/dvd/HOLIDAY.damaged.iso',
  finished_at: at,
};

export const archive: ApiShapes['archive'] = {
  id: archiveId,
  filename: 'HOLIDAY.iso',
  path: '/srv/library/dvd/HOLIDAY.iso',
  manifest: '/srv/library/dvd/HOLIDAY.iso.json',
  size_bytes: 4_700_000_000,
  created_at: at,
  started_at: at,
  checksums: { md5: 'd41d8cd98f00b204e9800998ecf8427e', sha256: 'a'.repeat(64) },
  metadata: { label: 'HOLIDAY', tags: [], notes: '' },
  verdict: 'complete',
  bad_bytes: 0,
  bad_range_count: 0,
  bad_ranges: [],
  tail: null,
  media: 'dvd',
  disc: {
    content: 'data',
    fingerprint: 'f'.repeat(64),
    filesystems: [],
    medium_bytes: 4_700_000_000,
    iso9660_bytes: null,
    udf_bytes: null,
  },
  provenance: {
    device: 'reader',
    vendor: 'PIONEER',
    model: 'BD-RW',
    serial: null,
    ddrescue_version: '1.27',
    rule: null,
    config_generation: 1,
    config_hash: 'c'.repeat(64),
    source_name: null,
    continues: null,
  },
  verification: { result: 'match', at, algorithms: [] },
  job_id: jobId,
  superseded_by: null,
};

export const devices: ApiShapes['devices'] = {
  devices: [
    {
      id: 'reader',
      drive: 'reader',
      kind: 'optical',
      path: '/dev/sr0',
      vendor: 'PIONEER',
      model: 'BD-RW',
      serial: null,
      status: 'busy',
      state: 'loaded',
      has_media: true,
      media_type: 'dvd',
      media_size_bytes: 4_700_000_000,
      job_id: jobId,
      media: [
        {
          key: 'reader#7',
          name: null,
          label: nastyLabel,
          media_type: 'dvd',
          content: 'data',
          size_bytes: 4_700_000_000,
          settled: true,
          error: null,
          outcome: { kind: 'job', job_id: jobId, archive_id: null, rule: null, error: null, retry_at: null },
          eject: 'pending',
        },
      ],
      error: null,
    },
    {
      id: 'dropbox',
      drive: 'dropbox',
      kind: 'folder',
      path: '/srv/dropbox',
      vendor: null,
      model: null,
      serial: null,
      status: 'faulty',
      state: 'faulty',
      has_media: false,
      media_type: null,
      media_size_bytes: null,
      job_id: null,
      media: [],
      error: { code: 'permission_denied', message: 'The folder may not be read: chmod it.', retry: 'later' },
    },
  ],
};

export const status: ApiShapes['system-status'] = {
  status: 'healthy',
  version: '0.1.0',
  started_at: at,
  uptime_seconds: 7380,
  suspended: false,
  resources: {
    cpu_percent: 12.34,
    memory_used_bytes: 478_150_656,
    memory_total_bytes: null,
    load_average: [0.5, 0.25, 0.1],
    storage_used_bytes: 102_400_000_000,
    storage_total_bytes: 1_000_000_000_000,
    storage_available_bytes: 897_600_000_000,
  },
  storage: { library: '/srv/library', used_percent: 10.24, warn_at: 85, stop_at: 95, level: 'ok' },
  services: { storage: 'ok' },
  conditions: [],
  config: {
    generation: 3,
    hash: 'c'.repeat(64),
    applied_at: at,
    attempted: { generation: 3, hash: 'c'.repeat(64), at },
    last_reload_successful: true,
    problems: [],
  },
};

export const degraded: ApiShapes['system-status'] = {
  ...status,
  status: 'degraded',
  conditions: [
    {
      subject: 'notifications',
      type: 'Ready',
      status: false,
      reason: 'target_failing',
      message: 'home: Nobody is there.',
      problem: true,
      since: at,
    },
  ],
  config: { ...status.config, last_reload_successful: false, problems: ['config.yaml:3:5: unknown key “libary”'] },
};

export const event = (seq: number, level: ApiShapes['event']['level'] = 'info'): ApiShapes['event'] => ({
  seq,
  at,
  level,
  type: 'disc_inserted',
  message: `event ${seq} of ${nastyLabel}`,
  data: { device: 'reader', name: nastyLabel },
});
