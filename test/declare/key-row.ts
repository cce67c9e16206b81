import type { TestContext } from 'node:test';
import type { Desired } from '../../src/core/desired.js';

/**
 * What one key of the configuration does. `file` sets it; `otherwise` is what is seen in the same file without it, or,
 * where a file needs it, in `insteadOf`. Texts may name `@ROOT@` and the addresses of the test's own servers.
 */
export interface KeyRow {
  readonly file: string;
  readonly insteadOf?: string;
  /** Something the station does beyond its configuration: what a port is told, what is decided, what is seen. */
  readonly see: (desired: Desired, setting: Setting) => unknown;
  readonly is: unknown;
  readonly otherwise: unknown;
}

export type KeyTable = Readonly<Record<string, KeyRow>>;

/** What the rows have around them. */
export interface Setting {
  readonly t: TestContext;
  /** Of the fake machine with drives sr0 and sr1, and of the folder `in` with one image. */
  readonly machine: import('../drives/fake-drive.js').FakeMachine;
  /** What the servers were sent, newest last. */
  readonly sent: string[];
}

/** Files are laid over this one. */
export const base = `apiVersion: disk2iso/v1
include: conf.d
storage: {library: ./library, state: ./state}
drives: [{name: a, device: /dev/a}]
`;
