import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { apiSchemas } from '../../src/http/api.gen.js';
import { streamSchemas } from '../../src/http/stream-message.js';
import { serve } from './serve.js';

const folder = new URL('../../../schemas/api/', import.meta.url);
const names = readdirSync(folder)
  .map((file) => file.replace('.json', ''))
  .sort();
const parsed = names.map((name) => JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')));

type Node = { readonly [key: string]: unknown };

/** Every schema of a property, with its place. */
function* properties(node: unknown, place: string): Generator<[string, Node]> {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'properties') {
      for (const [name, one] of Object.entries(value as Record<string, Node>)) yield [`${place}.${name}`, one];
    }
    yield* properties(value, `${place}.${key}`);
  }
}

test('the program holds the schemas as they are in the files', () => {
  assert.ok(names.length > 20);
  assert.deepEqual(apiSchemas, parsed, 'run npm run generate');
});

test('each is a valid schema of draft 2020-12 that compiles, named by its file', () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  addFormats.default(ajv);
  for (const schema of parsed) ajv.addSchema(schema);
  for (const [i, name] of names.entries()) {
    assert.equal(parsed[i].$id, `${name}.json`);
    assert.ok(ajv.getSchema(`${name}.json`), name);
  }
});

test('every property says what it is, and is snake_case', () => {
  for (const [i, schema] of parsed.entries()) {
    assert.ok(schema.title && schema.description, names[i]);
    for (const [place, property] of properties(schema, String(names[i]))) {
      const told = ['description', '$ref', 'const', 'properties', 'pattern'].some((key) => key in property);
      assert.ok(told, place);
      assert.match(place.split('.').at(-1) ?? '', /^[a-z0-9_]+$/);
    }
  }
});

test('no schema is there that nothing uses', async (t) => {
  const { server } = await serve(t);
  const used = new Set<string>(Object.values(streamSchemas));
  for (const { query, body, answers } of server.routes) {
    for (const name of [query, body, typeof answers === 'object' ? answers.schema : null])
      if (name !== null) used.add(name);
  }
  for (const text of parsed.map((schema) => JSON.stringify(schema))) {
    for (const [, name] of text.matchAll(/"\$ref":"([a-z-]+)\.json"/g)) used.add(String(name));
  }
  used.add('error').add('no-body');
  assert.deepEqual(names, [...used].sort());
});
