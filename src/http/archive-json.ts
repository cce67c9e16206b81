import { basename } from 'node:path';
import { type Archive, careOf, type Verification } from '../core/archive.js';
import type { StationView } from '../core/station-ports.js';
import type { ArchiveJson, VerificationJson } from './api.gen.js';
import { isoTime } from './iso-time.js';
import { rangesInLists, verdictJson } from './verdict-json.js';

export function verificationJson(verification: Verification): VerificationJson {
  const differing = verification.kind === 'mismatch' ? [...verification.algorithms] : [];
  return { result: verification.kind, at: isoTime(verification.at), algorithms: differing };
}

function discJson({ disc }: Archive): ArchiveJson['disc'] {
  return {
    content: disc.content,
    fingerprint: disc.fingerprint?.structure ?? null,
    filesystems: disc.filesystems.map(({ type, label, uuid, volumeBytes }) => ({
      type,
      label,
      uuid,
      volume_bytes: volumeBytes,
    })),
    medium_bytes: disc.sizes.mediumBytes,
    iso9660_bytes: disc.sizes.iso9660Bytes,
    udf_bytes: disc.sizes.udfBytes,
  };
}

function provenanceJson({ provenance }: Archive): ArchiveJson['provenance'] {
  const { device, vendor, model, serial, rule, continues } = provenance;
  return {
    device,
    vendor,
    model,
    serial,
    ddrescue_version: provenance.ddrescueVersion,
    rule,
    config_generation: provenance.configGeneration,
    config_hash: provenance.configHash,
    source_name: provenance.sourceName,
    continues,
  };
}

export function archiveJson(archive: Archive, view: StationView, mostRanges = rangesInLists): ArchiveJson {
  const path = view.imagePath(archive);
  const care = careOf(archive);
  return {
    id: archive.id,
    filename: basename(path),
    path,
    manifest: `${path}.json`,
    size_bytes: archive.sizeBytes,
    created_at: isoTime(archive.finishedAt),
    started_at: isoTime(archive.startedAt),
    checksums: { ...archive.checksums },
    metadata: { label: care.label ?? archive.disc.label, tags: [...care.tags], notes: care.notes },
    pinned: care.pinned,
    verifications: care.history.map(verificationJson),
    trashed:
      care.trashed === null
        ? null
        : { at: isoTime(care.trashed.at), purge_at: isoTime(care.trashed.purgeAt), rule: care.trashed.rule },
    verdict: archive.verdict.kind,
    ...verdictJson(archive.verdict, archive.disc.sizes.mediumBytes ?? archive.sizeBytes, mostRanges),
    media: archive.disc.media,
    disc: discJson(archive),
    provenance: provenanceJson(archive),
    verification: archive.verification === null ? null : verificationJson(archive.verification),
    job_id: archive.jobId,
    superseded_by: archive.supersededBy,
  };
}
