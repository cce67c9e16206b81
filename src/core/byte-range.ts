/** Bytes, half open: `start` is the first byte inside, `start + length` the first one after it. */
export interface ByteRange {
  readonly start: number;
  readonly length: number;
}
