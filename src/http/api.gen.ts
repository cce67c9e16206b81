/** Generated from schemas/api by packaging/scripts/generate-types.mjs; do not edit. */

export interface ApiShapes {
  'archive-verified': ArchiveVerifiedJson;
  archive: ArchiveJson;
  'archives-query': ArchivesQuery;
  archives: ArchivesJson;
  'byte-range': ByteRangeJson;
  'catalog-rebuilt': CatalogRebuiltJson;
  condition: ConditionJson;
  'device-removed': DeviceRemovedJson;
  device: DeviceJson;
  devices: DevicesJson;
  error: ErrorJson;
  event: EventJson;
  fault: FaultJson;
  health: HealthJson;
  'job-patch': JobPatch;
  'job-progress': JobProgressJson;
  job: JobJson;
  'jobs-query': JobsQuery;
  jobs: JobsJson;
  'logs-query': LogsQuery;
  logs: LogsJson;
  medium: MediumJson;
  'no-body': NoBody;
  readiness: ReadinessJson;
  snapshot: SnapshotJson;
  'system-status': SystemStatusJson;
  verification: VerificationJson;
}
/**
 * The outcome of a verification.
 */
export interface ArchiveVerifiedJson {
  /**
   * The archive.
   */
  archive_id: string;
  verification: VerificationJson;
}
/**
 * The last comparison of an image with its checksums.
 */
export interface VerificationJson {
  /**
   * match, mismatch, or missing where the file is gone.
   */
  result: 'match' | 'mismatch' | 'missing';
  /**
   * When it ended.
   */
  at: string;
  /**
   * The checksums that differ.
   */
  algorithms: string[];
}
/**
 * A finished image and what is known of it.
 */
export interface ArchiveJson {
  /**
   * Sorts by creation.
   */
  id: string;
  /**
   * Last part of the path.
   */
  filename: string;
  /**
   * Absolute path of the image.
   */
  path: string;
  /**
   * Absolute path of the manifest beside it.
   */
  manifest: string;
  /**
   * Size of the image.
   */
  size_bytes: number;
  /**
   * When the image got its name.
   */
  created_at: string;
  /**
   * When its job began.
   */
  started_at: string;
  /**
   * Hexadecimal digests of the whole image by algorithm.
   */
  checksums: {
    md5?: string;
    sha1?: string;
    sha256?: string;
    sha512?: string;
    blake2b512?: string;
  };
  metadata: {
    /**
     * Volume label. Untrusted text.
     */
    label: string | null;
    /**
     * Words to find it by.
     */
    tags: string[];
    /**
     * A person's notes.
     */
    notes: string | null;
  };
  /**
   * What became of the disc.
   */
  verdict: 'complete' | 'complete_with_tail' | 'damaged' | 'protected' | 'unreadable';
  /**
   * Bytes that could not be read; null while not judged.
   */
  bad_bytes: number | null;
  /**
   * How many ranges those bytes form.
   */
  bad_range_count: number | null;
  /**
   * The ranges, in order. Lists and the event stream give the first 100; the single resource gives all.
   */
  bad_ranges: ByteRangeJson[] | null;
  /**
   * Unreadable run-out behind the volume that was cut off the image, where there was one.
   */
  tail: ByteRangeJson | null;
  /**
   * Kind of medium.
   */
  media: 'cd' | 'dvd' | 'bd' | 'image' | 'unknown';
  disc: {
    /**
     * What the table of contents says.
     */
    content: 'data' | 'audio' | 'mixed' | 'blank' | 'unknown';
    /**
     * SHA-256 over the volume structures.
     */
    fingerprint: string | null;
    /**
     * As found on the disc.
     */
    filesystems: {
      /**
       * Kind.
       */
      type: 'iso9660' | 'joliet' | 'udf' | 'hfs';
      /**
       * Untrusted text.
       */
      label: string | null;
      /**
       * Its identity. Untrusted text.
       */
      uuid: string | null;
      /**
       * End of the volume.
       */
      volume_bytes: number | null;
    }[];
    /**
     * Size of the medium.
     */
    medium_bytes: number | null;
    /**
     * Size as ISO 9660 says.
     */
    iso9660_bytes: number | null;
    /**
     * Size as UDF says.
     */
    udf_bytes: number | null;
  };
  provenance: {
    /**
     * The drive.
     */
    device: string;
    /**
     * Of the drive.
     */
    vendor: string | null;
    /**
     * Of the drive.
     */
    model: string | null;
    /**
     * Of the drive.
     */
    serial: string | null;
    /**
     * The program that read it.
     */
    ddrescue_version: string;
    /**
     * The rule that decided.
     */
    rule: string | null;
    /**
     * The configuration in force.
     */
    config_generation: number;
    /**
     * Its content.
     */
    config_hash: string;
    /**
     * File name it had in a folder drive. Untrusted text.
     */
    source_name: string | null;
    /**
     * The damaged image whose rescue it went on with.
     */
    continues: string | null;
  };
  /**
   * The last one; null where it was never verified again.
   */
  verification: VerificationJson | null;
  /**
   * The job that made it.
   */
  job_id: string;
  /**
   * A better image of the same disc.
   */
  superseded_by: string | null;
}
/**
 * Bytes of a medium, counted from its start.
 */
