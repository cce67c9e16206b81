import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainRetention, type RetentionFacts } from '../../src/core/explain-retention.js';
import type { ArchiveId } from '../../src/core/ids.js';
import type { RetentionRule } from '../../src/core/retention-rule.js';
import { sampleRetention as rule } from './samples.js';

const day = 86_400_000;
const archive = { id: 'b' as ArchiveId, finishedAt: 10 * day };
const facts: RetentionFacts = { protectedBy: null, lastKept: null, isNewestGood: false, lacking: 0, until: '' };
const place = (finishedAt: number, id = 'c') => ({ finishedAt, id: id as ArchiveId });

const cases: readonly (readonly [RetentionRule | null, Partial<RetentionFacts>, stays: boolean, reason: RegExp])[] = [
  [null, {}, true, /No entry fits/],
  [rule(), {}, true, /Without any keep_/],
  [rule({ keepFor: day }), { protectedBy: 'trashed' }, false, /in the trash/],
  [
    rule({ keepFor: day }),
    { protectedBy: 'trashed', until: 'it rains' },
    false,
    /not deleted for good until it rains\./,
  ],
  [rule({ keepFor: day }), { until: 'it rains' }, false, /due to go to the trash, once it rains\./],
  [rule({ keepFor: day }), { protectedBy: 'pinned' }, true, /pinned/],
  [rule({ keepFor: day }), { protectedBy: 'best_copy' }, true, /best image/],
  [rule({ keepFor: day }), {}, false, /Nothing keeps it/],
  [rule({ keepFor: 20 * day }), {}, true, /keep_for ends on 1970-01-31\./],
  [rule({ keepFor: Number.MAX_SAFE_INTEGER }), {}, true, /no end/],
  [rule({ keepLast: 3 }), {}, true, /newest 3/],
  [rule({ keepLast: 3 }), { lastKept: place(9 * day) }, true, /newest 3/],
  [rule({ keepLast: 3 }), { lastKept: place(10 * day, 'a') }, true, /newest 3/],
  [rule({ keepLast: 3 }), { lastKept: place(10 * day) }, false, /Nothing keeps it/],
  [rule({ keepLast: 3, deletes: 'discs' }), { lastKept: place(11 * day), isNewestGood: true }, true, /newest good/],
  [rule({ keepUntilFree: { kind: 'bytes', bytes: 1 } }), {}, true, /Enough space/],
  [rule({ keepUntilFree: { kind: 'bytes', bytes: 1 } }), { lacking: 1 }, false, /Nothing keeps it/],
];

test('whether an archive stays, and why', () => {
  for (const [entry, known, stays, reason] of cases) {
    const said = explainRetention(entry, archive, 12 * day, { ...facts, ...known });
    assert.deepEqual([said.rule, said.stays], [entry?.name ?? null, stays], said.reason);
    assert.match(said.reason, reason);
  }
});
