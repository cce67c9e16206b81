// Generated from schemas/api by packaging/scripts/generate-types.mjs. Do not edit; run `npm run generate`.

export interface ApiShapes {
  archive: ArchiveJson;
  'archive-patch': ArchivePatchJson;
  'archive-verified': ArchiveVerifiedJson;
  archives: ArchivesJson;
  'archives-query': ArchivesQuery;
  'byte-range': ByteRangeJson;
  'catalog-rebuilt': CatalogRebuiltJson;
  condition: ConditionJson;
  'config-approval': ConfigApproval;
  'config-approved': ConfigApprovedJson;
  'config-effective': ConfigEffectiveJson;
  'config-history': ConfigHistoryJson;
  'config-outcome': ConfigOutcomeJson;
  'config-patch': ConfigPatch;
  'config-plan': ConfigPlanJson;
  'config-plan-request': ConfigPlanRequest;
  'config-problem': ConfigProblemJson;
  device: DeviceJson;
  'device-removed': DeviceRemovedJson;
  devices: DevicesJson;
  error: ErrorJson;
  event: EventJson;
  'explain-query': ExplainQuery;
  explanations: ExplanationsJson;
  fault: FaultJson;
  health: HealthJson;
  job: JobJson;
  'job-patch': JobPatch;
  'job-progress': JobProgressJson;
  jobs: JobsJson;
  'jobs-query': JobsQuery;
  logs: LogsJson;
  'logs-query': LogsQuery;
  medium: MediumJson;
  'no-body': NoBody;
  readiness: ReadinessJson;
  snapshot: SnapshotJson;
  strays: StraysJson;
  'system-status': SystemStatusJson;
  verification: VerificationJson;
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
     * A person's name for it, or the volume label. Untrusted text.
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
    content: 'data' | 'audio' | 'mixed' | 'multisession' | 'blank' | 'unknown';
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
  /**
   * Never deleted by a retention rule.
   */
  pinned: boolean;
  /**
   * The latest ones, oldest first.
   */
  verifications: VerificationJson[];
  /**
   * Set where it is kept no longer and lies in the trash.
   */
  trashed: {
    /**
     * When it went there.
     */
    at: string;
    /**
     * When it is deleted for good.
     */
    purge_at: string;
    /**
     * The retention rule that decided.
     */
    rule: string;
  } | null;
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
 * The last comparison of an image with its checksums.
 */
export interface VerificationJson {
  /**
   * match, mismatch, missing where the file is gone, or unreadable where the storage gave read errors.
   */
  result: 'match' | 'mismatch' | 'missing' | 'unreadable';
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
 * What a person says of an archive. What is absent stays.
 */
export interface ArchivePatchJson {
  metadata: {
    /**
     * Shown instead of the volume label; null takes it back.
     */
    label?: string | null;
    /**
     * Words to find it by.
     *
     * @maxItems 50
     */
    tags?: string[];
    /**
     * Notes.
     */
    notes?: string | null;
  };
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
 * The outcome of a rebuild.
 */
export interface CatalogRebuiltJson {
  /**
   * Archives found in the library.
   */
  archives: number;
  /**
   * Manifests and folders that could not be taken in. What they describe is unknown to the station until another rebuild can read them; until then the catalog's condition says so.
   */
  left_out: number;
  /**
   * A sentence for each thing that was not as it should be, those left out among them; a thousand at most, the log has them all.
   *
   * @maxItems 1000
   */
  problems: string[];
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
 * What POST /api/v1/system/config/approve takes.
 */
export interface ConfigApproval {
  /**
   * The generation whose deletions wait.
   */
  generation: number;
}
/**
 * Deletions that may go ahead.
 */
export interface ConfigApprovedJson {
  /**
   * Of the configuration.
   */
  generation: number;
  /**
   * How many go to the trash.
   */
  archives: number;
}
/**
 * The configuration in force.
 */
export interface ConfigEffectiveJson {
  /**
   * Counts the applied configurations.
   */
  generation: number;
  /**
   * SHA-256 of the file in force.
   */
  hash: string;
  /**
   * Every value, defaults included, in the order of the schema; secrets read (secret).
   */
  values: {
    /**
     * Such as drives[0].folder.
     */
    key: string;
    /**
     * A plain value, or a list of such.
     */
    value: string | number | boolean | null | (string | number | boolean | null)[];
    origin: {
      /**
       * Where the value comes from.
       */
      kind: 'default' | 'derived' | 'file' | 'secret';
      /**
       * The key it was worked out of.
       */
      from?: string;
      /**
       * Absolute path.
       */
      file?: string;
      /**
       * Counts from 1.
       */
      line?: number;
      /**
       * Counts from 1.
       */
      column?: number;
      /**
       * The file of the secret, or credential:NAME.
       */
      reference?: string;
    };
  }[];
}
/**
 * The last configurations that were in force, newest first.
 */
export interface ConfigHistoryJson {
  /**
   * Newest first.
   */
  generations: {
    /**
     * Counts the applied configurations.
     */
    generation: number;
    /**
     * SHA-256 of the file.
     */
    hash: string;
    /**
     * When it was applied.
     */
    applied_at: string;
    /**
     * Whether it is the one in force.
     */
    in_force: boolean;
    /**
     * Unified, against the one before it, secrets masked; null where none before it is kept.
     */
    diff: string | null;
  }[];
}
/**
 * What became of a look at the configuration file.
 */
export interface ConfigOutcomeJson {
  /**
   * unchanged: the file says what is in force already. rejected: it is not applied; problems says why.
   */
  outcome: 'applied' | 'unchanged' | 'rejected';
  /**
   * The generation in force from now on.
   */
  generation: number;
  /**
   * SHA-256 of the file that was looked at.
   */
  hash: string;
  /**
   * Errors and warnings of that file.
   */
  problems: ConfigProblemJson[];
}
/**
 * One thing wrong with a configuration.
 */
export interface ConfigProblemJson {
  /**
   * An error keeps the file from being applied, a warning does not.
   */
  severity: 'error' | 'warning';
  /**
   * One word for machines.
   */
  code: string;
  /**
   * Absolute path; in a plan of files that were sent, the name they were sent by.
   */
  file: string;
  /**
   * Counts from 1.
   */
  line: number;
  /**
   * Counts from 1.
   */
  column: number;
  /**
   * The key it is about, such as drives[0].folder; empty for the whole file.
   */
  path: string;
  /**
   * What is wrong, one sentence.
   */
  message: string;
  /**
   * What could stand there.
   */
  expected?: string;
  /**
   * What was probably meant.
   */
  did_you_mean?: string;
  /**
   * The line, secrets masked; null where no text is at hand.
   */
  excerpt: string | null;
}
/**
 * What PATCH /api/v1/system/config takes; nothing is written.
 */
export interface ConfigPatch {
  /**
   * Values by key, such as defaults.eject or drives[0].suspend.
   */
  set: {
    [k: string]: unknown;
  };
}
/**
 * What the running station would do under another file; nothing is changed by asking.
 */
export interface ConfigPlanJson {
  /**
   * invalid: it would be refused; problems says why. changes: also where the archives could not be looked at; a warning in problems says so.
   */
  outcome: 'unchanged' | 'changes' | 'invalid';
  /**
   * SHA-256 of the file that was looked at.
   */
  hash: string;
  /**
   * Errors and warnings of that file.
   */
  problems: ConfigProblemJson[];
  /**
   * Everything that would be otherwise.
   */
  effects: {
    /**
     * What it is about: drive, disc, rule, archive_delete and the like.
     */
    kind: string;
    /**
     * begin: it comes. end: it goes. change: it stays and is otherwise.
     */
    change: 'begin' | 'end' | 'change';
    /**
     * Name of the drive, device, rule, user or target, or the key.
     */
    subject: string;
    /**
     * A sentence for people.
     */
    message: string;
    /**
     * The archives it is about.
     */
    archives: {
      /**
       * How many.
       */
      count: number;
      /**
       * Below the library, the first 1000.
       */
      paths: string[];
    } | null;
  }[];
  /**
   * Deletions that wait already, for an approval or for time, and would go on waiting; no effect of this file.
   */
  waiting: {
    /**
     * The one to approve; null where that would not help.
     */
    generation: number | null;
    /**
     * What has to come before they go, as the end of a sentence.
     */
    until: string;
    /**
     * How many.
     */
    count: number;
    /**
     * Below the library, the first 1000.
     */
    paths: string[];
  } | null;
  /**
   * Unified, of the text in force and the proposed one, secrets masked; empty where they are the same.
   */
  diff: string;
}
/**
 * The file that is asked about; without files, the one on disk.
 */
export interface ConfigPlanRequest {
  /**
   * The main file first, then those it includes.
   *
   * @minItems 1
   */
  files?: [
    {
      /**
       * Counts from the folder of the configuration.
       */
      name: string;
      /**
       * What stands in it.
       */
      text: string;
    },
    ...{
      /**
       * Counts from the folder of the configuration.
       */
      name: string;
      /**
       * What stands in it.
       */
      text: string;
    }[]
  ];
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
  content: 'data' | 'audio' | 'mixed' | 'multisession' | 'blank' | 'unknown';
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
 * A drive that is no longer there.
 */
export interface DeviceRemovedJson {
  /**
   * Its id.
   */
  id: string;
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
 * What GET /api/v1/explain takes.
 */
export interface ExplainQuery {
  /**
   * A device, job or archive id, or a label.
   */
  subject: string;
}
/**
 * Which rule decides, and why the others do not.
 */
export interface ExplanationsJson {
  /**
   * One for each disc, job or archive that was meant.
   */
  explanations: {
    /**
     * What it is.
     */
    kind: 'disc' | 'job' | 'archive';
    /**
     * Device, job or archive id.
     */
    id: string;
    /**
     * Label of the disc.
     */
    label: string | null;
    /**
     * How it was decided at the time; null where it has not been.
     */
    decided: {
      /**
       * The rule; null for the defaults.
       */
      rule: string | null;
      /**
       * Of the configuration, 0 where unknown.
       */
      generation: number;
      /**
       * What became of it.
       */
      outcome: string;
    } | null;
    /**
     * What the rules look at.
     */
    disc: {
      /**
       * Kind of medium.
       */
      media: string;
      /**
       * Label of the disc.
       */
      label: string | null;
      /**
       * Name of the drive.
       */
      drive: string;
      /**
       * Size of the medium.
       */
      size_bytes: number | null;
    };
    /**
     * The rule that decides by the file in force; null for the defaults.
     */
    rule: string | null;
    /**
     * What it does with the disc.
     */
    action: 'image' | 'ignore';
    /**
     * Whether the archive stays; null for what is none.
     */
    retention: {
      /**
       * The retention entry that decides; null where none fits.
       */
      rule: string | null;
      /**
       * Whether it stays for now.
       */
      stays: boolean;
      /**
       * Why, or why not.
       */
      reason: string;
    } | null;
    /**
     * What is suspended of what would be done with it, a sentence each.
     */
    holds: string[];
    /**
     * Every rule in its order.
     */
    rules: {
      /**
       * Its name.
       */
      rule: string;
      /**
       * Whether it decides.
       */
      decides: boolean;
      /**
       * Why, or why not.
       */
      reason: string;
    }[];
  }[];
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
   * The first hundred of those not ended, running ones foremost, and the latest that have.
   */
  jobs: JobJson[];
  /**
   * How many are not ended in all.
   */
  open_jobs_total: number;
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
    attempted: {
      /**
       * The generation it is, or would have been had it not been refused.
       */
      generation: number;
      /**
       * SHA-256 of the file as it was last tried.
       */
      hash: string;
      /**
       * When it was tried.
       */
      at: string;
    };
  };
}
/**
 * Files in the library that belong to no archive. They are left alone.
 */
export interface StraysJson {
  /**
   * How many, at the last look; null before the first look since the start has ended. One look a day.
   */
  count: number | null;
  /**
   * The first 1000 at most, below the library.
   */
  paths: string[];
}

export const apiSchemas: readonly object[] = [
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "archive.json",
    "title": "ArchiveJson",
    "description": "A finished image and what is known of it.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "id",
      "filename",
      "path",
      "manifest",
      "size_bytes",
      "created_at",
      "started_at",
      "checksums",
      "metadata",
      "verdict",
      "bad_bytes",
      "bad_range_count",
      "bad_ranges",
      "tail",
      "media",
      "disc",
      "provenance",
      "verification",
      "job_id",
      "superseded_by",
      "pinned",
      "verifications",
      "trashed"
    ],
    "properties": {
      "id": {
        "type": "string",
        "description": "Sorts by creation.",
        "pattern": "^archive_[0-9a-hjkmnp-tv-z]{19}$"
      },
      "filename": {
        "type": "string",
        "description": "Last part of the path."
      },
      "path": {
        "type": "string",
        "description": "Absolute path of the image."
      },
      "manifest": {
        "type": "string",
        "description": "Absolute path of the manifest beside it."
      },
      "size_bytes": {
        "type": "integer",
        "description": "Size of the image.",
        "minimum": 0
      },
      "created_at": {
        "type": "string",
        "description": "When the image got its name.",
        "format": "date-time"
      },
      "started_at": {
        "type": "string",
        "description": "When its job began.",
        "format": "date-time"
      },
      "checksums": {
        "type": "object",
        "description": "Hexadecimal digests of the whole image by algorithm.",
        "additionalProperties": false,
        "properties": {
          "md5": {
            "type": "string",
            "pattern": "^[0-9a-f]+$"
          },
          "sha1": {
            "type": "string",
            "pattern": "^[0-9a-f]+$"
          },
          "sha256": {
            "type": "string",
            "pattern": "^[0-9a-f]+$"
          },
          "sha512": {
            "type": "string",
            "pattern": "^[0-9a-f]+$"
          },
          "blake2b512": {
            "type": "string",
            "pattern": "^[0-9a-f]+$"
          }
        }
      },
      "metadata": {
        "type": "object",
        "additionalProperties": false,
        "required": [
          "label",
          "tags",
          "notes"
        ],
        "properties": {
          "label": {
            "type": [
              "string",
              "null"
            ],
            "description": "A person's name for it, or the volume label. Untrusted text."
          },
          "tags": {
            "type": "array",
            "description": "Words to find it by.",
            "items": {
              "type": "string"
            }
          },
          "notes": {
            "type": [
              "string",
              "null"
            ],
            "description": "A person's notes."
          }
        }
      },
      "verdict": {
        "type": "string",
        "description": "What became of the disc.",
        "enum": [
          "complete",
          "complete_with_tail",
          "damaged",
          "protected",
          "unreadable"
        ]
      },
      "bad_bytes": {
        "type": [
          "integer",
          "null"
        ],
        "description": "Bytes that could not be read; null while not judged.",
        "minimum": 0
      },
      "bad_range_count": {
        "type": [
          "integer",
          "null"
        ],
        "description": "How many ranges those bytes form.",
        "minimum": 0
      },
      "bad_ranges": {
        "description": "The ranges, in order. Lists and the event stream give the first 100; the single resource gives all.",
        "anyOf": [
          {
            "type": "array",
            "items": {
              "$ref": "byte-range.json"
            }
          },
          {
            "type": "null"
          }
        ]
      },
      "tail": {
        "description": "Unreadable run-out behind the volume that was cut off the image, where there was one.",
        "anyOf": [
          {
            "$ref": "byte-range.json"
          },
          {
            "type": "null"
          }
        ]
      },
      "media": {
        "type": "string",
        "description": "Kind of medium.",
        "enum": [
          "cd",
          "dvd",
          "bd",
          "image",
          "unknown"
        ]
      },
      "disc": {
        "type": "object",
        "additionalProperties": false,
        "required": [
          "content",
          "fingerprint",
          "filesystems",
          "medium_bytes",
          "iso9660_bytes",
          "udf_bytes"
        ],
        "properties": {
          "content": {
            "type": "string",
            "description": "What the table of contents says.",
            "enum": [
              "data",
              "audio",
              "mixed",
              "multisession",
              "blank",
              "unknown"
            ]
          },
          "fingerprint": {
            "type": [
              "string",
              "null"
            ],
            "description": "SHA-256 over the volume structures."
          },
          "filesystems": {
            "type": "array",
            "description": "As found on the disc.",
            "items": {
              "type": "object",
              "additionalProperties": false,
              "required": [
                "type",
                "label",
                "uuid",
                "volume_bytes"
              ],
              "properties": {
                "type": {
                  "type": "string",
                  "description": "Kind.",
                  "enum": [
                    "iso9660",
                    "joliet",
                    "udf",
                    "hfs"
                  ]
                },
                "label": {
                  "type": [
                    "string",
                    "null"
                  ],
                  "description": "Untrusted text."
                },
                "uuid": {
                  "type": [
                    "string",
                    "null"
                  ],
                  "description": "Its identity. Untrusted text."
                },
                "volume_bytes": {
                  "type": [
                    "integer",
                    "null"
                  ],
                  "description": "End of the volume.",
                  "minimum": 0
                }
              }
            }
          },
          "medium_bytes": {
            "type": [
              "integer",
              "null"
            ],
            "description": "Size of the medium.",
            "minimum": 0
          },
          "iso9660_bytes": {
            "type": [
              "integer",
              "null"
            ],
            "description": "Size as ISO 9660 says.",
            "minimum": 0
          },
          "udf_bytes": {
            "type": [
              "integer",
              "null"
            ],
            "description": "Size as UDF says.",
            "minimum": 0
          }
        }
      },
      "provenance": {
        "type": "object",
        "additionalProperties": false,
        "required": [
          "device",
          "vendor",
          "model",
          "serial",
          "ddrescue_version",
          "rule",
          "config_generation",
          "config_hash",
          "source_name",
          "continues"
        ],
        "properties": {
          "device": {
            "type": "string",
            "description": "The drive."
          },
          "vendor": {
            "type": [
              "string",
              "null"
            ],
            "description": "Of the drive."
          },
          "model": {
            "type": [
              "string",
              "null"
            ],
            "description": "Of the drive."
          },
          "serial": {
            "type": [
              "string",
              "null"
            ],
            "description": "Of the drive."
          },
          "ddrescue_version": {
            "type": "string",
            "description": "The program that read it."
          },
          "rule": {
            "type": [
              "string",
              "null"
            ],
            "description": "The rule that decided."
          },
          "config_generation": {
            "type": "integer",
            "description": "The configuration in force.",
            "minimum": 0
          },
          "config_hash": {
            "type": "string",
            "description": "Its content."
          },
          "source_name": {
            "type": [
              "string",
              "null"
            ],
            "description": "File name it had in a folder drive. Untrusted text."
          },
          "continues": {
            "type": [
              "string",
              "null"
            ],
            "description": "The damaged image whose rescue it went on with.",
            "pattern": "^archive_[0-9a-hjkmnp-tv-z]{19}$"
          }
        }
      },
      "verification": {
        "description": "The last one; null where it was never verified again.",
        "anyOf": [
          {
            "$ref": "verification.json"
          },
          {
            "type": "null"
          }
        ]
      },
      "job_id": {
        "type": "string",
        "description": "The job that made it.",
        "pattern": "^job_[0-9a-hjkmnp-tv-z]{19}$"
      },
      "superseded_by": {
        "type": [
          "string",
          "null"
        ],
        "description": "A better image of the same disc.",
        "pattern": "^archive_[0-9a-hjkmnp-tv-z]{19}$"
      },
      "pinned": {
        "type": "boolean",
        "description": "Never deleted by a retention rule."
      },
      "verifications": {
        "type": "array",
        "description": "The latest ones, oldest first.",
        "items": {
          "$ref": "verification.json"
        }
      },
      "trashed": {
        "description": "Set where it is kept no longer and lies in the trash.",
        "anyOf": [
          {
            "type": "object",
            "additionalProperties": false,
            "required": [
              "at",
              "purge_at",
              "rule"
            ],
            "properties": {
              "at": {
                "type": "string",
                "format": "date-time",
                "description": "When it went there."
              },
              "purge_at": {
                "type": "string",
                "format": "date-time",
                "description": "When it is deleted for good."
              },
              "rule": {
                "type": "string",
                "description": "The retention rule that decided."
              }
            }
          },
          {
            "type": "null"
          }
        ]
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "archive-patch.json",
    "title": "ArchivePatchJson",
    "description": "What a person says of an archive. What is absent stays.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "metadata"
    ],
    "properties": {
      "metadata": {
        "type": "object",
        "additionalProperties": false,
        "minProperties": 1,
        "properties": {
          "label": {
            "type": [
              "string",
              "null"
            ],
            "description": "Shown instead of the volume label; null takes it back.",
            "minLength": 1,
            "maxLength": 200
          },
          "tags": {
            "type": "array",
            "description": "Words to find it by.",
            "maxItems": 50,
            "uniqueItems": true,
            "items": {
              "type": "string",
              "minLength": 1,
              "maxLength": 100
            }
          },
          "notes": {
            "type": [
              "string",
              "null"
            ],
            "description": "Notes.",
            "maxLength": 10000
          }
        }
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "archive-verified.json",
    "title": "ArchiveVerifiedJson",
    "description": "The outcome of a verification.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "archive_id",
      "verification"
    ],
    "properties": {
      "archive_id": {
        "type": "string",
        "description": "The archive.",
        "pattern": "^archive_[0-9a-hjkmnp-tv-z]{19}$"
      },
      "verification": {
        "$ref": "verification.json"
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "archives.json",
    "title": "ArchivesJson",
    "description": "One page of archives, newest first.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "archives",
      "total",
      "limit",
      "offset"
    ],
    "properties": {
      "archives": {
        "type": "array",
        "description": "Newest first.",
        "items": {
          "$ref": "archive.json"
        }
      },
      "total": {
        "type": "integer",
        "description": "How many there are in all.",
        "minimum": 0
      },
      "limit": {
        "type": "integer",
        "description": "As asked for.",
        "minimum": 1
      },
      "offset": {
        "type": "integer",
        "description": "As asked for.",
        "minimum": 0
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "archives-query.json",
    "title": "ArchivesQuery",
    "description": "What GET /api/v1/archives can be asked.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "limit",
      "offset"
    ],
    "properties": {
      "limit": {
        "type": "integer",
        "description": "Items a page.",
        "minimum": 1,
        "maximum": 500,
        "default": 50
      },
      "offset": {
        "type": "integer",
        "description": "Items to pass over.",
        "minimum": 0,
        "maximum": 10000000,
        "default": 0
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "byte-range.json",
    "title": "ByteRangeJson",
    "description": "Bytes of a medium, counted from its start.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "start",
      "length"
    ],
    "properties": {
      "start": {
        "type": "integer",
        "description": "First byte inside.",
        "minimum": 0
      },
      "length": {
        "type": "integer",
        "description": "Number of bytes.",
        "minimum": 1
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "catalog-rebuilt.json",
    "title": "CatalogRebuiltJson",
    "description": "The outcome of a rebuild.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "archives",
      "left_out",
      "problems"
    ],
    "properties": {
      "archives": {
        "type": "integer",
        "description": "Archives found in the library.",
        "minimum": 0
      },
      "left_out": {
        "type": "integer",
        "description": "Manifests and folders that could not be taken in. What they describe is unknown to the station until another rebuild can read them; until then the catalog's condition says so.",
        "minimum": 0
      },
      "problems": {
        "type": "array",
        "description": "A sentence for each thing that was not as it should be, those left out among them; a thousand at most, the log has them all.",
        "maxItems": 1000,
        "items": {
          "type": "string"
        }
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "condition.json",
    "title": "ConditionJson",
    "description": "The state of one subsystem or drive.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "subject",
      "type",
      "status",
      "reason",
      "message",
      "problem",
      "since"
    ],
    "properties": {
      "subject": {
        "type": "string",
        "description": "A subsystem, or drive/NAME."
      },
      "type": {
        "type": "string",
        "description": "Ready: usable. Reconciling: being brought in line. Stalled: cannot go on without a person.",
        "enum": [
          "Ready",
          "Reconciling",
          "Stalled"
        ]
      },
      "status": {
        "type": "boolean",
        "description": "Whether the condition holds."
      },
      "reason": {
        "type": "string",
        "description": "One word for machines: a fault code or a state such as ok.",
        "pattern": "^[a-z_]+$"
      },
      "message": {
        "type": "string",
        "description": "A sentence for people."
      },
      "problem": {
        "type": "boolean",
        "description": "Whether a person should look at it."
      },
      "since": {
        "type": "string",
        "description": "When status or reason last changed.",
        "format": "date-time"
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "config-approval.json",
    "title": "ConfigApproval",
    "description": "What POST /api/v1/system/config/approve takes.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "generation"
    ],
    "properties": {
      "generation": {
        "type": "integer",
        "description": "The generation whose deletions wait.",
        "minimum": 1
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "config-approved.json",
    "title": "ConfigApprovedJson",
    "description": "Deletions that may go ahead.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "generation",
      "archives"
    ],
    "properties": {
      "generation": {
        "type": "integer",
        "description": "Of the configuration.",
        "minimum": 1
      },
      "archives": {
        "type": "integer",
        "description": "How many go to the trash.",
        "minimum": 0
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "config-effective.json",
    "title": "ConfigEffectiveJson",
    "description": "The configuration in force.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "generation",
      "hash",
      "values"
    ],
    "properties": {
      "generation": {
        "type": "integer",
        "description": "Counts the applied configurations.",
        "minimum": 0
      },
      "hash": {
        "type": "string",
        "description": "SHA-256 of the file in force."
      },
      "values": {
        "type": "array",
        "description": "Every value, defaults included, in the order of the schema; secrets read (secret).",
        "items": {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "key",
            "value",
            "origin"
          ],
          "properties": {
            "key": {
              "type": "string",
              "description": "Such as drives[0].folder."
            },
            "value": {
              "type": [
                "string",
                "number",
                "boolean",
                "null",
                "array"
              ],
              "description": "A plain value, or a list of such.",
              "items": {
                "type": [
                  "string",
                  "number",
                  "boolean",
                  "null"
                ]
              }
            },
            "origin": {
              "type": "object",
              "additionalProperties": false,
              "required": [
                "kind"
              ],
              "properties": {
                "kind": {
                  "type": "string",
                  "description": "Where the value comes from.",
                  "enum": [
                    "default",
                    "derived",
                    "file",
                    "secret"
                  ]
                },
                "from": {
                  "type": "string",
                  "description": "The key it was worked out of."
                },
                "file": {
                  "type": "string",
                  "description": "Absolute path."
                },
                "line": {
                  "type": "integer",
                  "description": "Counts from 1."
                },
                "column": {
                  "type": "integer",
                  "description": "Counts from 1."
                },
                "reference": {
                  "type": "string",
                  "description": "The file of the secret, or credential:NAME."
                }
              }
            }
          }
        }
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "config-history.json",
    "title": "ConfigHistoryJson",
    "description": "The last configurations that were in force, newest first.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "generations"
    ],
    "properties": {
      "generations": {
        "type": "array",
        "description": "Newest first.",
        "items": {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "generation",
            "hash",
            "applied_at",
            "in_force",
            "diff"
          ],
          "properties": {
            "generation": {
              "type": "integer",
              "description": "Counts the applied configurations.",
              "minimum": 0
            },
            "hash": {
              "type": "string",
              "description": "SHA-256 of the file."
            },
            "applied_at": {
              "type": "string",
              "description": "When it was applied.",
              "format": "date-time"
            },
            "in_force": {
              "type": "boolean",
              "description": "Whether it is the one in force."
            },
            "diff": {
              "type": [
                "string",
                "null"
              ],
              "description": "Unified, against the one before it, secrets masked; null where none before it is kept."
            }
          }
        }
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "config-outcome.json",
    "title": "ConfigOutcomeJson",
    "description": "What became of a look at the configuration file.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "outcome",
      "generation",
      "hash",
      "problems"
    ],
    "properties": {
      "outcome": {
        "type": "string",
        "description": "unchanged: the file says what is in force already. rejected: it is not applied; problems says why.",
        "enum": [
          "applied",
          "unchanged",
          "rejected"
        ]
      },
      "generation": {
        "type": "integer",
        "description": "The generation in force from now on.",
        "minimum": 0
      },
      "hash": {
        "type": "string",
        "description": "SHA-256 of the file that was looked at."
      },
      "problems": {
        "type": "array",
        "description": "Errors and warnings of that file.",
        "items": {
          "$ref": "config-problem.json"
        }
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "config-patch.json",
    "title": "ConfigPatch",
    "description": "What PATCH /api/v1/system/config takes; nothing is written.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "set"
    ],
    "properties": {
      "set": {
        "type": "object",
        "description": "Values by key, such as defaults.eject or drives[0].suspend.",
        "minProperties": 1,
        "maxProperties": 100,
        "additionalProperties": true
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "config-plan.json",
    "title": "ConfigPlanJson",
    "description": "What the running station would do under another file; nothing is changed by asking.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "outcome",
      "hash",
      "problems",
      "effects",
      "waiting",
      "diff"
    ],
    "properties": {
      "outcome": {
        "type": "string",
        "description": "invalid: it would be refused; problems says why. changes: also where the archives could not be looked at; a warning in problems says so.",
        "enum": [
          "unchanged",
          "changes",
          "invalid"
        ]
      },
      "hash": {
        "type": "string",
        "description": "SHA-256 of the file that was looked at."
      },
      "problems": {
        "type": "array",
        "description": "Errors and warnings of that file.",
        "items": {
          "$ref": "config-problem.json"
        }
      },
      "effects": {
        "type": "array",
        "description": "Everything that would be otherwise.",
        "items": {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "kind",
            "change",
            "subject",
            "message",
            "archives"
          ],
          "properties": {
            "kind": {
              "type": "string",
              "description": "What it is about: drive, disc, rule, archive_delete and the like.",
              "pattern": "^[a-z_]+$"
            },
            "change": {
              "type": "string",
              "description": "begin: it comes. end: it goes. change: it stays and is otherwise.",
              "enum": [
                "begin",
                "end",
                "change"
              ]
            },
            "subject": {
              "type": "string",
              "description": "Name of the drive, device, rule, user or target, or the key."
            },
            "message": {
              "type": "string",
              "description": "A sentence for people."
            },
            "archives": {
              "type": [
                "object",
                "null"
              ],
              "description": "The archives it is about.",
              "additionalProperties": false,
              "required": [
                "count",
                "paths"
              ],
              "properties": {
                "count": {
                  "type": "integer",
                  "description": "How many.",
                  "minimum": 0
                },
                "paths": {
                  "type": "array",
                  "description": "Below the library, the first 1000.",
                  "items": {
                    "type": "string"
                  }
                }
              }
            }
          }
        }
      },
      "waiting": {
        "type": [
          "object",
          "null"
        ],
        "description": "Deletions that wait already, for an approval or for time, and would go on waiting; no effect of this file.",
        "additionalProperties": false,
        "required": [
          "generation",
          "until",
          "count",
          "paths"
        ],
        "properties": {
          "generation": {
            "type": [
              "integer",
              "null"
            ],
            "description": "The one to approve; null where that would not help.",
            "minimum": 1
          },
          "until": {
            "type": "string",
            "description": "What has to come before they go, as the end of a sentence."
          },
          "count": {
            "type": "integer",
            "description": "How many.",
            "minimum": 0
          },
          "paths": {
            "type": "array",
            "description": "Below the library, the first 1000.",
            "items": {
              "type": "string"
            }
          }
        }
      },
      "diff": {
        "type": "string",
        "description": "Unified, of the text in force and the proposed one, secrets masked; empty where they are the same."
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "config-plan-request.json",
    "title": "ConfigPlanRequest",
    "description": "The file that is asked about; without files, the one on disk.",
    "type": "object",
    "additionalProperties": false,
    "required": [],
    "properties": {
      "files": {
        "type": "array",
        "description": "The main file first, then those it includes.",
        "items": {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "name",
            "text"
          ],
          "properties": {
            "name": {
              "type": "string",
              "description": "Counts from the folder of the configuration.",
              "minLength": 1,
              "maxLength": 4096
            },
            "text": {
              "type": "string",
              "description": "What stands in it."
            }
          }
        },
        "minItems": 1
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "config-problem.json",
    "title": "ConfigProblemJson",
    "description": "One thing wrong with a configuration.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "severity",
      "code",
      "file",
      "line",
      "column",
      "path",
      "message",
      "excerpt"
    ],
    "properties": {
      "severity": {
        "type": "string",
        "description": "An error keeps the file from being applied, a warning does not.",
        "enum": [
          "error",
          "warning"
        ]
      },
      "code": {
        "type": "string",
        "description": "One word for machines.",
        "pattern": "^[a-z_]+$"
      },
      "file": {
        "type": "string",
        "description": "Absolute path; in a plan of files that were sent, the name they were sent by."
      },
      "line": {
        "type": "integer",
        "description": "Counts from 1.",
        "minimum": 1
      },
      "column": {
        "type": "integer",
        "description": "Counts from 1.",
        "minimum": 1
      },
      "path": {
        "type": "string",
        "description": "The key it is about, such as drives[0].folder; empty for the whole file."
      },
      "message": {
        "type": "string",
        "description": "What is wrong, one sentence."
      },
      "expected": {
        "type": "string",
        "description": "What could stand there."
      },
      "did_you_mean": {
        "type": "string",
        "description": "What was probably meant."
      },
      "excerpt": {
        "type": [
          "string",
          "null"
        ],
        "description": "The line, secrets masked; null where no text is at hand."
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "device.json",
    "title": "DeviceJson",
    "description": "A drive as it was found.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "id",
      "drive",
      "kind",
      "path",
      "vendor",
      "model",
      "serial",
      "status",
      "state",
      "has_media",
      "media_type",
      "media_size_bytes",
      "job_id",
      "media",
      "error"
    ],
    "properties": {
      "id": {
        "type": "string",
        "description": "Its name in the configuration; NAME:sr0 where that is a glob."
      },
      "drive": {
        "type": "string",
        "description": "The name it is declared by."
      },
      "kind": {
        "type": "string",
        "description": "A real drive, or a folder that acts as one.",
        "enum": [
          "optical",
          "folder"
        ]
      },
      "path": {
        "type": "string",
        "description": "/dev/sr0, or the folder."
      },
      "vendor": {
        "type": [
          "string",
          "null"
        ],
        "description": "As the drive says."
      },
      "model": {
        "type": [
          "string",
          "null"
        ],
        "description": "As the drive says."
      },
      "serial": {
        "type": [
          "string",
          "null"
        ],
        "description": "As the drive says."
      },
      "status": {
        "type": "string",
        "description": "busy: a job reads from it. idle: usable. faulty: see error.",
        "enum": [
          "idle",
          "busy",
          "faulty"
        ]
      },
      "state": {
        "type": "string",
        "description": "Of the tray, as far as the drive tells.",
        "enum": [
          "empty",
          "open",
          "loaded",
          "faulty"
        ]
      },
      "has_media": {
        "type": "boolean",
        "description": "Whether anything is in it."
      },
      "media_type": {
        "description": "Of the first medium in it.",
        "type": [
          "string",
          "null"
        ],
        "enum": [
          "cd",
          "dvd",
          "bd",
          "image",
          "unknown",
          null
        ]
      },
      "media_size_bytes": {
        "type": [
          "integer",
          "null"
        ],
        "description": "Of the first medium in it.",
        "minimum": 0
      },
      "job_id": {
        "type": [
          "string",
          "null"
        ],
        "description": "The job that reads from it now.",
        "pattern": "^job_[0-9a-hjkmnp-tv-z]{19}$"
      },
      "media": {
        "type": "array",
        "description": "What is in it, in the order to be taken.",
        "items": {
          "$ref": "medium.json"
        }
      },
      "error": {
        "description": "Why it cannot be used at present.",
        "anyOf": [
          {
            "$ref": "fault.json"
          },
          {
            "type": "null"
          }
        ]
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "device-removed.json",
    "title": "DeviceRemovedJson",
    "description": "A drive that is no longer there.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "id"
    ],
    "properties": {
      "id": {
        "type": "string",
        "description": "Its id."
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "devices.json",
    "title": "DevicesJson",
    "description": "Every drive that was found.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "devices"
    ],
    "properties": {
      "devices": {
        "type": "array",
        "description": "In the order of the configuration.",
        "items": {
          "$ref": "device.json"
        }
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "error.json",
    "title": "ErrorJson",
    "description": "The body of every answer that is not a success.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "error"
    ],
    "properties": {
      "error": {
        "type": "object",
        "additionalProperties": false,
        "required": [
          "code",
          "message"
        ],
        "properties": {
          "code": {
            "type": "string",
            "description": "A fault code, or one of HTTP's own such as method_not_allowed.",
            "pattern": "^[a-z_]+$"
          },
          "message": {
            "type": "string",
            "description": "One sentence for people: what happened and what to do."
          },
          "details": {
            "type": "array",
            "description": "Every problem found in the request.",
            "items": {
              "type": "object",
              "additionalProperties": false,
              "required": [
                "path",
                "message"
              ],
              "properties": {
                "path": {
                  "type": "string",
                  "description": "Where in the request, for example query.limit."
                },
                "message": {
                  "type": "string",
                  "description": "What was expected there."
                }
              }
            }
          }
        }
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "event.json",
    "title": "EventJson",
    "description": "Something that happened.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "seq",
      "at",
      "level",
      "type",
      "message",
      "data"
    ],
    "properties": {
      "seq": {
        "type": "integer",
        "description": "Counts up from 1, over restarts too.",
        "minimum": 1
      },
      "at": {
        "type": "string",
        "description": "When.",
        "format": "date-time"
      },
      "level": {
        "type": "string",
        "description": "How loud.",
        "enum": [
          "debug",
          "info",
          "warning",
          "error"
        ]
      },
      "type": {
        "type": "string",
        "description": "What happened.",
        "pattern": "^[a-z_]+$"
      },
      "message": {
        "type": "string",
        "description": "A sentence for people. Contains untrusted text."
      },
      "data": {
        "type": "object",
        "description": "The event's own figures, by snake_case names."
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "explain-query.json",
    "title": "ExplainQuery",
    "description": "What GET /api/v1/explain takes.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "subject"
    ],
    "properties": {
      "subject": {
        "type": "string",
        "description": "A device, job or archive id, or a label.",
        "minLength": 1,
        "maxLength": 1000
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "explanations.json",
    "title": "ExplanationsJson",
    "description": "Which rule decides, and why the others do not.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "explanations"
    ],
    "properties": {
      "explanations": {
        "type": "array",
        "description": "One for each disc, job or archive that was meant.",
        "items": {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "kind",
            "id",
            "label",
            "decided",
            "disc",
            "rule",
            "action",
            "rules",
            "holds",
            "retention"
          ],
          "properties": {
            "kind": {
              "type": "string",
              "description": "What it is.",
              "enum": [
                "disc",
                "job",
                "archive"
              ]
            },
            "id": {
              "type": "string",
              "description": "Device, job or archive id."
            },
            "label": {
              "type": [
                "string",
                "null"
              ],
              "description": "Label of the disc."
            },
            "decided": {
              "type": [
                "object",
                "null"
              ],
              "description": "How it was decided at the time; null where it has not been.",
              "additionalProperties": false,
              "required": [
                "rule",
                "generation",
                "outcome"
              ],
              "properties": {
                "rule": {
                  "type": [
                    "string",
                    "null"
                  ],
                  "description": "The rule; null for the defaults."
                },
                "generation": {
                  "type": "integer",
                  "description": "Of the configuration, 0 where unknown.",
                  "minimum": 0
                },
                "outcome": {
                  "type": "string",
                  "description": "What became of it."
                }
              }
            },
            "disc": {
              "type": "object",
              "description": "What the rules look at.",
              "additionalProperties": false,
              "required": [
                "media",
                "label",
                "drive",
                "size_bytes"
              ],
              "properties": {
                "media": {
                  "type": "string",
                  "description": "Kind of medium."
                },
                "label": {
                  "type": [
                    "string",
                    "null"
                  ],
                  "description": "Label of the disc."
                },
                "drive": {
                  "type": "string",
                  "description": "Name of the drive."
                },
                "size_bytes": {
                  "type": [
                    "integer",
                    "null"
                  ],
                  "description": "Size of the medium."
                }
              }
            },
            "rule": {
              "type": [
                "string",
                "null"
              ],
              "description": "The rule that decides by the file in force; null for the defaults."
            },
            "action": {
              "type": "string",
              "description": "What it does with the disc.",
              "enum": [
                "image",
                "ignore"
              ]
            },
            "retention": {
              "type": [
                "object",
                "null"
              ],
              "description": "Whether the archive stays; null for what is none.",
              "additionalProperties": false,
              "required": [
                "rule",
                "stays",
                "reason"
              ],
              "properties": {
                "rule": {
                  "type": [
                    "string",
                    "null"
                  ],
                  "description": "The retention entry that decides; null where none fits."
                },
                "stays": {
                  "type": "boolean",
                  "description": "Whether it stays for now."
                },
                "reason": {
                  "type": "string",
                  "description": "Why, or why not."
                }
              }
            },
            "holds": {
              "type": "array",
              "description": "What is suspended of what would be done with it, a sentence each.",
              "items": {
                "type": "string"
              }
            },
            "rules": {
              "type": "array",
              "description": "Every rule in its order.",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": [
                  "rule",
                  "decides",
                  "reason"
                ],
                "properties": {
                  "rule": {
                    "type": "string",
                    "description": "Its name."
                  },
                  "decides": {
                    "type": "boolean",
                    "description": "Whether it decides."
                  },
                  "reason": {
                    "type": "string",
                    "description": "Why, or why not."
                  }
                }
              }
            }
          }
        }
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "fault.json",
    "title": "FaultJson",
    "description": "An expected failure: what happened and what to do.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "code",
      "message",
      "retry"
    ],
    "properties": {
      "code": {
        "type": "string",
        "description": "One word for machines, such as read_error.",
        "pattern": "^[a-z_]+$"
      },
      "message": {
        "type": "string",
        "description": "One sentence for people."
      },
      "retry": {
        "type": "string",
        "description": "Whether trying again later may help.",
        "enum": [
          "never",
          "later"
        ]
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "health.json",
    "title": "HealthJson",
    "description": "The process answers.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "status",
      "version"
    ],
    "properties": {
      "status": {
        "const": "ok"
      },
      "version": {
        "type": "string",
        "description": "Of the program."
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "job.json",
    "title": "JobJson",
    "description": "The imaging of one disc.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "id",
      "name",
      "status",
      "phase",
      "progress",
      "device",
      "device_id",
      "output_file",
      "size_bytes",
      "rescued_bytes",
      "speed_bps",
      "eta_seconds",
      "read_errors",
      "verdict",
      "bad_bytes",
      "bad_range_count",
      "bad_ranges",
      "tail",
      "error",
      "pause_reason",
      "retry_at",
      "priority",
      "label",
      "media",
      "rule",
      "archive_id",
      "created_at",
      "updated_at",
      "started_at",
      "finished_at"
    ],
    "properties": {
      "id": {
        "type": "string",
        "description": "Sorts by creation.",
        "pattern": "^job_[0-9a-hjkmnp-tv-z]{19}$"
      },
      "name": {
        "type": "string",
        "description": "The disc's label or the file's name. Untrusted text."
      },
      "status": {
        "type": "string",
        "description": "In the specification's words.",
        "enum": [
          "queued",
          "running",
          "paused",
          "completed",
          "failed",
          "cancelled",
          "interrupted"
        ]
      },
      "phase": {
        "description": "What a running job is at; null otherwise.",
        "type": [
          "string",
          "null"
        ],
        "enum": [
          "imaging",
          "hashing",
          "verifying",
          "archiving",
          null
        ]
      },
      "progress": {
        "type": [
          "integer",
          "null"
        ],
        "description": "Per cent of the present phase, or of the image where the job does not run; null where unknown.",
        "minimum": 0,
        "maximum": 100
      },
      "device": {
        "type": [
          "string",
          "null"
        ],
        "description": "Path of the drive, such as /dev/sr0; null while the drive is absent."
      },
      "device_id": {
        "type": "string",
        "description": "The drive's name in the configuration."
      },
      "output_file": {
        "type": [
          "string",
          "null"
        ],
        "description": "Absolute path of the image, once it has a name."
      },
      "size_bytes": {
        "type": [
          "integer",
          "null"
        ],
        "description": "Size of the medium.",
        "minimum": 0
      },
      "rescued_bytes": {
        "type": "integer",
        "description": "Bytes read so far.",
        "minimum": 0
      },
      "speed_bps": {
        "type": [
          "integer",
          "null"
        ],
        "description": "Bytes a second over the last seconds; null while not running.",
        "minimum": 0
      },
      "eta_seconds": {
        "type": [
          "integer",
          "null"
        ],
        "description": "Seconds left of the present phase.",
        "minimum": 0
      },
      "read_errors": {
        "type": [
          "integer",
          "null"
        ],
        "description": "Read errors met so far; null while not running.",
        "minimum": 0
      },
      "verdict": {
        "description": "What became of the disc; null while not judged.",
        "type": [
          "string",
          "null"
        ],
        "enum": [
          "complete",
          "complete_with_tail",
          "damaged",
          "protected",
          "unreadable",
          null
        ]
      },
      "bad_bytes": {
        "type": [
          "integer",
          "null"
        ],
        "description": "Bytes that could not be read; null while not judged.",
        "minimum": 0
      },
      "bad_range_count": {
        "type": [
          "integer",
          "null"
        ],
        "description": "How many ranges those bytes form.",
        "minimum": 0
      },
      "bad_ranges": {
        "description": "The ranges, in order. Lists and the event stream give the first 100; the single resource gives all.",
        "anyOf": [
          {
            "type": "array",
            "items": {
              "$ref": "byte-range.json"
            }
          },
          {
            "type": "null"
          }
        ]
      },
      "tail": {
        "description": "Unreadable run-out behind the volume that was cut off the image, where there was one.",
        "anyOf": [
          {
            "$ref": "byte-range.json"
          },
          {
            "type": "null"
          }
        ]
      },
      "error": {
        "description": "Why it failed, was interrupted or is held up.",
        "anyOf": [
          {
            "$ref": "fault.json"
          },
          {
            "type": "null"
          }
        ]
      },
      "pause_reason": {
        "description": "Who paused it; null unless paused.",
        "type": [
          "string",
          "null"
        ],
        "enum": [
          "user",
          "storage",
          null
        ]
      },
      "retry_at": {
        "type": [
          "string",
          "null"
        ],
        "description": "When it is tried again after that error; null where it is not waiting to be.",
        "format": "date-time"
      },
      "priority": {
        "type": "string",
        "description": "Place in the queue.",
        "enum": [
          "low",
          "normal",
          "high"
        ]
      },
      "label": {
        "type": [
          "string",
          "null"
        ],
        "description": "Volume label. Untrusted text."
      },
      "media": {
        "type": "string",
        "description": "Kind of medium.",
        "enum": [
          "cd",
          "dvd",
          "bd",
          "image",
          "unknown"
        ]
      },
      "rule": {
        "type": [
          "string",
          "null"
        ],
        "description": "Name of the rule that decided; null for the defaults."
      },
      "archive_id": {
        "type": [
          "string",
          "null"
        ],
        "description": "The finished image.",
        "pattern": "^archive_[0-9a-hjkmnp-tv-z]{19}$"
      },
      "created_at": {
        "type": "string",
        "description": "When the disc was taken on.",
        "format": "date-time"
      },
      "updated_at": {
        "type": "string",
        "description": "When the record last changed.",
        "format": "date-time"
      },
      "started_at": {
        "type": [
          "string",
          "null"
        ],
        "description": "When it first left the queue.",
        "format": "date-time"
      },
      "finished_at": {
        "type": [
          "string",
          "null"
        ],
        "description": "When it ended.",
        "format": "date-time"
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "job-patch.json",
    "title": "JobPatch",
    "description": "What PATCH /api/v1/jobs/{id} takes.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "action"
    ],
    "properties": {
      "action": {
        "type": "string",
        "description": "What to do with the job.",
        "enum": [
          "pause",
          "resume",
          "cancel"
        ]
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "job-progress.json",
    "title": "JobProgressJson",
    "description": "Live figures of a running job.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "job_id",
      "status",
      "phase",
      "progress",
      "done_bytes",
      "total_bytes",
      "bad_bytes",
      "read_errors",
      "speed_bps",
      "eta_seconds"
    ],
    "properties": {
      "job_id": {
        "type": "string",
        "description": "The job.",
        "pattern": "^job_[0-9a-hjkmnp-tv-z]{19}$"
      },
      "status": {
        "const": "running"
      },
      "phase": {
        "type": "string",
        "description": "What it is at.",
        "enum": [
          "imaging",
          "hashing",
          "verifying",
          "archiving"
        ]
      },
      "progress": {
        "type": [
          "integer",
          "null"
        ],
        "description": "Per cent of the phase.",
        "minimum": 0,
        "maximum": 100
      },
      "done_bytes": {
        "type": "integer",
        "description": "Of the phase.",
        "minimum": 0
      },
      "total_bytes": {
        "type": [
          "integer",
          "null"
        ],
        "description": "Of the phase.",
        "minimum": 0
      },
      "bad_bytes": {
        "type": "integer",
        "description": "Not readable so far.",
        "minimum": 0
      },
      "read_errors": {
        "type": "integer",
        "description": "Met so far.",
        "minimum": 0
      },
      "speed_bps": {
        "type": [
          "integer",
          "null"
        ],
        "description": "Bytes a second.",
        "minimum": 0
      },
      "eta_seconds": {
        "type": [
          "integer",
          "null"
        ],
        "description": "Seconds left of the phase.",
        "minimum": 0
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "jobs.json",
    "title": "JobsJson",
    "description": "One page of jobs.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "jobs",
      "total",
      "limit",
      "offset"
    ],
    "properties": {
      "jobs": {
        "type": "array",
        "description": "In the order asked for.",
        "items": {
          "$ref": "job.json"
        }
      },
      "total": {
        "type": "integer",
        "description": "How many there are in all.",
        "minimum": 0
      },
      "limit": {
        "type": "integer",
        "description": "As asked for.",
        "minimum": 1
      },
      "offset": {
        "type": "integer",
        "description": "As asked for.",
        "minimum": 0
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "jobs-query.json",
    "title": "JobsQuery",
    "description": "What GET /api/v1/jobs can be asked.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "status",
      "sort",
      "limit",
      "offset"
    ],
    "properties": {
      "status": {
        "type": "string",
        "description": "A status, or the phase of a running job.",
        "enum": [
          "all",
          "queued",
          "running",
          "paused",
          "completed",
          "failed",
          "cancelled",
          "interrupted",
          "imaging",
          "hashing",
          "verifying",
          "archiving"
        ],
        "default": "all"
      },
      "sort": {
        "type": "string",
        "description": "created and updated: newest first; name: alphabetically.",
        "enum": [
          "created",
          "updated",
          "name"
        ],
        "default": "created"
      },
      "limit": {
        "type": "integer",
        "description": "Items a page.",
        "minimum": 1,
        "maximum": 500,
        "default": 50
      },
      "offset": {
        "type": "integer",
        "description": "Items to pass over.",
        "minimum": 0,
        "maximum": 10000000,
        "default": 0
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "logs.json",
    "title": "LogsJson",
    "description": "The latest events, newest first.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "events",
      "limit"
    ],
    "properties": {
      "events": {
        "type": "array",
        "description": "Newest first.",
        "items": {
          "$ref": "event.json"
        }
      },
      "limit": {
        "type": "integer",
        "description": "As asked for.",
        "minimum": 1
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "logs-query.json",
    "title": "LogsQuery",
    "description": "What GET /api/v1/logs can be asked.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "level",
      "limit"
    ],
    "properties": {
      "level": {
        "type": "string",
        "description": "The quietest level wanted.",
        "enum": [
          "debug",
          "info",
          "warning",
          "error"
        ],
        "default": "debug"
      },
      "since": {
        "type": "string",
        "description": "Nothing older than this.",
        "format": "date-time"
      },
      "limit": {
        "type": "integer",
        "description": "At most so many.",
        "minimum": 1,
        "maximum": 1000,
        "default": 100
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "medium.json",
    "title": "MediumJson",
    "description": "A disc in a drive, or a file in a folder drive.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "key",
      "name",
      "label",
      "media_type",
      "content",
      "size_bytes",
      "settled",
      "error",
      "outcome",
      "eject"
    ],
    "properties": {
      "key": {
        "type": "string",
        "description": "Names this insertion."
      },
      "name": {
        "type": [
          "string",
          "null"
        ],
        "description": "File name in a folder drive. Untrusted text."
      },
      "label": {
        "type": [
          "string",
          "null"
        ],
        "description": "Volume label, once identified. Untrusted text."
      },
      "media_type": {
        "type": "string",
        "description": "Kind of medium.",
        "enum": [
          "cd",
          "dvd",
          "bd",
          "image",
          "unknown"
        ]
      },
      "content": {
        "type": "string",
        "description": "What the table of contents says.",
        "enum": [
          "data",
          "audio",
          "mixed",
          "multisession",
          "blank",
          "unknown"
        ]
      },
      "size_bytes": {
        "type": [
          "integer",
          "null"
        ],
        "description": "Its size.",
        "minimum": 0
      },
      "settled": {
        "type": "boolean",
        "description": "False while it is still being copied or spun up."
      },
      "error": {
        "description": "Why it can never be imaged as it is.",
        "anyOf": [
          {
            "$ref": "fault.json"
          },
          {
            "type": "null"
          }
        ]
      },
      "outcome": {
        "description": "What was decided of it; null before it is identified.",
        "anyOf": [
          {
            "type": "object",
            "additionalProperties": false,
            "required": [
              "kind",
              "job_id",
              "archive_id",
              "rule",
              "error",
              "retry_at"
            ],
            "properties": {
              "kind": {
                "type": "string",
                "description": "The decision.",
                "enum": [
                  "job",
                  "waiting",
                  "duplicate",
                  "ignored",
                  "unsupported",
                  "unidentified"
                ]
              },
              "job_id": {
                "type": [
                  "string",
                  "null"
                ],
                "description": "The job that images it, or that it waits for.",
                "pattern": "^job_[0-9a-hjkmnp-tv-z]{19}$"
              },
              "archive_id": {
                "type": [
                  "string",
                  "null"
                ],
                "description": "The archive that it is a duplicate of.",
                "pattern": "^archive_[0-9a-hjkmnp-tv-z]{19}$"
              },
              "rule": {
                "type": [
                  "string",
                  "null"
                ],
                "description": "The rule that says to ignore it."
              },
              "error": {
                "description": "Why it cannot be imaged or identified.",
                "anyOf": [
                  {
                    "$ref": "fault.json"
                  },
                  {
                    "type": "null"
                  }
                ]
              },
              "retry_at": {
                "type": [
                  "string",
                  "null"
                ],
                "description": "When identifying it is tried again.",
                "format": "date-time"
              }
            }
          },
          {
            "type": "null"
          }
        ]
      },
      "eject": {
        "type": [
          "string",
          "null"
        ],
        "description": "State of the ejection.",
        "enum": [
          "not_wanted",
          "pending",
          "done",
          "failed",
          null
        ]
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "no-body.json",
    "title": "NoBody",
    "description": "Nothing, or an empty object.",
    "type": "object",
    "additionalProperties": false,
    "required": [],
    "properties": {}
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "readiness.json",
    "title": "ReadinessJson",
    "description": "Whether the station can image discs.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "ready",
      "conditions"
    ],
    "properties": {
      "ready": {
        "type": "boolean",
        "description": "As the HTTP status says."
      },
      "conditions": {
        "type": "array",
        "description": "Those that stand in the way.",
        "items": {
          "$ref": "condition.json"
        }
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "snapshot.json",
    "title": "SnapshotJson",
    "description": "The first message of the event stream: what the later ones change.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "seq",
      "jobs",
      "open_jobs_total",
      "archives",
      "archives_total",
      "devices",
      "conditions",
      "status"
    ],
    "properties": {
      "seq": {
        "type": "integer",
        "description": "Events up to this one are contained.",
        "minimum": 0
      },
      "jobs": {
        "type": "array",
        "description": "The first hundred of those not ended, running ones foremost, and the latest that have.",
        "items": {
          "$ref": "job.json"
        }
      },
      "open_jobs_total": {
        "type": "integer",
        "description": "How many are not ended in all.",
        "minimum": 0
      },
      "archives": {
        "type": "array",
        "description": "The latest.",
        "items": {
          "$ref": "archive.json"
        }
      },
      "archives_total": {
        "type": [
          "integer",
          "null"
        ],
        "description": "How many there are in all; null while the catalog is damaged.",
        "minimum": 0
      },
      "devices": {
        "type": "array",
        "description": "All.",
        "items": {
          "$ref": "device.json"
        }
      },
      "conditions": {
        "type": "array",
        "description": "All.",
        "items": {
          "$ref": "condition.json"
        }
      },
      "status": {
        "$ref": "system-status.json"
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "strays.json",
    "title": "StraysJson",
    "description": "Files in the library that belong to no archive. They are left alone.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "count",
      "paths"
    ],
    "properties": {
      "count": {
        "type": [
          "integer",
          "null"
        ],
        "description": "How many, at the last look; null before the first look since the start has ended. One look a day.",
        "minimum": 0
      },
      "paths": {
        "type": "array",
        "description": "The first 1000 at most, below the library.",
        "items": {
          "type": "string"
        }
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "system-status.json",
    "title": "SystemStatusJson",
    "description": "How the station is.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "status",
      "version",
      "started_at",
      "uptime_seconds",
      "suspended",
      "resources",
      "storage",
      "services",
      "conditions",
      "config"
    ],
    "properties": {
      "status": {
        "type": "string",
        "description": "degraded: a condition needs a person. not_ready: nothing can be imaged yet.",
        "enum": [
          "healthy",
          "degraded",
          "not_ready"
        ]
      },
      "version": {
        "type": "string",
        "description": "Of the program."
      },
      "started_at": {
        "type": "string",
        "description": "Of the daemon.",
        "format": "date-time"
      },
      "uptime_seconds": {
        "type": "integer",
        "description": "Of the daemon.",
        "minimum": 0
      },
      "suspended": {
        "type": "boolean",
        "description": "Whether the configuration says that nothing new is begun."
      },
      "resources": {
        "type": "object",
        "additionalProperties": false,
        "required": [
          "cpu_percent",
          "memory_used_bytes",
          "memory_total_bytes",
          "load_average",
          "storage_used_bytes",
          "storage_total_bytes",
          "storage_available_bytes"
        ],
        "properties": {
          "cpu_percent": {
            "type": [
              "number",
              "null"
            ],
            "description": "Of all cores, over the last seconds.",
            "minimum": 0
          },
          "memory_used_bytes": {
            "type": [
              "integer",
              "null"
            ],
            "description": "Of the machine or its container.",
            "minimum": 0
          },
          "memory_total_bytes": {
            "type": [
              "integer",
              "null"
            ],
            "description": "Of the machine or its container.",
            "minimum": 0
          },
          "load_average": {
            "description": "Over 1, 5 and 15 minutes.",
            "anyOf": [
              {
                "type": "array",
                "items": {
                  "type": "number"
                },
                "minItems": 3,
                "maxItems": 3
              },
              {
                "type": "null"
              }
            ]
          },
          "storage_used_bytes": {
            "type": [
              "integer",
              "null"
            ],
            "description": "Of the library's filesystem.",
            "minimum": 0
          },
          "storage_total_bytes": {
            "type": [
              "integer",
              "null"
            ],
            "description": "Of the library's filesystem.",
            "minimum": 0
          },
          "storage_available_bytes": {
            "type": [
              "integer",
              "null"
            ],
            "description": "What may still be written.",
            "minimum": 0
          }
        }
      },
      "storage": {
        "type": "object",
        "additionalProperties": false,
        "required": [
          "library",
          "used_percent",
          "warn_at",
          "stop_at",
          "level"
        ],
        "properties": {
          "library": {
            "type": "string",
            "description": "Folder of the finished images."
          },
          "used_percent": {
            "type": [
              "number",
              "null"
            ],
            "description": "In use, as df counts.",
            "minimum": 0,
            "maximum": 100
          },
          "warn_at": {
            "type": "number",
            "description": "Per cent."
          },
          "stop_at": {
            "type": "number",
            "description": "Per cent."
          },
          "level": {
            "description": "Where it stands; null where unknown.",
            "type": [
              "string",
              "null"
            ],
            "enum": [
              "ok",
              "warning",
              "stop",
              null
            ]
          }
        }
      },
      "services": {
        "type": "object",
        "description": "Each subsystem and drive: ok, or the reason why not.",
        "additionalProperties": {
          "type": "string",
          "pattern": "^[a-z_]+$"
        }
      },
      "conditions": {
        "type": "array",
        "description": "Every condition, problems first.",
        "items": {
          "$ref": "condition.json"
        }
      },
      "config": {
        "type": "object",
        "additionalProperties": false,
        "required": [
          "generation",
          "hash",
          "applied_at",
          "last_reload_successful",
          "problems",
          "attempted"
        ],
        "properties": {
          "generation": {
            "type": "integer",
            "description": "Counts the applied configurations.",
            "minimum": 0
          },
          "hash": {
            "type": "string",
            "description": "SHA-256 of the applied file."
          },
          "applied_at": {
            "type": "string",
            "description": "When it was applied.",
            "format": "date-time"
          },
          "last_reload_successful": {
            "type": "boolean",
            "description": "Whether the file as it stands is in force."
          },
          "problems": {
            "type": "array",
            "description": "What is wrong with the file, where something is.",
            "items": {
              "type": "string"
            }
          },
          "attempted": {
            "type": "object",
            "additionalProperties": false,
            "required": [
              "generation",
              "hash",
              "at"
            ],
            "properties": {
              "generation": {
                "type": "integer",
                "description": "The generation it is, or would have been had it not been refused.",
                "minimum": 0
              },
              "hash": {
                "type": "string",
                "description": "SHA-256 of the file as it was last tried."
              },
              "at": {
                "type": "string",
                "description": "When it was tried.",
                "format": "date-time"
              }
            }
          }
        }
      }
    }
  },
  {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "verification.json",
    "title": "VerificationJson",
    "description": "The last comparison of an image with its checksums.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "result",
      "at",
      "algorithms"
    ],
    "properties": {
      "result": {
        "type": "string",
        "description": "match, mismatch, missing where the file is gone, or unreadable where the storage gave read errors.",
        "enum": [
          "match",
          "mismatch",
          "missing",
          "unreadable"
        ]
      },
      "at": {
        "type": "string",
        "description": "When it ended.",
        "format": "date-time"
      },
      "algorithms": {
        "type": "array",
        "description": "The checksums that differ.",
        "items": {
          "type": "string"
        }
      }
    }
  }
];
