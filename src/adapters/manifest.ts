import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Archive } from '../core/archive.js';
import type { ByteRange } from '../core/byte-range.js';
import { type Disc, sectorBytes } from '../core/disc.js';
import { Fault } from '../core/fault.js';
import type { ArchiveId, JobId } from '../core/ids.js';
import type { Verdict } from '../core/verdict.js';
import { formatCare, formatVerification, parseCare, parseVerification } from './manifest-care.js';
import { type ManifestFile, manifestSchema } from './manifest-file.gen.js';

type Range = ManifestFile['verdict']['bad_ranges'][number];

const time = (milliseconds: number): string => new Date(milliseconds).toISOString();

function formatRange({ start, length }: ByteRange): Range {
  const first = Math.floor(start / sectorBytes);
  const end = Math.ceil((start + length) / sectorBytes);
  return { start_byte: start, length_bytes: length, first_sector: first, sector_count: end - first };
}

function formatVerdict(verdict: Verdict): ManifestFile['verdict'] {
  const { kind } = verdict;
  if (kind === 'complete' || kind === 'unreadable') return { kind, bad_bytes: 0, bad_ranges: [] };
  if (kind === 'complete_with_tail') {
    return { kind, bad_bytes: verdict.tail.length, bad_ranges: [formatRange(verdict.tail)] };
  }
  return { kind, bad_bytes: verdict.badBytes, bad_ranges: verdict.bad.map(formatRange) };
}

function formatDisc(disc: Disc): ManifestFile['disc'] {
  return {
    media: disc.media,
    content: disc.content,
    label: disc.label,
    filesystems: disc.filesystems.map(({ type, label, uuid, volumeBytes }) => ({
      type,
      label,
      uuid,
      volume_bytes: volumeBytes,
    })),
    sizes: {
      medium_bytes: disc.sizes.mediumBytes,
      iso9660_bytes: disc.sizes.iso9660Bytes,
      udf_bytes: disc.sizes.udfBytes,
    },
    fingerprint:
      disc.fingerprint === null
        ? null
        : {
            structure: disc.fingerprint.structure,
            samples: disc.fingerprint.samples.map(({ sector, sha256 }) => ({ sector, sha256 })),
          },
  };
}

/** The text of `NAME.iso.json`. Which archive superseded this one comes later, so it is not in here. */
export function formatManifest(archive: Archive): string {
  const { provenance } = archive;
  const file: ManifestFile = {
    manifest_version: 1,
    archive_id: archive.id,
    job_id: archive.jobId,
    filename: archive.path.slice(archive.path.lastIndexOf('/') + 1),
    size_bytes: archive.sizeBytes,
    checksums: archive.checksums,
    verdict: formatVerdict(archive.verdict),
    disc: formatDisc(archive.disc),
    drive: {
      device: provenance.device,
      ...(provenance.drive === undefined ? {} : { name: provenance.drive }),
      vendor: provenance.vendor,
      model: provenance.model,
      serial: provenance.serial,
    },
    ddrescue_version: provenance.ddrescueVersion,
    source_name: provenance.sourceName,
    rule: provenance.rule,
    config: { generation: provenance.configGeneration, hash: provenance.configHash },
    continues: provenance.continues,
    started_at: time(archive.startedAt),
    finished_at: time(archive.finishedAt),
    verification: archive.verification === null ? null : formatVerification(archive.verification),
    ...formatCare(archive),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

let validator: ValidateFunction<ManifestFile> | undefined;

function validate(): ValidateFunction<ManifestFile> {
  if (validator === undefined) {
    // the schema is ours: a test holds it against the meta-schema
    const ajv = new Ajv2020({
      strict: true,
      allowUnionTypes: true,
      validateSchema: false,
      code: { optimize: false },
    });
    addFormats.default(ajv);
    validator = ajv.compile<ManifestFile>(manifestSchema);
  }
  return validator;
}

function unreadable(path: string, why: string, cause?: unknown): Fault {
  return new Fault('io_error', `The manifest of ${path} cannot be read: ${why}.`, { cause });
}

/**
 * @param path the image's path below the library, as it is now
 * Throws Fault io_error with what is wrong.
 */
export function parseManifest(text: string, path: string): Archive {
  return archiveOf(readFile(text, path), path, false);
}

/** A manifest found in the trash: it says itself where its image lay. Throws Fault io_error. */
export function parseTrashedManifest(text: string, place: string): Archive {
  const file = readFile(text, place);
  const path = file.care?.trashed?.path;
  if (path === undefined) throw unreadable(place, 'it does not say where its image lay');
  return archiveOf(file, path, true);
}

function readFile(text: string, path: string): ManifestFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable(path, 'it is no JSON', cause);
  }
  const check = validate();
  if (!check(value)) {
    const version = (value as { manifest_version?: unknown } | null)?.manifest_version;
    if (typeof version === 'number' && version !== 1) throw unreadable(path, `it has the newer version ${version}`);
    const [problem] = check.errors ?? [];
    const place = problem?.instancePath === '' ? '' : `${problem?.instancePath.slice(1)} `;
    throw unreadable(path, `${place}${problem?.message ?? 'does not fit its schema'}`);
  }
  return value;
}

const parseTime = (text: string): number => Date.parse(text);
const parseRange = (range: Range): ByteRange => ({ start: range.start_byte, length: range.length_bytes });

function parseVerdict({ kind, bad_bytes, bad_ranges }: ManifestFile['verdict'], path: string): Verdict {
  if (kind === 'complete' || kind === 'unreadable') return { kind };
  const bad = bad_ranges.map(parseRange);
  if (kind !== 'complete_with_tail') return { kind, bad, badBytes: bad_bytes };
  const [tail] = bad;
  if (tail === undefined) throw unreadable(path, 'verdict complete_with_tail has no range');
  return { kind, tail };
}

function archiveOf(file: ManifestFile, path: string, isTrashed: boolean): Archive {
  const { disc, drive } = file;
  return {
    id: file.archive_id as ArchiveId,
    jobId: file.job_id as JobId,
    path,
    sizeBytes: file.size_bytes,
    checksums: file.checksums,
    verdict: parseVerdict(file.verdict, path),
    disc: {
      media: disc.media,
      content: disc.content,
      label: disc.label,
      filesystems: disc.filesystems.map(({ type, label, uuid, volume_bytes }) => ({
        type,
        label,
        uuid,
        volumeBytes: volume_bytes,
      })),
      sizes: {
        mediumBytes: disc.sizes.medium_bytes,
        iso9660Bytes: disc.sizes.iso9660_bytes,
        udfBytes: disc.sizes.udf_bytes,
      },
      fingerprint: disc.fingerprint,
    },
    provenance: {
      device: drive.device,
      ...(drive.name === undefined ? {} : { drive: drive.name }),
      vendor: drive.vendor,
      model: drive.model,
      serial: drive.serial,
      ddrescueVersion: file.ddrescue_version,
      rule: file.rule,
      configGeneration: file.config.generation,
      configHash: file.config.hash,
      sourceName: file.source_name,
      continues: file.continues as ArchiveId | null,
    },
    startedAt: parseTime(file.started_at),
    finishedAt: parseTime(file.finished_at),
    verification: file.verification === null ? null : parseVerification(file.verification),
    supersededBy: null,
    ...parseCare(file.care, isTrashed),
  };
}