export interface ByteRangeJson {
  /**
   * First byte inside.
   */
  start: number;
  /**
   * Number of bytes.
   */
  length: number;
}
/**
 * What GET /api/v1/archives can be asked.
 */
export interface ArchivesQuery {
  /**
   * Items a page.
   */
  limit: number;
  /**
   * Items to pass over.
   */
  offset: number;
}
/**
 * One page of archives, newest first.
 */
export interface ArchivesJson {
  /**
   * Newest first.
   */
  archives: ArchiveJson[];
  /**
   * How many there are in all.
   */
  total: number;
  /**
   * As asked for.
   */
  limit: number;
  /**
   * As asked for.
   */
  offset: number;
}
/**
 * The outcome of a rebuild.
 */
export interface CatalogRebuiltJson {
  /**
   * Archives found in the library.
   */
  archives: number;
}
/**
 * The state of one subsystem or drive.
 */
export interface ConditionJson {
  /**
   * A subsystem, or drive/NAME.
   */
  subject: string;
  /**
   * Ready: usable. Reconciling: being brought in line. Stalled: cannot go on without a person.
   */
  type: 'Ready' | 'Reconciling' | 'Stalled';
  /**
   * Whether the condition holds.
   */
  status: boolean;
  /**
   * One word for machines: a fault code or a state such as ok.
   */
  reason: string;
  /**
   * A sentence for people.
   */
  message: string;
  /**
   * Whether a person should look at it.
   */
  problem: boolean;
  /**
   * When status or reason last changed.
   */
  since: string;
}
/**
 * A drive that is no longer there.
 */
export interface DeviceRemovedJson {
  /**
   * Its id.
   */
  id: string;
}
/**
 * A drive as it was found.
 */
export interface DeviceJson {
  /**
   * Its name in the configuration; NAME:sr0 where that is a glob.
   */
  id: string;
  /**
   * The name it is declared by.
   */
  drive: string;
  /**
   * A real drive, or a folder that acts as one.
   */
  kind: 'optical' | 'folder';
  /**
   * /dev/sr0, or the folder.
   */
  path: string;
  /**
   * As the drive says.
   */
  vendor: string | null;
  /**
   * As the drive says.
   */
  model: string | null;
  /**
   * As the drive says.
   */
  serial: string | null;
  /**
   * busy: a job reads from it. idle: usable. faulty: see error.
   */
  status: 'idle' | 'busy' | 'faulty';
  /**
   * Of the tray, as far as the drive tells.
   */
  state: 'empty' | 'open' | 'loaded' | 'faulty';
  /**
   * Whether anything is in it.
   */
  has_media: boolean;
  /**
   * Of the first medium in it.
   */
  media_type: 'cd' | 'dvd' | 'bd' | 'image' | 'unknown' | null;
  /**
   * Of the first medium in it.
   */
  media_size_bytes: number | null;
  /**
   * The job that reads from it now.
   */
  job_id: string | null;
  /**
   * What is in it, in the order to be taken.
   */
  media: MediumJson[];
  /**
   * Why it cannot be used at present.
   */
  error: FaultJson | null;
}
/**
 * A disc in a drive, or a file in a folder drive.
 */
