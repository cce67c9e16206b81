import type { Archive, ArchiveCare, Provenance, Trashed, Verification } from '../core/archive.js';
import type { ByteRange } from '../core/byte-range.js';
import { algorithms } from '../core/checksum.js';
import {
  type Disc,
  type DiscSizes,
  type Filesystem,
  type Fingerprint,
  type MediaKind,
  mediaKinds,
  type Sample,
} from '../core/disc.js';
import {
  type DecidedBy,
  type EjectState,
  ejectPolicies,
  type Insertion,
  type InsertionOutcome,
} from '../core/drive.js';
import type { ClockMemory, Duty, DutyRetention, Survey } from '../core/duty.js';
import type { FaultCode, FaultRecord } from '../core/fault.js';
import type { ArchiveId, DeviceId, JobId, MediumKey } from '../core/ids.js';
import type { Job, JobState, Setback } from '../core/job.js';
import { type ImagingSettings, priorities } from '../core/rule.js';
import type { Verdict } from '../core/verdict.js';
import {
  brandedText,
  count,
  flag,
  list,
  nullable,
  object,
  oneOf,
  optional,
  real,
  type Shape,
  someOf,
  tagged,
  text,
  textThat,
} from './level-catalog-shape.js';

export const jobIdShape: Shape<JobId> = textThat('a job id', (value) => /^job_[0-9a-z]+$/.test(value));
export const archiveIdShape: Shape<ArchiveId> = textThat('an archive id', (value) => /^archive_[0-9a-z]+$/.test(value));
export const deviceIdShape: Shape<DeviceId> = brandedText<DeviceId>();
const mediumKeyShape: Shape<MediumKey> = brandedText<MediumKey>();

export const faultShape = object<FaultRecord>({
  // Not held to today's codes: a fault is only shown, and a code retired later must not make the record unreadable.
  code: brandedText<FaultCode>(),
  message: text,
  retry: oneOf(['never', 'later']),
});

const rangeShape = object<ByteRange>({ start: count, length: count });
const badShape = { bad: list(rangeShape), badBytes: count };
export const verdictShape = tagged<'kind', Verdict>('kind', {
  complete: object({}),
  complete_with_tail: object({ tail: rangeShape }),
  damaged: object(badShape),
  protected: object(badShape),
  unreadable: object({}),
});

const checksumsShape = someOf(algorithms, text);

const discShape = object<Disc>({
  media: oneOf<MediaKind>(mediaKinds),
  content: oneOf(['data', 'audio', 'mixed', 'multisession', 'blank', 'unknown']),
  label: nullable(text),
  filesystems: list(
    object<Filesystem>({
      type: oneOf(['iso9660', 'joliet', 'udf', 'hfs']),
      label: nullable(text),
      uuid: nullable(text),
      volumeBytes: nullable(count),
    }),
  ),
  sizes: object<DiscSizes>({ mediumBytes: nullable(count), iso9660Bytes: nullable(count), udfBytes: nullable(count) }),
  fingerprint: nullable(
    object<Fingerprint>({
      structure: text,
      samples: list(object<Sample>({ sector: count, sha256: nullable(text) })),
    }),
  ),
});

const settingsShape = object<ImagingSettings>({
  readAttempts: count,
  sectorSize: count,
  verify: flag,
  checksums: list(oneOf(algorithms)),
  eject: oneOf(ejectPolicies),
  priority: oneOf(priorities),
  path: text,
});

const provenanceShape = object<Provenance>({
  device: text,
  drive: optional(text),
  vendor: nullable(text),
  model: nullable(text),
  serial: nullable(text),
  ddrescueVersion: text,
  rule: nullable(text),
  configGeneration: count,
  configHash: text,
  sourceName: nullable(text),
  continues: nullable(archiveIdShape),
});

const verificationShape = tagged<'kind', Verification>('kind', {
  match: object({ at: real }),
  mismatch: object({ at: real, algorithms: list(text) }),
  missing: object({ at: real }),
  unreadable: object({ at: real }),
});

