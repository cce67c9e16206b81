import type { Archive } from '../../src/core/archive.js';
import { type DeletionsSeen, deletionsOf } from '../../src/core/deletion-holds.js';
import type { AppliedConfig, Desired } from '../../src/core/desired.js';
import type { Disc } from '../../src/core/disc.js';
import type { Insertion, Medium, ObservedDevice } from '../../src/core/drive.js';
import { type ArchiveId, deviceId, type JobId, mediumKey } from '../../src/core/ids.js';
import type { Job, JobState } from '../../src/core/job.js';
import type { Observed } from '../../src/core/observed.js';
import type { RetentionRule } from '../../src/core/retention-rule.js';
import type { Rule } from '../../src/core/rule.js';

/** Small whole values of the vocabulary, for tests that change one thing about them. */
export const sampleDisc = (over: Partial<Disc> = {}): Disc => ({
  media: 'dvd',
  content: 'data',
  label: 'HOLIDAY',
  filesystems: [],
  sizes: { mediumBytes: 1_000_000, iso9660Bytes: 1_000_000, udfBytes: null },
  fingerprint: { structure: 'holiday', samples: [{ sector: 20, sha256: 'aa' }] },
  ...over,
});

export const sampleJob = (state: JobState, over: Partial<Job> = {}): Job => ({
  id: 'job_1' as JobId,
  name: 'HOLIDAY',
  device: deviceId('top'),
  medium: mediumKey('top-1'),
  sourceName: null,
  disc: sampleDisc(),
  settings: sampleSettings,
  rule: null,
  configGeneration: 1,
  configHash: 'c0ffee',
  continues: null,
  createdAt: 1000,
  updatedAt: 1000,
  startedAt: null,
  rescuedBytes: 0,
  setbacks: 0,
  state,
  ...over,
});

export const sampleSettings: Job['settings'] = {
  readAttempts: 5,
  sectorSize: 2048,
  verify: true,
  checksums: ['md5', 'sha256'],
  eject: 'on_success',
  priority: 'normal',
  path: '{media}/{label}',
};

export const sampleArchive = (over: Partial<Archive> = {}): Archive => ({
  id: 'archive_1' as ArchiveId,
  jobId: 'job_1' as JobId,
  path: 'dvd/HOLIDAY.iso',
  sizeBytes: 1_000_000,
  checksums: { md5: 'd4', sha256: '5a' },
  verdict: { kind: 'complete' },
  disc: sampleDisc(),
  provenance: {
    device: '/dev/sr0',
    vendor: null,
    model: null,
    serial: null,
    ddrescueVersion: '1.27',
    rule: null,
    configGeneration: 1,
    configHash: 'c0ffee',
    sourceName: null,
    continues: null,
  },
  startedAt: 1000,
  finishedAt: 2000,
  verification: null,
  supersededBy: null,
  ...over,
});

export const sampleMedium = (over: Partial<Medium> = {}): Medium => ({
  key: mediumKey('top-1'),
  path: '/dev/sr0',
  name: null,
  media: 'dvd',
  content: 'data',
  sizeBytes: 1_000_000,
  settled: true,
  fault: null,
  ...over,
});

export const sampleDevice = (media: readonly Medium[], over: Partial<ObservedDevice> = {}): ObservedDevice => ({
  id: deviceId('top'),
  drive: 'top',
  kind: 'optical',
  path: '/dev/sr0',
  vendor: 'ASUS',
  model: 'DRW-24B1ST',
  serial: null,
  state: media.length > 0 ? 'loaded' : 'empty',
  media,
  fault: null,
  ...over,
});

export const sampleInsertion = (over: Partial<Insertion> = {}): Insertion => ({
  device: deviceId('top'),
  key: mediumKey('top-1'),
  seenAt: 1000,
  name: null,
  disc: sampleDisc(),
  outcome: { kind: 'job', jobId: 'job_1' as JobId },
  eject: { kind: 'pending', policy: 'on_success' },
  ...over,
});

export const sampleRule = (over: Partial<Rule> & { readonly name: string }): Rule => ({
  suspend: false,
  match: { media: null, label: null, drive: null, minBytes: null, maxBytes: null },
  action: 'image',
  onDuplicate: 'skip',
  settings: {},
  ...over,
});

export const sampleDesired = (over: Partial<Desired> = {}): Desired => ({
  storage: { library: '/library', state: '/state', warnAt: 90, stopAt: 95 },
  defaults: sampleSettings,
  drives: [{ name: 'top', source: { kind: 'optical', device: '/dev/sr0' }, suspend: false }],
  rules: [],
  fixity: null,
  retention: [],
  trash: { keep: 7 * 86_400_000, approveAbove: 10 },
  keepEventsFor: null,
  users: [],
  notifications: [],
  api: { listen: null, socket: '/state/disk2iso.sock', allowedHosts: [] },
  suspend: false,
  ...over,
});

export const sampleConfig = (desired: Desired): AppliedConfig => ({
  generation: 1,
  hash: 'c0ffee',
  appliedAt: 0,
  desired,
  degraded: false,
});

export const sampleObserved = (over: Partial<Observed> = {}): Observed => ({
  now: 10_000,
  devices: [],
  insertions: [],
  jobs: [],
  running: new Set(),
  busy: new Set(),
  storage: { totalBytes: 100_000_000, usedBytes: 10_000_000, availableBytes: 90_000_000 },
  faults: [],
  ...over,
});

/** Decides everything and keeps for no reason of its own, but for what is said otherwise. */
export const sampleRetention = (
  over: Partial<RetentionRule> = {},
  match: Partial<RetentionRule['match']> = {},
): RetentionRule => ({
  name: 'rule',
  match: { media: null, label: null, tag: null, rule: null, drive: null, minAge: null, verdict: null, ...match },
  keepFor: null,
  keepLast: null,
  keepUntilFree: null,
  deletes: 'copies',
  ...over,
});

/** Nothing holds back what the file says of deletions, but for what is said otherwise. */
export const sampleDeletionsSeen = (desired: Desired, over: Partial<DeletionsSeen> = {}): DeletionsSeen => ({
  refused: false,
  clock: 'right',
  asked: { counted: deletionsOf(desired), waiting: null },
  standing: null,
  ...over,
});
