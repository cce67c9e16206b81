import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { root } from './tool.js';

const text = readFileSync(join(root, 'packaging/config.yaml'), 'utf8');
const schema = join(root, 'schemas/config.schema.json');

// A comment begins with "# "; an example to be taken in by removing the "#" does not.
const versions = { 'as it is shipped': text, 'with every example taken in': text.replace(/^( *)#(?! \S|$)/gm, '$1') };

for (const [name, version] of Object.entries(versions)) {
  it(`the package's configuration fits the schema ${name}`, { skip: !existsSync(schema) && 'no schema yet' }, () => {
    const validate = new Ajv2020({ strict: false, allErrors: true }).compile(JSON.parse(readFileSync(schema, 'utf8')));
    const value: unknown = parse(version);
    assert.ok(validate(value), JSON.stringify(validate.errors));
  });
}

it('the examples are there to be taken in', () => {
  const value = parse(versions['with every example taken in']) as Record<string, unknown>;
  assert.deepEqual(
    Object.keys(value).filter((key) => !(key in (parse(text) as object))),
    ['rules', 'notifications'],
  );
});
