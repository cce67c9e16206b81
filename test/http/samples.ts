import type { Archive } from '../../src/core/archive.js';
import type { Disc } from '../../src/core/disc.js';
import type { ObservedDevice } from '../../src/core/drive.js';
import { type ArchiveId, createArchiveId, createJobId, deviceId, type JobId, mediumKey } from '../../src/core/ids.js';
import type { Job } from '../../src/core/job.js';
import type { ImagingSettings } from '../../src/core/rule.js';

export const imagingSettings: ImagingSettings = {
  readAttempts: 3,
  sectorSize: 2048,
  verify: false,
  checksums: ['md5', 'sha256'],
  eject: 'on_success',
  priority: 'normal',
  path: '{media}/{label}',
};

const time = 1_780_000_000_000;

/** The n-th id: later ones sort behind earlier ones. */
const bytes = (n: number): Uint8Array => new Uint8Array(10).fill(n % 32);
export const jobId = (n: number): JobId => createJobId(time + n * 1000, bytes(n));
export const archiveId = (n: number): ArchiveId => createArchiveId(time + n * 1000, bytes(n));

export function sampleDisc(label: string | null, sizeBytes: number | null = 4_700_000_256): Disc {
  return {
    media: 'dvd',
    content: 'data',
    label,
    filesystems: [{ type: 'udf', label, uuid: '5f3a0c11deadbeef', volumeBytes: sizeBytes }],
    sizes: { mediumBytes: sizeBytes, iso9660Bytes: null, udfBytes: sizeBytes },
    fingerprint: { structure: 'ab'.repeat(32), samples: [] },
  };
}

export function sampleJob(n: number, change: Partial<Job> = {}): Job {
  const name = change.name ?? `DISC_${n}`;
  return {
    id: jobId(n),
    name,
    device: deviceId('dvd'),
    medium: mediumKey(`sr0-${n}`),
    sourceName: null,
    disc: sampleDisc(name),
    settings: imagingSettings,
    rule: 'films',
    configGeneration: 3,
    configHash: 'c0ffee',
    continues: null,
    createdAt: time + n * 1000,
    updatedAt: time + n * 1000,
    startedAt: null,
    rescuedBytes: 0,
    setbacks: 0,
    state: { kind: 'queued' },
    ...change,
  };
}

export function sampleArchive(n: number, change: Partial<Archive> = {}): Archive {
  return {
    id: archiveId(n),
    jobId: jobId(n),
    path: `dvd/DISC_${n}.iso`,
    sizeBytes: 4_700_000_256,
    checksums: { md5: 'd4'.repeat(16), sha256: n.toString(16).padStart(64, '7') },
    verdict: { kind: 'complete' },
    disc: sampleDisc(`DISC_${n}`),
    provenance: {
      device: '/dev/sr0',
      vendor: 'ASUS',
      model: 'DRW-24B1ST',
      serial: null,
      ddrescueVersion: '1.27',
      rule: 'films',
      configGeneration: 3,
      configHash: 'c0ffee',
      sourceName: null,
      continues: null,
    },
    startedAt: time + n * 1000,
    finishedAt: time + n * 1000 + 600_000,
    verification: null,
    supersededBy: null,
    ...change,
  };
}

export function sampleDevice(name = 'dvd', change: Partial<ObservedDevice> = {}): ObservedDevice {
  return {
    id: deviceId(name),
    drive: name,
    kind: 'optical',
    path: '/dev/sr0',
    vendor: 'ASUS',
    model: 'DRW-24B1ST',
    serial: 'K4D0CL',
    state: 'loaded',
    media: [
      {
        key: mediumKey('sr0-1'),
        path: '/dev/sr0',
        name: null,
        media: 'dvd',
        content: 'data',
        sizeBytes: 4_700_000_256,
        settled: true,
        fault: null,
      },
    ],
    fault: null,
    ...change,
  };
}
