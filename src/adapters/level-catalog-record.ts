import { Fault } from '../core/fault.js';
import { Mismatch, type Shape } from './level-catalog-shape.js';

/** Version of every record this program writes. A change of meaning raises it and adds a way up from the old one. */
const recordVersion = 1;
export const rebuildAdvice = 'run `disk2iso catalog rebuild`, which keeps the old one aside';

export function encodeRecord(value: unknown): string {
  return JSON.stringify({ v: recordVersion, value });
}

/** Throws Fault catalog_damaged, naming the record. */
export function decodeRecord<T>(key: string, json: string, shape: Shape<T>): T {
  const name = JSON.stringify(key);
  let record: unknown;
  try {
    record = JSON.parse(json);
  } catch (cause) {
    throw new Fault('catalog_damaged', `The catalog's record ${name} is no JSON; ${rebuildAdvice}.`, { cause });
  }
  const { v, value } = (record ?? {}) as { v?: unknown; value?: unknown };
  if (v !== recordVersion) {
    const found = v === undefined ? 'no version' : `version ${JSON.stringify(v)}`;
    throw new Fault(
      'catalog_damaged',
      `The catalog's record ${name} has ${found}, this program knows ${recordVersion}; use the newer disk2iso that wrote it, or ${rebuildAdvice}.`,
    );
  }
  try {
    return shape(value);
  } catch (cause) {
    if (!(cause instanceof Mismatch)) throw cause;
    throw new Fault('catalog_damaged', `The catalog's record ${name} is damaged: ${cause.message}; ${rebuildAdvice}.`, {
      cause,
    });
  }
}
