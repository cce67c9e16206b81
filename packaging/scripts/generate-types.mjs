// `npm run generate`: derives TypeScript types from the JSON Schemas. `--check` compares instead of writing.
// The schema itself goes into the same file, so that the program need not find it on disk.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * `constant`: name under which the schema is exported. `filled`: the type describes values whose defaults have been
 * filled in, so a key with a default is never absent.
 */
const schemas = [
  { schema: 'schemas/config.schema.json', types: 'src/config/config-file.gen.ts', constant: 'configSchema', filled: true },
  { schema: 'schemas/manifest.schema.json', types: 'src/adapters/manifest-file.gen.ts', constant: 'manifestSchema', filled: false },
];

/** What only validation needs gets in the way of readable types: alternatives of required keys. */
function forTypes(node, filled) {
  if (Array.isArray(node)) return node.map((item) => forTypes(item, filled));
  if (node === null || typeof node !== 'object') return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, forTypes(value, filled)]));
  for (const key of ['oneOf', 'anyOf']) {
    if (node[key]?.every?.((option) => Object.keys(option).join() === 'required')) delete copy[key];
  }
  delete copy.dependentRequired;
  if (filled && copy.type === 'object' && copy.properties !== undefined) {
    const certain = Object.keys(copy.properties).filter((key) => copy.properties[key].default !== undefined);
    copy.required = [...new Set([...(copy.required ?? []), ...certain])];
  }
  return copy;
}

export async function generate({ schema: path, constant, filled }) {
  const schema = JSON.parse(readFileSync(join(root, path), 'utf8'));
  const banner = `// Generated from ${path} by packaging/scripts/generate-types.mjs. Do not edit; run \`npm run generate\`.`;
  const types = await compile(forTypes(schema, filled), schema.title, {
    bannerComment: banner,
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    unreachableDefinitions: false,
    style: { singleQuote: true, printWidth: 120 },
  });
  return `${types}\nexport const ${constant}: object = ${JSON.stringify(schema, null, 2)};\n`;
}

let stale = 0;
for (const entry of schemas) {
  const text = await generate(entry);
  const file = join(root, entry.types);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    stale += 1;
    console.error(`${entry.types} does not fit ${entry.schema}: run npm run generate and commit the result.`);
  }
}
process.exitCode = stale === 0 ? 0 : 1;
