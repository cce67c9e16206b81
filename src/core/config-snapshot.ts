/**
 * Everything a configuration is made of, read in one go: the parser needs nothing else, and two snapshots
 * with the same fingerprint mean the same.
 */
export interface ConfigSnapshot {
  /** Absolute path of the main file; relative paths in all files count from its folder. */
  readonly path: string;
  /** The main file first, then the included ones in the order of merging, then secret files. */
  readonly files: readonly SnapshotFile[];
  /** Absolute paths of the included folders. */
  readonly folders: readonly SnapshotFolder[];
  /**
   * SHA-256 in hex. Of the main file's bytes where it stands alone, so that `sha256sum` agrees; else of a list of
   * the files' sums. Secret files are left out: it is shown to everyone.
   */
  readonly hash: string;
  /** SHA-256 of all that was read, secrets and failures included: for comparing only, never to be shown. */
  readonly fingerprint: string;
  /** The main file is a bind mount whose source was replaced: what is read here will never change again. */
  readonly staleMount: boolean;
}

export interface SnapshotFile {
  readonly role: 'main' | 'include' | 'secret';
  /** Absolute. */
  readonly path: string;
  readonly content: SnapshotContent;
}

export type SnapshotContent =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly worldReadable: boolean }
  /** `reason`: a sentence that says why and what to do. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'too_large'; readonly reason: string };

export interface SnapshotFolder {
  readonly path: string;
  /** Why its files could not be listed, or null. */
  readonly reason: string | null;
}
