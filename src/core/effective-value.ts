/** Where a value comes from. */
export type Origin =
  | { readonly kind: 'default' }
  /** Worked out of another value or the machine, e.g. the socket's path. */
  | { readonly kind: 'derived'; readonly from: string }
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  /** `reference`: the file, or credential:NAME. */
  | { readonly kind: 'secret'; readonly reference: string };

export type PlainValue = string | number | boolean | null;

/** One value in force. */
export interface EffectiveValue {
  /** `drives[0].folder`. */
  readonly key: string;
  /** A secret reads `(secret)`. */
  readonly value: PlainValue | readonly PlainValue[];
  readonly origin: Origin;
}
