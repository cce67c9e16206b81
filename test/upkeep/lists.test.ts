import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { openCatalog } from '../../src/adapters/level-catalog-open.js';
import { loadRecords, type Records } from '../../src/control/records.js';
import { stepSurvey } from '../../src/control/upkeep-survey.js';
import { findDue } from '../../src/control/upkeep-trash.js';
import type { Books } from '../../src/control/workshop.js';
import { type Archive, careOf, withCare } from '../../src/core/archive.js';
import { dueForDeletion } from '../../src/core/due-for-deletion.js';
import { wantedChecksums } from '../../src/core/duty.js';
import type { ArchiveId } from '../../src/core/ids.js';
import type { RetentionRule } from '../../src/core/retention-rule.js';
import type { Verdict } from '../../src/core/verdict.js';
import { memoryLog, newArchive } from '../catalog/station-folders.js';
import { sampleConfig, sampleDesired, sampleDisc, sampleSettings } from '../core/samples.js';

const day = 86_400_000;
const start = Date.UTC(2026, 0, 1);
const storage = { totalBytes: 1000, usedBytes: 500, availableBytes: 500 };

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null, freq: 2 });
const tags = fc.subarray(['dear', 'spare']);
const verdicts: readonly Verdict[] = [
  { kind: 'complete' },
  { kind: 'damaged', bad: [], badBytes: 2048 },
  { kind: 'damaged', bad: [], badBytes: 4096 },
];
const verdict = fc.constantFrom(...verdicts);
const samples = [[], [{ sector: 1, sha256: 'x' }], [{ sector: 1, sha256: 'y' }]];
const fingerprint = fc.option(
  fc.record({ structure: fc.constantFrom('A', 'B'), samples: fc.constantFrom(...samples) }),
  { nil: null, freq: 8 },
);

const rule: fc.Arbitrary<Omit<RetentionRule, 'name'>> = fc.record({
  match: fc.record({
    media: maybe(fc.constantFrom(['dvd'], ['cd', 'dvd'])),
    label: fc.constantFrom(null, { glob: 'H*', test: (label: string) => label.startsWith('H') }),
    tag: maybe(fc.constantFrom(['dear'], ['spare', 'dear'])),
    rule: fc.constant(null),
    drive: maybe(fc.constantFrom(['top'], ['other'])),
    minAge: maybe(fc.constantFrom(2 * day, 10 * day)),
    verdict: maybe(fc.constantFrom(['complete' as const], ['damaged' as const])),
  }),
  keepFor: maybe(fc.constantFrom(day, 5 * day, 20 * day)),
  keepLast: maybe(fc.integer({ min: 1, max: 3 })),
  keepUntilFree: maybe(
    fc.constantFrom({ kind: 'bytes' as const, bytes: 700 }, { kind: 'percent' as const, percent: 60 }),
  ),
  deletes: fc.constantFrom('copies' as const, 'discs' as const),
});

const verification = fc.constantFrom(
  null,
  { kind: 'match' as const, at: start },
  { kind: 'mismatch' as const, at: start, algorithms: ['md5'] },
  { kind: 'missing' as const, at: start },
  { kind: 'unreadable' as const, at: start },
);

const fresh = fc.record({
  age: fc.integer({ min: -1, max: 25 }),
  size: fc.constantFrom(50, 100, 150),
  label: fc.constantFrom('HOLIDAY', 'WORK', null),
  media: fc.constantFrom('cd' as const, 'dvd' as const),
  fingerprint,
  verdict,
  verification,
  tags,
  pinned: fc.boolean(),
  drive: fc.constantFrom('top', 'other', undefined),
});
type Fresh = typeof fresh extends fc.Arbitrary<infer T> ? T : never;