export interface MediumJson {
  /**
   * Names this insertion.
   */
  key: string;
  /**
   * File name in a folder drive. Untrusted text.
   */
  name: string | null;
  /**
   * Volume label, once identified. Untrusted text.
   */
  label: string | null;
  /**
   * Kind of medium.
   */
  media_type: 'cd' | 'dvd' | 'bd' | 'image' | 'unknown';
  /**
   * What the table of contents says.
   */
  content: 'data' | 'audio' | 'mixed' | 'blank' | 'unknown';
  /**
   * Its size.
   */
  size_bytes: number | null;
  /**
   * False while it is still being copied or spun up.
   */
  settled: boolean;
  /**
   * Why it can never be imaged as it is.
   */
  error: FaultJson | null;
  /**
   * What was decided of it; null before it is identified.
   */
  outcome: {
    /**
     * The decision.
     */
    kind: 'job' | 'waiting' | 'duplicate' | 'ignored' | 'unsupported' | 'unidentified';
    /**
     * The job that images it, or that it waits for.
     */
    job_id: string | null;
    /**
     * The archive that it is a duplicate of.
     */
    archive_id: string | null;
    /**
     * The rule that says to ignore it.
     */
    rule: string | null;
    /**
     * Why it cannot be imaged or identified.
     */
    error: FaultJson | null;
    /**
     * When identifying it is tried again.
     */
    retry_at: string | null;
  } | null;
  /**
   * State of the ejection.
   */
  eject: 'not_wanted' | 'pending' | 'done' | 'failed' | null;
}
/**
 * An expected failure: what happened and what to do.
 */
export interface FaultJson {
  /**
   * One word for machines, such as read_error.
   */
  code: string;
  /**
   * One sentence for people.
   */
  message: string;
  /**
   * Whether trying again later may help.
   */
  retry: 'never' | 'later';
}
/**
 * Every drive that was found.
 */
export interface DevicesJson {
  /**
   * In the order of the configuration.
   */
  devices: DeviceJson[];
}
/**
 * The body of every answer that is not a success.
 */
export interface ErrorJson {
  error: {
    /**
     * A fault code, or one of HTTP's own such as method_not_allowed.
     */
    code: string;
    /**
     * One sentence for people: what happened and what to do.
     */
    message: string;
    /**
     * Every problem found in the request.
     */
    details?: {
      /**
       * Where in the request, for example query.limit.
       */
      path: string;
      /**
       * What was expected there.
       */
      message: string;
    }[];
  };
}
/**
 * Something that happened.
 */
export interface EventJson {
  /**
   * Counts up from 1, over restarts too.
   */
  seq: number;
  /**
   * When.
   */
  at: string;
  /**
   * How loud.
   */
  level: 'debug' | 'info' | 'warning' | 'error';
  /**
   * What happened.
   */
  type: string;
  /**
   * A sentence for people. Contains untrusted text.
   */
  message: string;
  /**
   * The event's own figures, by snake_case names.
   */
  data: {
    [k: string]: unknown;
  };
}
/**
 * The process answers.
 */
export interface HealthJson {
  status: 'ok';
  /**
   * Of the program.
   */
  version: string;
}
/**
 * What PATCH /api/v1/jobs/{id} takes.
 */
export interface JobPatch {
  /**
   * What to do with the job.
   */
  action: 'pause' | 'resume' | 'cancel';
}
/**
 * Live figures of a running job.
 */
