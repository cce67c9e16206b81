import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { ApiShapes } from './api.gen.js';
import type { ProblemDetail } from './http-problem.js';

export type SchemaName = keyof ApiShapes;

const folder = new URL('../../../schemas/api/', import.meta.url);

/** All schemas of the folder in one validator. `coerce`: query strings are text, numbers in them become numbers. */
function createAjv(coerce: boolean): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    allowUnionTypes: true,
    useDefaults: coerce,
    coerceTypes: coerce,
  });
  addFormats.default(ajv);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    ajv.addSchema(JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as object);
  }
  return ajv;
}

function expectation({ keyword, params, message }: ErrorObject): string {
  switch (keyword) {
    case 'enum':
      return `must be one of ${(params.allowedValues as unknown[]).join(', ')}`;
    case 'additionalProperties':
      return `has no ${JSON.stringify(params.additionalProperty)}`;
    case 'required':
      return `needs ${JSON.stringify(params.missingProperty)}`;
    default:
      return message ?? 'is not as expected';
  }
}

export interface Schemas {
  /** Checks in place; with `query`, text becomes numbers and defaults are filled in. Empty where it fits. */
  problems(name: SchemaName, value: unknown, where: 'query' | 'body' | 'response'): ProblemDetail[];
}

export function createSchemas(): Schemas {
  const strict = createAjv(false);
  const coercing = createAjv(true);
  return {
    problems(name, value, where) {
      const ajv = where === 'query' ? coercing : strict;
      const validate: ValidateFunction | undefined = ajv.getSchema(`${name}.json`);
      if (validate === undefined) throw new Error(`schemas/api has no ${name}.json`);
      if (validate(value)) return [];
      return (validate.errors ?? []).map((error) => ({
        path: `${where}${error.instancePath.replaceAll('/', '.')}`,
        message: expectation(error),
      }));
    },
  };
}
