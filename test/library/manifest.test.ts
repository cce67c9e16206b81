import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { formatManifest, parseManifest } from '../../src/adapters/manifest.js';
import type { Archive } from '../../src/core/archive.js';
import { algorithms, type Checksums } from '../../src/core/checksum.js';
import { mediaKinds } from '../../src/core/disc.js';
import type { ArchiveId } from '../../src/core/ids.js';
import { newArchive } from '../catalog/station-folders.js';

const schemaUrl = new URL('../../../schemas/manifest.schema.json', import.meta.url);
const schema = JSON.parse(readFileSync(schemaUrl, 'utf8')) as object;
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(schema);

const anyText = fc.string({ unit: 'binary', maxLength: 20 });
const textOrNull = fc.option(anyText);
const bytes = fc.maxSafeNat();
const bytesOrNull = fc.option(bytes);
const time = fc.integer({ min: -62167219200000, max: 253402300799999 });
const range = fc.record({ start: fc.nat(), length: fc.nat() });
const hex = (length: number) =>
  fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length }).map((all) => all.join(''));
const digestLengths = { md5: 32, sha1: 40, sha256: 64, sha512: 128, blake2b512: 128 };
const checksums = fc.record(Object.fromEntries(algorithms.map((name) => [name, hex(digestLengths[name])])), {
  requiredKeys: [],
}) as fc.Arbitrary<Checksums>;

const archives: fc.Arbitrary<Archive> = fc
  .record({
    sizeBytes: bytes,
    checksums,
    verdict: fc.oneof(
      fc.record({ kind: fc.constantFrom('complete' as const, 'unreadable' as const) }),
      fc.record({ kind: fc.constant('complete_with_tail' as const), tail: range }),
      fc.record({
        kind: fc.constantFrom('damaged' as const, 'protected' as const),
        bad: fc.array(range),
        badBytes: bytes,
      }),
    ),
    disc: fc.record({
      media: fc.constantFrom(...mediaKinds),
      content: fc.constantFrom(
        'data' as const,
        'audio' as const,
        'mixed' as const,
        'multisession' as const,
        'blank' as const,
        'unknown' as const,
      ),
      label: textOrNull,
      filesystems: fc.array(
        fc.record({
          type: fc.constantFrom('iso9660' as const, 'joliet' as const, 'udf' as const, 'hfs' as const),
          label: textOrNull,
          uuid: textOrNull,
          volumeBytes: bytesOrNull,
        }),
        { maxLength: 3 },
      ),
      sizes: fc.record({ mediumBytes: bytesOrNull, iso9660Bytes: bytesOrNull, udfBytes: bytesOrNull }),
      fingerprint: fc.option(
        fc.record({
          structure: hex(64),
          samples: fc.array(fc.record({ sector: fc.nat(), sha256: fc.option(hex(64)) }), { maxLength: 4 }),
        }),
      ),
    }),
    provenance: fc.record({
      device: anyText,
      vendor: textOrNull,
      model: textOrNull,
      serial: textOrNull,
      ddrescueVersion: anyText,
      rule: textOrNull,
      configGeneration: fc.nat(),
      configHash: anyText,
      sourceName: textOrNull,
      continues: fc.option(fc.constant('archive_0123456789' as ArchiveId)),
    }),
    startedAt: time,
    finishedAt: time,
    verification: fc.option(
      fc.oneof(
        fc.record({ kind: fc.constantFrom('match' as const, 'missing' as const), at: time }),
        fc.record({ kind: fc.constant('mismatch' as const), at: time, algorithms: fc.array(anyText) }),
      ),
    ),
    path: fc.constantFrom('a.iso', 'dvd/ünï "x"\\y.iso', 'a/b/c.damaged.iso'),
  })
  .map((parts) => newArchive(JSON.parse(JSON.stringify(parts)) as Partial<Archive>));

test('every archive survives its manifest, which fits the schema', () => {
  fc.assert(
    fc.property(archives, (archive) => {
      const manifest = formatManifest(archive);
      assert.ok(validate(JSON.parse(manifest)), JSON.stringify(validate.errors));
      assert.deepEqual(parseManifest(manifest, archive.path), archive);
    }),
  );
});

test('bad ranges are given in bytes and in the sectors they touch', () => {
  const bad = [
    { start: 4096, length: 2048 },
    { start: 10000, length: 500 },
  ];
  const manifest = JSON.parse(formatManifest(newArchive({ verdict: { kind: 'damaged', bad, badBytes: 2548 } })));
  assert.deepEqual(manifest.verdict, {
    kind: 'damaged',
    bad_bytes: 2548,
    bad_ranges: [
      { start_byte: 4096, length_bytes: 2048, first_sector: 2, sector_count: 1 },
      { start_byte: 10000, length_bytes: 500, first_sector: 4, sector_count: 2 },
    ],
  });
});

test('keys of a later version are ignored; everything else that is wrong is told', () => {
  const good = JSON.parse(formatManifest(newArchive()));
  assert.ok(parseManifest(JSON.stringify({ ...good, tags: ['new'] }), 'x.iso'));
  const wrong: Record<string, [object, RegExp]> = {
    'newer version': [{ ...good, manifest_version: 2 }, /newer version 2/],
    'no checksums': [{ ...good, checksums: undefined }, /checksums/],
    'negative size': [{ ...good, size_bytes: -1 }, /size_bytes/],
    'bad digest': [{ ...good, checksums: { md5: 'xx' } }, /checksums\/md5/],
    'path as id': [{ ...good, archive_id: '../../etc' }, /archive_id/],
    'bad time': [{ ...good, started_at: 'yesterday' }, /started_at/],
    'tail without range': [
      { ...good, verdict: { kind: 'complete_with_tail', bad_bytes: 0, bad_ranges: [] } },
      /no range/,
    ],
  };
  for (const [name, [value, words]] of Object.entries(wrong)) {
    assert.throws(() => parseManifest(JSON.stringify(value), 'x.iso'), { code: 'io_error', message: words }, name);
  }
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.throws(() => parseManifest(text, 'x.iso'), { name: 'Fault' });
    }),
  );
});

test('every key of the schema has a description', () => {
  const missing: string[] = [];
  const walk = (node: Record<string, unknown>, path: string) => {
    for (const [key, value] of Object.entries((node.properties ?? {}) as Record<string, Record<string, unknown>>)) {
      if (typeof value.description !== 'string') missing.push(`${path}/${key}`);
      walk(value, `${path}/${key}`);
    }
    if (typeof node.items === 'object') walk(node.items as Record<string, unknown>, `${path}[]`);
  };
  walk(schema as Record<string, unknown>, '');
  assert.deepEqual(missing, []);
});