export interface JobProgressJson {
  /**
   * The job.
   */
  job_id: string;
  status: 'running';
  /**
   * What it is at.
   */
  phase: 'imaging' | 'hashing' | 'verifying' | 'archiving';
  /**
   * Per cent of the phase.
   */
  progress: number | null;
  /**
   * Of the phase.
   */
  done_bytes: number;
  /**
   * Of the phase.
   */
  total_bytes: number | null;
  /**
   * Not readable so far.
   */
  bad_bytes: number;
  /**
   * Met so far.
   */
  read_errors: number;
  /**
   * Bytes a second.
   */
  speed_bps: number | null;
  /**
   * Seconds left of the phase.
   */
  eta_seconds: number | null;
}
/**
 * The imaging of one disc.
 */
export interface JobJson {
  /**
   * Sorts by creation.
   */
  id: string;
  /**
   * The disc's label or the file's name. Untrusted text.
   */
  name: string;
  /**
   * In the specification's words.
   */
  status: 'queued' | 'running' | 'paused' | 'completed' | 'failed' | 'cancelled' | 'interrupted';
  /**
   * What a running job is at; null otherwise.
   */
  phase: 'imaging' | 'hashing' | 'verifying' | 'archiving' | null;
  /**
   * Per cent of the present phase, or of the image where the job does not run; null where unknown.
   */
  progress: number | null;
  /**
   * Path of the drive, such as /dev/sr0; null while the drive is absent.
   */
  device: string | null;
  /**
   * The drive's name in the configuration.
   */
  device_id: string;
  /**
   * Absolute path of the image, once it has a name.
   */
  output_file: string | null;
  /**
   * Size of the medium.
   */
  size_bytes: number | null;
  /**
   * Bytes read so far.
   */
  rescued_bytes: number;
  /**
   * Bytes a second over the last seconds; null while not running.
   */
  speed_bps: number | null;
  /**
   * Seconds left of the present phase.
   */
  eta_seconds: number | null;
  /**
   * Read errors met so far; null while not running.
   */
  read_errors: number | null;
  /**
   * What became of the disc; null while not judged.
   */
  verdict: 'complete' | 'complete_with_tail' | 'damaged' | 'protected' | 'unreadable' | null;
  /**
   * Bytes that could not be read; null while not judged.
   */
  bad_bytes: number | null;
  /**
   * How many ranges those bytes form.
   */
  bad_range_count: number | null;
  /**
   * The ranges, in order. Lists and the event stream give the first 100; the single resource gives all.
   */
  bad_ranges: ByteRangeJson[] | null;
  /**
   * Unreadable run-out behind the volume that was cut off the image, where there was one.
   */
  tail: ByteRangeJson | null;
  /**
   * Why it failed, was interrupted or is held up.
   */
  error: FaultJson | null;
  /**
   * Who paused it; null unless paused.
   */
  pause_reason: 'user' | 'storage' | null;
  /**
   * When it is tried again after that error; null where it is not waiting to be.
   */
  retry_at: string | null;
  /**
   * Place in the queue.
   */
  priority: 'low' | 'normal' | 'high';
  /**
   * Volume label. Untrusted text.
   */
  label: string | null;
  /**
   * Kind of medium.
   */
  media: 'cd' | 'dvd' | 'bd' | 'image' | 'unknown';
  /**
   * Name of the rule that decided; null for the defaults.
   */
  rule: string | null;
  /**
   * The finished image.
   */
  archive_id: string | null;
  /**
   * When the disc was taken on.
   */
  created_at: string;
  /**
   * When the record last changed.
   */
  updated_at: string;
  /**
   * When it first left the queue.
   */
  started_at: string | null;
  /**
   * When it ended.
   */
  finished_at: string | null;
}
/**
 * What GET /api/v1/jobs can be asked.
 */
export interface JobsQuery {
  /**
   * A status, or the phase of a running job.
   */
  status:
    | 'all'
    | 'queued'
    | 'running'
    | 'paused'
    | 'completed'
    | 'failed'
    | 'cancelled'
    | 'interrupted'
    | 'imaging'
    | 'hashing'
    | 'verifying'
    | 'archiving';
  /**
   * created and updated: newest first; name: alphabetically.
   */
  sort: 'created' | 'updated' | 'name';
  /**
   * Items a page.
   */
  limit: number;
  /**
   * Items to pass over.
   */
  offset: number;
}
/**
 * One page of jobs.
 */
