import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseDocument } from 'yaml';
import { rootSchema, type Schema } from '../../src/config/schema-walk.js';
import { algorithms } from '../../src/core/checksum.js';
import { mediaKinds } from '../../src/core/disc.js';
import { ejectPolicies } from '../../src/core/drive.js';
import type { EffectiveValue } from '../../src/core/effective-value.js';
import { notificationTopics } from '../../src/core/notification.js';
import type { ParsedConfig } from '../../src/core/parsed-config.js';
import { priorities } from '../../src/core/rule.js';
import { verdictKinds } from '../../src/core/verdict.js';
import { desiredOf, parse } from './sample.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const complete = readFileSync(`${root}test/config/complete.yaml`, 'utf8');
const beside = {
  secrets: { password: 'geheim', '/run/credentials/hook': 'key', address: 'https://example.org/x?token=y' },
};

interface Key {
  /** `rules[].match.label` */
  readonly path: string;
  readonly schema: Schema & { readonly description?: string; readonly additionalProperties?: boolean };
}

function keysBelow(schema: Schema, path: string): Key[] {
  const here = Object.entries(schema.properties ?? {}).flatMap(([name, inner]): Key[] => {
    const own = path === '' ? name : `${path}.${name}`;
    return [{ path: own, schema: inner }, ...keysBelow(inner, own)];
  });
  return schema.items?.properties === undefined ? here : [...here, ...keysBelow(schema.items, `${path}[]`)];
}

const keys = keysBelow(rootSchema, '');
const leaves = keys.filter(({ schema }) => schema.properties === undefined && schema.items?.properties === undefined);

test('every key has a description, and no map takes unknown keys', () => {
  assert.ok(keys.length > 60);
  for (const { path, schema } of keys) {
    assert.match(schema.description ?? '', /^[A-Z].*\.$|^tls |^viewer /s, path);
    if (schema.properties !== undefined) assert.equal(schema.additionalProperties, false, path);
  }
});

test('the words of the schema are those of the station', () => {
  const enumAt = (path: string) => keys.find((key) => key.path === path)?.schema;
  assert.deepEqual(enumAt('defaults.checksums')?.items?.enum, algorithms);
  assert.deepEqual(enumAt('defaults.eject')?.enum, ejectPolicies);
  assert.deepEqual(enumAt('defaults.priority')?.enum, priorities);
  assert.deepEqual(enumAt('rules[].match.media')?.anyOf?.[0]?.enum, mediaKinds);
  assert.deepEqual(enumAt('retention[].match.verdict')?.items?.enum, verdictKinds);
  assert.deepEqual(enumAt('notifications.targets[].on')?.items?.enum, notificationTopics);
  assert.deepEqual(enumAt('notifications.targets[].on')?.default, notificationTopics);
});

test('the generated types fit the schema', async () => {
  const script = `${root}packaging/scripts/generate-types.mjs`;
  await promisify(execFile)(process.execPath, [script, '--check'], { cwd: root });
});

test('the example is valid without a warning, and its comments name only keys that exist', () => {
  const example = readFileSync(`${root}config.example.yaml`, 'utf8');
  assert.match(example, /^# yaml-language-server: \$schema=\.\/schemas\/config\.schema\.json\n/);
  const parsed = parse(example);
  assert.deepEqual(parsed.ok && parsed.warnings, []);
  // what is commented out, taken in, section by section
  const open = example.replace('targets: []\n', '\n').replace(/^(\s*)# (?=\s*(- |[a-z_]+:( |$)|\{))/gm, '$1');
  const secrets = { '/etc/disk2iso/smtp-password': 'x', 'webhook-key': 'y' };
  const problems = parse(open, { secrets });
  assert.deepEqual(
    (problems.ok ? problems.warnings : problems.problems).map((one) => `${one.line} ${one.message}`),
    [],
  );
});

/** Paths of the leaves in a YAML text: list positions as `[]`, lists of plain values as one leaf. */
function leavesOf(value: unknown, path: string): string[] {
  if (Array.isArray(value) && value.some((item) => typeof item === 'object')) {
    return value.flatMap((item) => leavesOf(item, `${path}[]`));
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, path === '' ? key : `${path}.${key}`));
}

test('the complete sample sets every key of the schema, and each of them changes what the station does', () => {
  const covered = new Set(leavesOf(parseDocument(complete).toJS(), ''));
  assert.deepEqual(
    leaves.map((leaf) => leaf.path).filter((path) => !covered.has(path)),
    [],
    'keys that test/config/complete.yaml does not set',
  );
  const whole = JSON.stringify(desiredOf(complete, beside));
  const document = parseDocument(complete);
  const ignored: string[] = [];
  const visit = (value: unknown, path: (string | number)[]): void => {
    if (value !== null && typeof value === 'object' && !(Array.isArray(value) && typeof value[0] !== 'object')) {
      for (const key of Object.keys(value)) {
        const step = Array.isArray(value) ? Number(key) : key;
        visit((value as Record<string, unknown>)[key], [...path, step]);
      }
      return;
    }
    const changed = document.clone();
    changed.deleteIn(path);
    const without: ParsedConfig = parse(String(changed), beside);
    // without it, the file means something else, or nothing at all
    if (without.ok && JSON.stringify(without.desired) === whole) ignored.push(path.join('.'));
  };
  visit(document.toJS(), []);
  assert.deepEqual(ignored, ['include'], 'keys that no code reads; include is the loader’s');
});

test('a key left out has the value that the schema promises', () => {
  const least = 'apiVersion: disk2iso/v1\nstorage: {library: ./library, state: ./state}\n';
  const parsed = parse(least);
  assert.ok(parsed.ok);
  const promised = keys.filter(
    ({ path, schema }) => schema.default !== undefined && !path.includes('[]') && schema.properties === undefined,
  );
  assert.ok(promised.length > 12);
  for (const { path, schema } of promised) {
    const value: EffectiveValue | undefined = parsed.effective.find((one) => one.key === path);
    assert.deepEqual(value?.value, schema.default, path);
    assert.deepEqual(value?.origin, { kind: 'default' });
  }
});
