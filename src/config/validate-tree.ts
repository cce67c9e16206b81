import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { closestMatch } from './closest-match.js';
import { type ConfigNode, type Path, toValue } from './config-tree.js';
import { quote } from './excerpt.js';
import type { Finding, ProblemList } from './problem-list.js';
import { rootSchema, type Schema, sectionsOf } from './schema-walk.js';

/** The schema is ours: a test holds it against the meta-schema, not each start. */
const ajv = new Ajv2020({
  validateSchema: false,
  code: { optimize: false },
  allErrors: true,
  verbose: true,
  strict: true,
  strictRequired: false,
  ownProperties: true,
  allowUnionTypes: true,
});
ajv.addKeyword({ keyword: 'x-expected', schemaType: 'string' });
const validate = ajv.compile(rootSchema);

export type Validated =
  | { readonly ok: true; readonly value: unknown }
  /** `culprits`: the keys and list entries to leave out to get at what is wrong besides; null where it is the whole. */
  | { readonly ok: false; readonly culprits: readonly Path[] | null };

/** Holds a tree against the schema; what does not fit is in `problems`. */
export function validateTree(root: ConfigNode, problems: ProblemList): Validated {
  const value = toValue(root);
  if (validate(value)) return { ok: true, value };
  const errors = relevant(validate.errors ?? []);
  const culprits = errors.map((error) => report(root, error, problems));
  return { ok: false, culprits: culprits.every((path) => path !== null) ? culprits : null };
}

/**
 * Of alternatives that all fail, the sum is one problem; but where a list was given, only what the list alternative
 * says of it counts.
 */
function relevant(errors: readonly ErrorObject[]): ErrorObject[] {
  const listBranch = (whole: ErrorObject): number =>
    whole.keyword === 'anyOf' && Array.isArray(whole.data)
      ? ((whole.schema as readonly Schema[] | undefined)?.findIndex((option) => option.type === 'array') ?? -1)
      : -1;
  const lists = errors
    .filter((error) => listBranch(error) !== -1)
    .map((error) => `${error.schemaPath}/${listBranch(error)} ${error.instancePath}`);
  const listed = new Set(lists);
  return errors.filter((error) => {
    const { schemaPath, instancePath } = error;
    if (schemaPath.includes('/oneOf/')) return false;
    const branch = /^.*\/anyOf\/\d+(?=\/)/.exec(schemaPath)?.[0];
    if (branch === undefined) return listBranch(error) === -1;
    const above = instancePath.replace(/\/\d+$/, '');
    return listed.has(`${branch} ${instancePath}`) || listed.has(`${branch} ${above}`);
  });
}

function pathOf(pointer: string, root: ConfigNode): Path {
  const steps: (string | number)[] = [];
  let node: ConfigNode | undefined = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    steps.push(node?.kind === 'list' ? Number(key) : key);
    node =
      node?.kind === 'list' ? node.items[Number(key)] : node?.kind === 'map' ? node.entries.get(key)?.node : undefined;
  }
  return steps;
}

/** The list entry that a path leads into, else the section; null for the whole file. */
function entryAt(path: Path): Path | null {
  const entry = path.slice(0, path.findLastIndex((step) => typeof step === 'number') + 1);
  return entry.length > 0 ? entry : path.length > 0 ? path : null;
}

/** Returns the key at fault, or the entry that lacks something; null where it is the whole file. */
function report(root: ConfigNode, error: ErrorObject, problems: ProblemList): Path | null {
  const path = pathOf(error.instancePath, root);
  const schema = (error.parentSchema ?? {}) as Schema;
  const name =
    path.length === 0 ? 'The configuration' : quote(String(path.findLast((step) => typeof step === 'string')));
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(error.params.additionalProperty);
      problems.atKey(root, [...path, key], unknownKey(key, Object.keys(schema.properties ?? {})));
      return [...path, key];
    }
    case 'required': {
      const key = String(error.params.missingProperty);
      const inner = schema.properties?.[key] ?? {};
      const expected = key === 'apiVersion' ? 'apiVersion: disk2iso/v1' : expectedOf(inner);
      problems.atValue(root, [...path, key], {
        code: 'missing_key',
        message: `The key ${quote(key)} is missing here.`,
        expected,
      });
      return entryAt(path) ?? [...path, key];
    }
    case 'dependentRequired': {
      const { property, missingProperty } = error.params;
      const message = `${quote(property)} needs ${quote(missingProperty)} beside it.`;
      problems.atKey(root, [...path, String(property)], { code: 'missing_key', message });
      return entryAt(path);
    }
    case 'oneOf':
      problems.atValue(root, path, oneOfKeys(schema, error.data));
      return entryAt(path);
    default:
      problems.atValue(root, path, wrongValue(name, error, schema));
      return path.length > 0 ? path : null;
  }
}