export interface JobsJson {
  /**
   * In the order asked for.
   */
  jobs: JobJson[];
  /**
   * How many there are in all.
   */
  total: number;
  /**
   * As asked for.
   */
  limit: number;
  /**
   * As asked for.
   */
  offset: number;
}
/**
 * What GET /api/v1/logs can be asked.
 */
export interface LogsQuery {
  /**
   * The quietest level wanted.
   */
  level: 'debug' | 'info' | 'warning' | 'error';
  /**
   * Nothing older than this.
   */
  since?: string;
  /**
   * At most so many.
   */
  limit: number;
}
/**
 * The latest events, newest first.
 */
export interface LogsJson {
  /**
   * Newest first.
   */
  events: EventJson[];
  /**
   * As asked for.
   */
  limit: number;
}
/**
 * Nothing, or an empty object.
 */
export interface NoBody {}
/**
 * Whether the station can image discs.
 */
export interface ReadinessJson {
  /**
   * As the HTTP status says.
   */
  ready: boolean;
  /**
   * Those that stand in the way.
   */
  conditions: ConditionJson[];
}
/**
 * The first message of the event stream: what the later ones change.
 */
export interface SnapshotJson {
  /**
   * Events up to this one are contained.
   */
  seq: number;
  /**
   * Those not ended, and the latest that have.
   */
  jobs: JobJson[];
  /**
   * The latest.
   */
  archives: ArchiveJson[];
  /**
   * How many there are in all; null while the catalog is damaged.
   */
  archives_total: number | null;
  /**
   * All.
   */
  devices: DeviceJson[];
  /**
   * All.
   */
  conditions: ConditionJson[];
  status: SystemStatusJson;
}
/**
 * How the station is.
 */
export interface SystemStatusJson {
  /**
   * degraded: a condition needs a person. not_ready: nothing can be imaged yet.
   */
  status: 'healthy' | 'degraded' | 'not_ready';
  /**
   * Of the program.
   */
  version: string;
  /**
   * Of the daemon.
   */
  started_at: string;
  /**
   * Of the daemon.
   */
  uptime_seconds: number;
  /**
   * Whether the configuration says that nothing new is begun.
   */
  suspended: boolean;
  resources: {
    /**
     * Of all cores, over the last seconds.
     */
    cpu_percent: number | null;
    /**
     * Of the machine or its container.
     */
    memory_used_bytes: number | null;
    /**
     * Of the machine or its container.
     */
    memory_total_bytes: number | null;
    /**
     * Over 1, 5 and 15 minutes.
     */
    load_average: [number, number, number] | null;
    /**
     * Of the library's filesystem.
     */
    storage_used_bytes: number | null;
    /**
     * Of the library's filesystem.
     */
    storage_total_bytes: number | null;
    /**
     * What may still be written.
     */
    storage_available_bytes: number | null;
  };
  storage: {
    /**
     * Folder of the finished images.
     */
    library: string;
    /**
     * In use, as df counts.
     */
    used_percent: number | null;
    /**
     * Per cent.
     */
    warn_at: number;
    /**
     * Per cent.
     */
    stop_at: number;
    /**
     * Where it stands; null where unknown.
     */
    level: 'ok' | 'warning' | 'stop' | null;
  };
  /**
   * Each subsystem and drive: ok, or the reason why not.
   */
  services: {
    [k: string]: string;
  };
  /**
   * Every condition, problems first.
   */
  conditions: ConditionJson[];
  config: {
    /**
     * Counts the applied configurations.
     */
    generation: number;
    /**
     * SHA-256 of the applied file.
     */
    hash: string;
    /**
     * When it was applied.
     */
    applied_at: string;
    /**
     * Whether the file as it stands is in force.
     */
    last_reload_successful: boolean;
    /**
     * What is wrong with the file, where something is.
     */
    problems: string[];
  };
}
