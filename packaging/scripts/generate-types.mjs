// `npm run generate`: derives TypeScript types from the JSON Schemas. `--check` compares instead of writing.
// The schema itself goes into the same file, so that the program need not find it on disk.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
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

/** Folders whose schemas refer to each other: one file of types, in which `title` has each of them by its file's name. */
const folders = [
  { folder: 'schemas/api', types: 'src/http/api.gen.ts', title: 'ApiShapes', constant: 'apiSchemas' },
];

const bannerFor = (path) =>
  `// Generated from ${path} by packaging/scripts/generate-types.mjs. Do not edit; run \`npm run generate\`.`;
const style = { singleQuote: true, printWidth: 120 };

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
  const types = await compile(forTypes(schema, filled), schema.title, {
    bannerComment: bannerFor(path),
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    unreachableDefinitions: false,
    style,
  });
  return `${types}\nexport const ${constant}: object = ${JSON.stringify(schema, null, 2)};\n`;
}

async function generateFolder({ folder, title, constant }) {
  const cwd = join(root, folder);
  const names = readdirSync(cwd).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5)).sort();
  const properties = Object.fromEntries(names.map((name) => [name, { $ref: `${name}.json` }]));
  const all = { title, type: 'object', additionalProperties: false, required: names, properties };
  const types = await compile(all, title, { cwd: `${cwd}/`, bannerComment: bannerFor(folder), style });
  const parsed = names.map((name) => JSON.parse(readFileSync(join(cwd, `${name}.json`), 'utf8')));
  return `${types}\nexport const ${constant}: readonly object[] = ${JSON.stringify(parsed, null, 2)};\n`;
}

let stale = 0;
for (const entry of [...schemas, ...folders]) {
  const text = await (entry.folder === undefined ? generate(entry) : generateFolder(entry));
  const file = join(root, entry.types);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    stale += 1;
    console.error(`${entry.types} does not fit ${entry.schema ?? entry.folder}: run npm run generate and commit the result.`);
  }
}
process.exitCode = stale === 0 ? 0 : 1;