/** What may happen to the archives, or to the file, between two looks. */
const happening = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), fresh }),
  fc.record({ kind: fc.constant('verify' as const), nth: fc.nat(), verification }),
  fc.record({ kind: fc.constant('pin' as const), nth: fc.nat(), pinned: fc.boolean() }),
  fc.record({ kind: fc.constant('tag' as const), nth: fc.nat(), tags }),
  fc.record({ kind: fc.constant('trash' as const), nth: fc.nat() }),
  fc.record({ kind: fc.constant('restore' as const), nth: fc.nat() }),
  fc.record({ kind: fc.constant('purge' as const), nth: fc.nat() }),
  fc.record({ kind: fc.constant('time' as const), days: fc.integer({ min: 1, max: 15 }) }),
  fc.record({ kind: fc.constant('rules' as const), rules: fc.array(rule, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('checksums' as const), sha512: fc.boolean() }),
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const archiveOf = (one: Fresh, now: number): Archive => {
  const disc = sampleDisc({ label: one.label, media: one.media, fingerprint: one.fingerprint });
  const made = newArchive({
    disc,
    verdict: one.verdict,
    verification: one.verification,
    sizeBytes: one.size,
    finishedAt: now - one.age * day,
  });
  const provenance = one.drive === undefined ? made.provenance : { ...made.provenance, drive: one.drive };
  return withCare({ ...made, provenance }, { tags: one.tags, pinned: one.pinned });
};

const named = (rules: readonly Omit<RetentionRule, 'name'>[]): RetentionRule[] =>
  rules.map((one, index) => ({ ...one, name: `rule ${index}` }));

/** After each happening the lists are brought up to date, and asked the same as the pure functions. */
async function agree(
  rules: readonly Omit<RetentionRule, 'name'>[],
  first: readonly Fresh[],
  then: readonly Happening[],
) {
  const folder = await mkdtemp(join(tmpdir(), 'disk2iso-lists-'));
  const clock = { now: () => start, monotonic: () => 0 };
  const options = { state: join(folder, 'state'), library: folder, clock, log: memoryLog(), outboxFor: () => [] };
  const catalog = await openCatalog(options);
  try {
    const records: Records = await loadRecords(catalog, clock);
    const books: Books = { catalog, records };
    let now = start;
    let retention = named(rules);
    let checksums: readonly ('md5' | 'sha256' | 'sha512')[] = ['md5', 'sha256'];
    let generation = 1;
    const compare = async (what: string) => {
      const desired = sampleDesired({ retention, defaults: { ...sampleSettings, checksums } });
      const config = { ...sampleConfig(desired), generation };
      for (let before = await catalog.duties.survey(), passes = 0; ; passes += 1) {
        const { survey, complete } = await stepSurvey(books, config, before, now);
        if (complete) break;
        assert.ok(passes < 100, `the survey does not end after ${what}`);
        before = survey;
      }
      const { items } = await catalog.archives({ limit: 1000, offset: 0 });
      const all = items.toReversed();
      const trashBytes = all.reduce((sum, one) => sum + (careOf(one).trashed === null ? 0 : one.sizeBytes), 0);
      const found = await findDue(catalog, desired, now, storage, trashBytes, 1000);
      const expected = dueForDeletion(desired, all, now, storage);
      assert.deepEqual(
        found.map(({ id }) => id),
        expected,
        what,
      );
      const firstTwo = await findDue(catalog, desired, now, storage, trashBytes, 2);
      assert.deepEqual(
        firstTwo.map(({ id }) => id),
        expected.slice(0, 2),
        `a few after ${what}`,
      );
      const lacks = all.filter((one) => {
        const isSound = one.verification === null || one.verification.kind === 'match';
        const { algorithms } = wantedChecksums(desired, one);
        return isSound && careOf(one).trashed === null && algorithms.some((name) => one.checksums[name] === undefined);
      });
      assert.deepEqual(
        (await catalog.duties.toHash(1000)).map(({ id }) => id),
        lacks.map(({ id }) => id),
        `checksums after ${what}`,
      );
    };
    const change = async (nth: number, make: (one: Archive) => Archive) => {
      const { items } = await catalog.archives({ limit: 1000, offset: 0 });
      const one = items[nth % Math.max(1, items.length)];
      if (one !== undefined) await records.amend(one.id, (archive) => ({ archives: [make(archive)] }));
    };
    await records.commit({ archives: first.map((one) => archiveOf(one, now)) });
    await compare('the first survey');
    for (const one of then) {
      switch (one.kind) {
        case 'add':
          await records.commit({ archives: [archiveOf(one.fresh, now)] });
          break;
        case 'verify':
          await change(one.nth, (archive) => ({ ...archive, verification: one.verification }));
          break;
        case 'pin':
          await change(one.nth, (archive) => withCare(archive, { pinned: one.pinned }));
          break;
        case 'tag':
          await change(one.nth, (archive) => withCare(archive, { tags: one.tags }));
          break;
        case 'trash': {
          const trashed = { at: now, purgeAt: now + day, rule: 'some', restoreTo: null };
          await change(one.nth, (archive) => withCare(archive, { trashed }));
          break;
        }
        case 'restore':
          await change(one.nth, (archive) => withCare(archive, { trashed: null }));
          break;
        case 'purge': {
          const { items } = await catalog.archives({ limit: 1000, offset: 0 });
          const gone: ArchiveId | undefined = items.find((archive) => careOf(archive).trashed !== null)?.id;
          if (gone !== undefined) await records.commit({ purged: [gone] });
          break;
        }
        case 'time':
          now += one.days * day;
          break;
        case 'rules':
          retention = named(one.rules);
          generation += 1;
          break;
        case 'checksums':
          checksums = one.sha512 ? ['md5', 'sha256', 'sha512'] : ['md5', 'sha256'];
          generation += 1;
          break;
      }
      await compare(one.kind);
    }
  } finally {
    await catalog.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** LISTS_RUNS=1000 for the long proof. */
const numRuns = Number(process.env.LISTS_RUNS ?? 25);

test('what the ordered lists say is due is what the pure functions say of all archives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(rule, { maxLength: 3 }),
      fc.array(fresh, { maxLength: 12 }),
      fc.array(happening, { maxLength: 10 }),
      agree,
    ),
    { numRuns },
  );
});
