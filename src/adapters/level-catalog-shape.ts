/**
 * What a record read back from disk must look like. A shape is typed after the core's own type, so that a key
 * added there and forgotten here does not compile.
 */
export type Shape<T> = (value: unknown) => T;

/** Where and how a value differs from its shape. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
  readonly path: string;
  readonly expected: string;

  constructor(path: string, expected: string) {
    super(`${path === '' ? 'the record' : path.slice(1)} is not ${expected}`);
    this.path = path;
    this.expected = expected;
  }
}

function check<T>(expected: string, fits: (value: unknown) => boolean): Shape<T> {
  return (value) => {
    if (!fits(value)) throw new Mismatch('', expected);
    return value as T;
  };
}

function inside(key: string | number, error: unknown): never {
  if (error instanceof Mismatch) throw new Mismatch(`.${key}${error.path}`, error.expected);
  throw error;
}

export const text: Shape<string> = check('text', (value) => typeof value === 'string');
export const flag: Shape<boolean> = check('true or false', (value) => typeof value === 'boolean');
export const count: Shape<number> = check(
  'a whole number from 0',
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);
export const real: Shape<number> = check('a number', (value) => typeof value === 'number');

/** Text that `fits` narrows, for identifiers. */
export const textThat = <T extends string>(expected: string, fits: (value: string) => boolean): Shape<T> =>
  check(expected, (value) => typeof value === 'string' && fits(value));

export const brandedText = <T extends string>(): Shape<T> => check('text', (value) => typeof value === 'string');

export const oneOf = <T extends string>(words: readonly T[]): Shape<T> =>
  check(`one of ${words.join(', ')}`, (value) => (words as readonly unknown[]).includes(value));

export const nullable =
  <T>(shape: Shape<T>): Shape<T | null> =>
  (value) =>
    value === null ? null : shape(value);

/** For keys that records of before do not have. */
export const optional =
  <T>(shape: Shape<T>): Shape<T | undefined> =>
  (value) =>
    value === undefined ? undefined : shape(value);

export function list<T>(shape: Shape<T>): Shape<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) throw new Mismatch('', 'a list');
    for (const [index, item] of value.entries()) {
      try {
        shape(item);
      } catch (error) {
        inside(index, error);
      }
    }
    return value as T[];
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keys that are not named are left alone: a later version may have written them. */
export function object<T>(fields: { readonly [K in keyof T]-?: Shape<T[K]> }): Shape<T> {
  const entries = Object.entries(fields) as [string, Shape<unknown>][];
  return (value) => {
    if (!isObject(value)) throw new Mismatch('', 'an object');
    for (const [key, shape] of entries) {
      try {
        shape(value[key]);
      } catch (error) {
        inside(key, error);
      }
    }
    return value as T;
  };
}

/** An object with some of these keys and no others. */
export function someOf<K extends string, V>(keys: readonly K[], shape: Shape<V>): Shape<{ readonly [P in K]?: V }> {
  return (value) => {
    if (!isObject(value)) throw new Mismatch('', 'an object');
    for (const [key, item] of Object.entries(value)) {
      if (!(keys as readonly string[]).includes(key)) throw new Mismatch(`.${key}`, `one of ${keys.join(', ')}`);
      try {
        shape(item);
      } catch (error) {
        inside(key, error);
      }
    }
    return value as { readonly [P in K]?: V };
  };
}

/** A discriminated union: the shape of each variant, by the word under `tag`. */
export function tagged<Tag extends string, T extends Readonly<Record<Tag, string>>>(
  tag: Tag,
  variants: { readonly [K in T[Tag]]: Shape<Omit<Extract<T, Readonly<Record<Tag, K>>>, Tag>> },
): Shape<T> {
  const byWord = new Map(Object.entries(variants) as [string, Shape<unknown>][]);
  return (value) => {
    if (!isObject(value)) throw new Mismatch('', 'an object');
    const variant = byWord.get(String(value[tag]));
    if (variant === undefined) throw new Mismatch(`.${tag}`, `one of ${[...byWord.keys()].join(', ')}`);
    variant(value);
    return value as T;
  };
}