function unknownKey(key: string, known: readonly string[]): Finding {
  if (/^(.*_)?(password|passwd|secret|token)$/i.test(key)) {
    const instead = known.find((one) => one.endsWith('_file') && one.includes(key.toLowerCase()));
    const hint = instead === undefined ? '' : ` with ${instead}`;
    return {
      code: 'unknown_key',
      message: `Secrets do not stand in this file; name a file that holds it${hint}.`,
      did_you_mean: instead,
    };
  }
  const near = closestMatch(key, known);
  const sections = near === undefined ? sectionsOf(key) : [];
  const message =
    sections.length === 0
      ? `Unknown key ${quote(key)}.`
      : `The key ${quote(key)} belongs under ${sections.join(' or ')}.`;
  const expected = near === undefined && sections.length === 0 ? `one of ${known.join(', ')}` : undefined;
  return { code: 'unknown_key', message, did_you_mean: near, expected };
}

function oneOfKeys(schema: Schema, data: unknown): Finding {
  const keys = (schema.oneOf ?? []).flatMap((option) => option.required ?? []);
  const given = keys.filter((key) => data !== null && typeof data === 'object' && Object.hasOwn(data, key));
  const names = keys.map(quote).join(', ');
  return given.length === 0
    ? { code: 'missing_key', message: `One of ${names} is missing here.` }
    : { code: 'not_allowed', message: `Only one of ${names} may stand here, not ${given.map(quote).join(' and ')}.` };
}

function wrongValue(name: string, error: ErrorObject, schema: Schema): Finding {
  // what stands behind the `?` of an address often lets one in
  const isAddress = name === '"url"' && typeof error.data === 'string';
  const data: unknown = isAddress ? String(error.data).replace(/\?.*/s, '?…') : error.data;
  const given =
    data === null ? 'nothing' : Array.isArray(data) ? 'a list' : typeof data === 'object' ? 'a map' : quote(data);
  const expected = expectedOf(schema);
  const did_you_mean = suggestValue(data, schema);
  switch (error.keyword) {
    case 'uniqueItems':
      return { code: 'not_allowed', message: `The list ${name} holds the same value twice.` };
    case 'minItems':
      return { code: 'not_allowed', message: `The list ${name} is empty; name at least one, or leave the key out.` };
    case 'maxItems':
      return {
        code: 'not_allowed',
        message: `The list ${name} is too long.`,
        expected: `at most ${error.params.limit} entries`,
      };
    case 'maxLength':
      return {
        code: 'not_allowed',
        message: `${name} is too long.`,
        expected: `at most ${error.params.limit} characters`,
      };
    case 'type':
    case 'anyOf':
      return { code: 'wrong_type', message: `${name} cannot be ${given}.`, expected, did_you_mean };
    default:
      return { code: 'not_allowed', message: `${name} cannot be ${given}.`, expected, did_you_mean };
  }
}

/** In words, what the schema wants. */
function expectedOf(schema: Schema): string | undefined {
  if (schema['x-expected'] !== undefined) return schema['x-expected'];
  if (schema.const !== undefined) return `${schema.const}`;
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
  if (schema.anyOf !== undefined) return undefined;
  switch (schema.type) {
    case 'integer': {
      const { minimum, maximum } = schema;
      return minimum === undefined ? 'a whole number' : `a whole number from ${minimum} to ${maximum ?? 'any'}`;
    }
    case 'boolean':
      return 'true or false';
    case 'string':
      return 'text';
    case 'array':
      return 'a list';
    case 'object':
      return 'a map of keys and values';
    default:
      return undefined;
  }
}

const words: Readonly<Record<string, boolean>> = {
  yes: true,
  on: true,
  true: true,
  no: false,
  off: false,
  false: false,
};

/** The same value in the form that the schema wants, where there is one. */
function suggestValue(data: unknown, schema: Schema): string | undefined {
  if (data === null || typeof data === 'object') return undefined;
  for (const option of schema.anyOf ?? []) {
    const found = option.type === 'array' ? undefined : suggestValue(data, option);
    if (found !== undefined) return found;
  }
  if (schema.type === 'array' && schema.items !== undefined) {
    const item = schema.items.enum?.includes(data) ? String(data) : suggestValue(data, schema.items);
    return item === undefined ? undefined : `[${item}]`;
  }
  const text = String(data);
  if (schema.enum !== undefined) return closestMatch(text, schema.enum.map(String));
  if (schema.type === 'boolean')
    return Object.hasOwn(words, text.toLowerCase()) ? String(words[text.toLowerCase()]) : undefined;
  if (schema.type === 'integer') return typeof data === 'string' && /^[0-9]{1,9}$/.test(text) ? text : undefined;
  if (schema.type !== 'string') return undefined;
  const { pattern } = schema;
  const fits = (candidate: string) => pattern === undefined || new RegExp(pattern, 'u').test(candidate);
  const forms = [text, text.replace(',', '.'), `${text}%`, text.toUpperCase(), `${text.toUpperCase()}B`];
  const form = forms.find(
    (candidate) => candidate.length < 200 && fits(candidate) && (typeof data !== 'string' || candidate !== text),
  );
  return form === undefined ? undefined : JSON.stringify(form);
}
