import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type ApiShapes, apiSchemas } from './api.gen.js';
import type { ProblemDetail } from './http-problem.js';

export type SchemaName = keyof ApiShapes;

/**
 * All schemas in one validator, each compiled when it is first needed. They are ours, so they are checked against the
 * meta-schema in a test, not at every start. `coerce`: query strings are text, numbers in them become numbers.
 */
function createAjv(coerce: boolean): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    allowUnionTypes: true,
    useDefaults: coerce,
    coerceTypes: coerce,
    validateSchema: false,
  });
  addFormats.default(ajv);
  for (const schema of apiSchemas) ajv.addSchema(schema);
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