const careShape = object<ArchiveCare>({
  pinned: flag,
  label: nullable(text),
  tags: list(text),
  notes: nullable(text),
  history: list(verificationShape),
  trashed: nullable(object<Trashed>({ at: real, purgeAt: real, rule: text, restoreTo: nullable(text) })),
});

export const archiveShape = object<Archive>({
  id: archiveIdShape,
  jobId: jobIdShape,
  path: text,
  sizeBytes: count,
  checksums: checksumsShape,
  verdict: verdictShape,
  disc: discShape,
  provenance: provenanceShape,
  startedAt: real,
  finishedAt: real,
  verification: nullable(verificationShape),
  supersededBy: nullable(archiveIdShape),
  care: optional(careShape),
});

const setbackShape = object<Setback>({ fault: faultShape, retryAt: real });

const stateShape = tagged<'kind', JobState>('kind', {
  queued: object({}),
  imaging: object({}),
  hashing: object({ verdict: verdictShape }),
  verifying: object({ verdict: verdictShape, checksums: checksumsShape }),
  archiving: object({ archive: archiveShape, setback: nullable(setbackShape) }),
  paused: object({ reason: oneOf(['user', 'storage']) }),
  interrupted: object({ setback: setbackShape }),
  completed: object({ verdict: verdictShape, archiveId: archiveIdShape, finishedAt: real }),
  failed: object({ fault: faultShape, finishedAt: real }),
  cancelled: object({ finishedAt: real }),
});

export const jobShape = object<Job>({
  id: jobIdShape,
  name: text,
  device: deviceIdShape,
  medium: mediumKeyShape,
  sourceName: nullable(text),
  disc: discShape,
  settings: settingsShape,
  rule: nullable(text),
  configGeneration: count,
  configHash: text,
  continues: nullable(archiveIdShape),
  createdAt: real,
  updatedAt: real,
  startedAt: nullable(real),
  rescuedBytes: count,
  setbacks: count,
  state: stateShape,
});

export const insertionShape = object<Insertion>({
  device: deviceIdShape,
  key: mediumKeyShape,
  seenAt: real,
  name: nullable(text),
  disc: nullable(discShape),
  outcome: tagged<'kind', InsertionOutcome>('kind', {
    job: object({ jobId: jobIdShape }),
    waiting: object({ jobId: jobIdShape }),
    duplicate: object({ archiveId: archiveIdShape }),
    ignored: object({ rule: text }),
    unsupported: object({ fault: faultShape }),
    unidentified: object({ fault: faultShape, attempt: count, retryAt: nullable(real) }),
  }),
  eject: tagged<'kind', EjectState>('kind', {
    not_wanted: object({}),
    pending: object({ policy: oneOf(ejectPolicies) }),
    done: object({ at: real }),
    failed: object({ fault: faultShape }),
  }),
  decidedBy: optional(object<DecidedBy>({ rule: nullable(text), generation: count })),
});

export const dutyShape = object<Duty>({
  id: archiveIdShape,
  missing: list(oneOf(algorithms)),
  priority: oneOf(priorities),
  retention: nullable(
    object<DutyRetention>({ rule: count, finishedAt: real, sizeBytes: count, isProtected: flag, isGood: flag }),
  ),
  changesAt: nullable(real),
});

const clockShape = object<ClockMemory>({
  seenAt: real,
  leap: nullable(object<NonNullable<ClockMemory['leap']>>({ to: real, stoodMs: real })),
});

export const surveyShape = object<Survey>({
  policy: text,
  generation: count,
  cursor: nullable(archiveIdShape),
  done: flag,
  counted: optional(nullable(text)),
  waiting: nullable(object<NonNullable<Survey['waiting']>>({ generation: count, count })),
  pacedAt: nullable(real),
  clock: optional(nullable(clockShape)),
});
