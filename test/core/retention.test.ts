import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Archive, withCare } from '../../src/core/archive.js';
import { dueForDeletion } from '../../src/core/due-for-deletion.js';
import { nextReading } from '../../src/core/fixity.js';
import type { ArchiveId } from '../../src/core/ids.js';
import type { RetentionRule } from '../../src/core/retention-rule.js';
import { sampleArchive, sampleDisc, sampleRetention } from './samples.js';

const day = 86_400_000;
const now = 1000 * day;
/** An image of the disc HOLIDAY, so many days old. */
const image = (name: string, age: number, over: Partial<Archive> = {}): Archive =>
  sampleArchive({ id: `archive_${name}` as ArchiveId, finishedAt: now - age * day, ...over });
const other = (label: string) => sampleDisc({ label, fingerprint: { structure: label, samples: [] } });
const damaged = { kind: 'damaged', bad: [], badBytes: 4096 } as const;

const three = [image('old', 300), image('mid', 200), image('new', 100)];
const cases: Readonly<Record<string, [rules: RetentionRule[], archives: Archive[], due: string[]]>> = {
  'without a rule all stay': [[], three, []],
  'a rule without a reason keeps for ever': [[sampleRetention({})], three, []],
  'older than keep_for goes': [[sampleRetention({ keepFor: 250 * day })], three, ['old']],
  'beyond keep_last goes': [[sampleRetention({ keepLast: 2 })], three, ['old']],
  'either reason keeps': [[sampleRetention({ keepFor: 250 * day, keepLast: 1 })], three, ['old']],
  'the best copy of a disc stays however old': [[sampleRetention({ keepFor: day })], three, ['old', 'mid']],
  'a disc with one image keeps it': [[sampleRetention({ keepFor: day })], [image('a', 9, { disc: other('A') })], []],
  'without a fingerprint each is its own disc': [
    [sampleRetention({ keepFor: day })],
    [
      image('a', 9, { disc: sampleDisc({ fingerprint: null }) }),
      image('b', 8, { disc: sampleDisc({ fingerprint: null }) }),
    ],
    [],
  ],
  'deletes: discs lets the only image of a disc go, but for the newest good one of the rule': [
    [sampleRetention({ keepFor: day, deletes: 'discs' })],
    [image('a', 9, { disc: other('A') }), image('b', 8, { disc: other('B') }), image('c', 7, { disc: other('C') })],
    ['a', 'b'],
  ],
  'deletes: discs keeps a good one however many damaged ones are newer': [
    [sampleRetention({ keepLast: 1, deletes: 'discs' })],
    [
      image('a', 9, { disc: other('A') }),
      image('b', 8, { disc: other('B') }),
      image('c', 7, { disc: other('C'), verdict: damaged }),
      image('d', 6, { disc: other('D'), verdict: damaged }),
    ],
    ['a', 'c'],
  ],
  'deletes: discs leaves what is pinned': [
    [sampleRetention({ keepFor: day, deletes: 'discs' })],
    [withCare(image('a', 9, { disc: other('A') }), { pinned: true }), image('b', 8, { disc: other('B') })],
    [],
  ],
  'pinned stays': [[sampleRetention({ keepFor: day })], three.map((one) => withCare(one, { pinned: true })), []],
  'a damaged image goes for a whole one, even an older': [
    [sampleRetention({ keepFor: day })],
    [image('whole', 300), image('bad', 100, { verdict: damaged })],
    ['bad'],
  ],
  'a corrupt image is no reason to let another go': [
    [sampleRetention({ keepFor: day })],
    [image('sound', 300), image('rotten', 100, { verification: { kind: 'mismatch', at: 0, algorithms: ['md5'] } })],
    ['rotten'],
  ],
  'nor is one that is missing': [
    [sampleRetention({ keepFor: day })],
    [image('sound', 300), image('gone', 100, { verification: { kind: 'missing', at: 0 } })],
    [],
  ],
  'the first rule that fits decides': [
    [sampleRetention({ name: 'keep' }, { tag: ['dear'] }), sampleRetention({ keepFor: day })],
    [withCare(image('dear', 300), { tags: ['dear'] }), image('mid', 200), image('new', 100)],
    ['mid'],
  ],
  'min_age: a rule for the old ones alone': [[sampleRetention({ keepLast: 1 }, { minAge: 150 * day })], three, ['old']],
  'only so many as bring the space back': [
    [sampleRetention({ keepUntilFree: { kind: 'bytes', bytes: 90_000_001 } })],
    three,
    ['old'],
  ],
  'with space enough all stay': [[sampleRetention({ keepUntilFree: { kind: 'percent', percent: 90 } })], three, []],
};

for (const [name, [retention, archives, due]] of Object.entries(cases)) {
  test(name, () => {
    const storage = { totalBytes: 100_000_000, usedBytes: 10_000_000, availableBytes: 90_000_000 };
    const found = dueForDeletion({ drives: [], retention }, archives, now, storage);
    assert.deepEqual(
      found.map((id) => id.slice('archive_'.length)),
      due,
    );
  });
}

test('readings are spread evenly, the overdue come at once, and a wrong clock starves none', () => {
  const spec = { reverifyEvery: 100 * day, throttle: null, pauseAboveLoad: null };
  assert.equal(nextReading(spec, now - 10 * day, { now, pacedAt: now - day, count: 100 }), now);
  assert.equal(nextReading(spec, now - 10 * day, { now, pacedAt: now, count: 100 }), now + day);
  assert.ok(nextReading(spec, now - 101 * day, { now, pacedAt: now, count: 1 }) <= now);
  assert.equal(nextReading(spec, now + 999 * day, { now, pacedAt: now + 999 * day, count: 50 }), now + 2 * day);
});
