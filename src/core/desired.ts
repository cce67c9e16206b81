import type { DriveSpec } from './drive.js';
import type { FixitySpec } from './fixity.js';
import type { NotificationTarget } from './notification.js';
import type { RetentionRule, TrashSpec } from './retention-rule.js';
import type { ImagingSettings, Rule } from './rule.js';

/** Everything the file says, resolved: paths absolute, defaults filled in, secrets read. */
export interface Desired {
  readonly storage: StorageSpec;
  readonly defaults: ImagingSettings;
  readonly drives: readonly DriveSpec[];
  readonly rules: readonly Rule[];
  /** Null: images are read again only when somebody asks. */
  readonly fixity: FixitySpec | null;
  readonly retention: readonly RetentionRule[];
  readonly trash: TrashSpec;
  /** Milliseconds; null keeps events by their number alone. */
  readonly keepEventsFor: number | null;
  readonly users: readonly UserSpec[];
  readonly notifications: readonly NotificationTarget[];
  readonly api: ApiSpec;
  /** Reads go on, running jobs finish, nothing new is begun. */
  readonly suspend: boolean;
}

export interface StorageSpec {
  /** Absolute folder of finished images. */
  readonly library: string;
  /** Absolute folder of the catalog and the socket. */
  readonly state: string;
  /** Per cent of the library's filesystem in use, 0 to 100. */
  readonly warnAt: number;
  readonly stopAt: number;
}

export type Role = 'admin' | 'operator' | 'viewer';

export interface UserSpec {
  readonly name: string;
  readonly role: Role;
}

export interface ApiSpec {
  /** Loopback address and port; null for the unix socket alone. Port 0 asks the system for a free one. */
  readonly listen: { readonly host: string; readonly port: number } | null;
  /** Absolute path of the unix socket. */
  readonly socket: string;
  /** Host header values accepted beside the loopback names, for a reverse proxy on this machine. */
  readonly allowedHosts: readonly string[];
}

/** One applied configuration: `generation` counts up, `hash` is the SHA-256 of the file's bytes. */
export interface AppliedConfig {
  readonly generation: number;
  readonly hash: string;
  readonly appliedAt: number;
  readonly desired: Desired;
  /** The file as it stands is refused, or could not be read at the start: nothing is deleted until it is mended. */
  readonly degraded: boolean;
}
