import { configSchema } from './config-file.gen.js';

/** The parts of JSON Schema that ours is made of. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly 'x-expected'?: string;
}

/** `$ref`s written out; what stands beside one wins over what it refers to. None of ours goes in a circle. */
function expand(node: unknown, definitions: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(node)) return node.map((item) => expand(item, definitions));
  if (node === null || typeof node !== 'object') return node;
  const { $ref, $defs: _, ...own } = node as Schema & { $ref?: string };
  const target = $ref === undefined ? {} : (definitions[$ref.replace('#/$defs/', '')] as object);
  return Object.fromEntries(
    Object.entries({ ...target, ...own }).map(([key, value]) => [key, expand(value, definitions)]),
  );
}

export const rootSchema = expand(configSchema, (configSchema as Schema).$defs ?? {}) as Schema;

/** Every key with the section it stands in, e.g. `warn_at` in `storage`. */
export function sectionsOf(key: string): string[] {
  const found: string[] = [];
  const walk = (schema: Schema, path: string): void => {
    for (const [name, inner] of Object.entries(schema.properties ?? {})) {
      if (name === key && path !== '') found.push(path);
      walk(inner, path === '' ? name : `${path}.${name}`);
    }
    if (schema.items !== undefined) walk(schema.items, `${path}[]`);
  };
  walk(rootSchema, '');
  return found;
}

/** The value with every default laid in below it. Works on validated values only. */
export function fillDefaults(value: unknown, schema: Schema = rootSchema): unknown {
  const { items, properties } = schema;
  if (Array.isArray(value)) return items === undefined ? value : value.map((item) => fillDefaults(item, items));
  if (value === null || typeof value !== 'object' || properties === undefined) return value;
  const given = value as Record<string, unknown>;
  const filled: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(properties)) {
    const present = given[key] !== undefined ? given[key] : inner.default;
    if (present !== undefined) filled[key] = fillDefaults(present, inner);
  }
  return filled;
}
