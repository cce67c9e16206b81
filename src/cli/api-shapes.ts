import type { ConfigProblem } from '../core/config-problem.js';

/**
 * What the commands read of the API's answers (schemas/api/): fields that are not shown are left out here. A test
 * holds that the shapes generated from the schemas fit these.
 */
export interface ByteRangeShape {
  readonly start: number;
  readonly length: number;
}

export interface FaultShape {
  readonly code: string;
  readonly message: string;
}

export interface ConditionShape {
  readonly subject: string;
  readonly type: string;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
  readonly problem: boolean;
}

export interface StatusShape {
  readonly status: 'healthy' | 'degraded' | 'not_ready';
  readonly version: string;
  readonly uptime_seconds: number;
  readonly suspended: boolean;
  readonly resources: {
    readonly cpu_percent: number | null;
    readonly memory_used_bytes: number | null;
    readonly memory_total_bytes: number | null;
    readonly load_average: readonly number[] | null;
    readonly storage_total_bytes: number | null;
    readonly storage_available_bytes: number | null;
  };
  readonly storage: {
    readonly library: string;
    readonly used_percent: number | null;
    readonly warn_at: number;
    readonly stop_at: number;
    readonly level: 'ok' | 'warning' | 'stop' | null;
  };
  readonly conditions: readonly ConditionShape[];
  readonly config: {
    readonly generation: number;
    readonly applied_at: string;
    readonly last_reload_successful: boolean;
    readonly problems: readonly string[];
  };
}

export interface MediumShape {
  readonly name: string | null;
  readonly label: string | null;
  readonly media_type: string;
  readonly size_bytes: number | null;
  readonly settled: boolean;
  readonly error: FaultShape | null;
  readonly outcome: { readonly kind: string; readonly error: FaultShape | null } | null;
}

export interface DeviceShape {
  readonly id: string;
  readonly path: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly status: 'idle' | 'busy' | 'faulty';
  readonly state: string;
  readonly media: readonly MediumShape[];
  readonly job_id: string | null;
  readonly error: FaultShape | null;
}

export interface DevicesShape {
  readonly devices: readonly DeviceShape[];
}

export interface JobShape {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly phase: string | null;
  readonly progress: number | null;
  readonly device_id: string;
  readonly output_file: string | null;
  readonly size_bytes: number | null;
  readonly rescued_bytes: number;
  readonly speed_bps: number | null;
  readonly eta_seconds: number | null;
  readonly verdict: string | null;
  readonly bad_bytes: number | null;
  readonly bad_ranges: readonly ByteRangeShape[] | null;
  readonly error: FaultShape | null;
  readonly pause_reason: string | null;
  readonly retry_at: string | null;
  readonly priority: string;
  readonly media: string;
  readonly rule: string | null;
  readonly archive_id: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

export interface JobsShape {
  readonly jobs: readonly JobShape[];
  readonly total: number;
  readonly offset: number;
}

export interface VerificationShape {
  readonly result: 'match' | 'mismatch' | 'missing' | 'unreadable';
  readonly at: string;
  readonly algorithms: readonly string[];
}

export interface ArchiveShape {
  readonly id: string;
  readonly filename: string;
  readonly path: string;
  readonly size_bytes: number;
  readonly created_at: string;
  readonly checksums: Readonly<Record<string, string | undefined>>;
  readonly metadata: {
    readonly label: string | null;
    readonly tags: readonly string[];
    readonly notes: string | null;
  };
  readonly pinned: boolean;
  readonly trashed: { readonly at: string; readonly purge_at: string; readonly rule: string } | null;
  readonly verdict: string;
  readonly bad_bytes: number | null;
  readonly bad_ranges: readonly ByteRangeShape[] | null;
  readonly media: string;
  readonly provenance: {
    readonly device: string;
    readonly vendor: string | null;
    readonly model: string | null;
    readonly ddrescue_version: string;
    readonly rule: string | null;
    readonly source_name: string | null;
    readonly continues: string | null;
  };
  readonly verification: VerificationShape | null;
  readonly job_id: string;
  readonly superseded_by: string | null;
}

export interface ArchivesShape {
  readonly archives: readonly ArchiveShape[];
  readonly total: number;
  readonly offset: number;
}

export interface StraysShape {
  readonly count: number | null;
  readonly paths: readonly string[];
}

export interface ArchiveVerifiedShape {
  readonly archive_id: string;
  readonly verification: VerificationShape;
}

export interface EventShape {
  readonly seq: number;
  readonly at: string;
  readonly level: 'debug' | 'info' | 'warning' | 'error';
  readonly type: string;
  readonly message: string;
}

export interface LogsShape {
  readonly events: readonly EventShape[];
}

export interface CatalogRebuiltShape {
  readonly archives: number;
  readonly left_out: number;
  readonly problems: readonly string[];
}

export interface ConfigOutcomeShape {
  readonly outcome: 'applied' | 'unchanged' | 'rejected';
  readonly generation: number;
  readonly problems: readonly ConfigProblem[];
}

export interface EffectiveConfigShape {
  readonly values: readonly {
    readonly key: string;
    readonly value?: unknown;
    readonly origin: {
      readonly kind: string;
      readonly from?: string;
      readonly file?: string;
      readonly line?: number;
      readonly reference?: string;
    };
  }[];
}

export interface ConfigHistoryShape {
  readonly generations: readonly {
    readonly generation: number;
    readonly hash: string;
    readonly applied_at: string;
    readonly in_force: boolean;
    readonly diff: string | null;
  }[];
}

export interface ConfigPlanShape {
  readonly outcome: 'unchanged' | 'changes' | 'invalid';
  readonly problems: readonly ConfigProblem[];
  readonly effects: readonly {
    readonly kind: string;
    readonly change: 'begin' | 'end' | 'change';
    readonly message: string;
    readonly archives: { readonly count: number; readonly paths: readonly string[] } | null;
  }[];
  readonly waiting: {
    readonly generation: number | null;
    readonly until: string;
    readonly count: number;
    readonly paths: readonly string[];
  } | null;
  readonly diff: string;
}

export interface ExplanationsShape {
  readonly explanations: readonly {
    readonly kind: 'disc' | 'job' | 'archive';
    readonly id: string;
    readonly label: string | null;
    readonly decided: { readonly rule: string | null; readonly generation: number; readonly outcome: string } | null;
    readonly rule: string | null;
    readonly action: string;
    readonly holds: readonly string[];
    readonly rules: readonly { readonly rule: string; readonly decides: boolean; readonly reason: string }[];
    readonly retention: { readonly rule: string | null; readonly stays: boolean; readonly reason: string } | null;
  }[];
}

export interface ConfigApprovedShape {
  readonly generation: number;
  readonly archives: number;
}
