import type { ConfigSnapshot } from './config-snapshot.js';

/** One configuration that was in force. Its text is kept, its secrets are not. */
export interface Generation {
  readonly generation: number;
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly appliedAt: number;
  /** As it was read, without the bytes of secret files. */
  readonly snapshot: Pick<ConfigSnapshot, 'path' | 'hash'> & { readonly files: readonly GenerationFile[] };
}

export interface GenerationFile {
  readonly role: 'main' | 'include';
  readonly path: string;
  readonly text: string;
}

/** A generation with what it changed. */
export interface GenerationChange extends Pick<Generation, 'generation' | 'hash' | 'appliedAt'> {
  readonly inForce: boolean;
  /** Unified, against the one before it, secrets masked; null where none before it is kept. */
  readonly diff: string | null;
}

export interface ConfigHistory {
  /** Newest first; what cannot be read is left out. */
  list(): Promise<Generation[]>;
  /** Throws Fault no_space, io_error. Only the last few are kept. */
  append(generation: Generation): Promise<void>;
}
