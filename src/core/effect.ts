/** One thing that would be otherwise under another file. */
export interface Effect {
  readonly kind: EffectKind;
  /** `begin`: it comes, `end`: it goes, `change`: it stays and is otherwise. */
  readonly change: 'begin' | 'end' | 'change';
  /** Name of the drive, device, rule, user or target, or the key. */
  readonly subject: string;
  /** A sentence for people. */
  readonly message: string;
  /** Paths of the archives it is about, the first 1000; null for what is about none. */
  readonly archives: { readonly count: number; readonly paths: readonly string[] } | null;
}

export type EffectKind =
  | 'suspend'
  | 'drive'
  | 'disc'
  | 'rule'
  | 'archive_hash'
  | 'archive_reverify'
  | 'archive_delete'
  | 'user'
  | 'target'
  | 'value';
