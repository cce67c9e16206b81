import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideDisc, type Known } from '../../src/core/decide.js';
import { type Disc, sameDisc } from '../../src/core/disc.js';
import { type ArchiveId, isSameCount, type JobId, type MediumKey, mediumKey } from '../../src/core/ids.js';
import { sampleArchive, sampleDesired, sampleDisc, sampleInsertion, sampleJob, sampleRule } from './samples.js';

const unknown: Known = { archives: [], openJobs: [], inDrives: new Set(), previous: null, uncounted: false };
const damagedVerdict = { kind: 'damaged', bad: [{ start: 0, length: 2048 }], badBytes: 2048 } as const;
const decide = (known: Partial<Known>, disc = sampleDisc(), desired = sampleDesired()) =>
  decideDisc(desired, 'top', disc, { ...unknown, ...known });

test('an unknown disc is imaged with the defaults where no rule matches', () => {
  const decision = decide({});
  assert.equal(decision.kind, 'image');
  assert.deepEqual(decision.kind === 'image' && [decision.rule, decision.settings, decision.continues], [
    null,
    sampleDesired().defaults,
    null,
  ]);
});

test('the first matching rule decides, and lays its settings over the defaults', () => {
  const rules = [
    sampleRule({ name: 'cds', match: { ...sampleRule({ name: '' }).match, media: ['cd'] } }),
    sampleRule({
      name: 'dvds',
      match: { ...sampleRule({ name: '' }).match, media: ['dvd'] },
      settings: { verify: false },
    }),
    sampleRule({ name: 'all', action: 'ignore' }),
  ];
  const decision = decide({}, sampleDisc(), sampleDesired({ rules }));
  assert.ok(decision.kind === 'image' && decision.rule?.name === 'dvds');
  assert.deepEqual([decision.settings.verify, decision.settings.readAttempts], [false, 5]);
  assert.equal(decide({}, sampleDisc({ media: 'bd' }), sampleDesired({ rules })).kind, 'ignore');
});

test('a disc that is archived whole is a duplicate, unless a rule says so', () => {
  const archives = [sampleArchive()];
  assert.equal(decide({ archives }).kind, 'duplicate');
  const again = sampleDesired({ rules: [sampleRule({ name: 'again', onDuplicate: 'image' })] });
  assert.equal(decide({ archives }, sampleDisc(), again).kind, 'image');
});

test('a disc whose image has rotted or vanished since is imaged again, and nothing of it is gone on with', () => {
  for (const verification of [
    { kind: 'mismatch', at: 1, algorithms: ['md5'] },
    { kind: 'missing', at: 1 },
    { kind: 'unreadable', at: 1 },
  ] as const) {
    for (const verdict of [sampleArchive().verdict, damagedVerdict]) {
      const decision = decide({ archives: [sampleArchive({ verification, verdict })] });
      assert.deepEqual(decision.kind === 'image' && decision.continues, null, verification.kind);
    }
  }
  const rotten = sampleArchive({ verification: { kind: 'missing', at: 1 } });
  const sound = sampleArchive({ id: 'archive_b' as ArchiveId });
  const decision = decide({ archives: [rotten, sound] });
  assert.equal(decision.kind === 'duplicate' && decision.archive.id, 'archive_b');
});

test('the same label and structure with other content is another disc', () => {
  const other = sampleDisc({ fingerprint: { structure: 'holiday', samples: [{ sector: 20, sha256: 'bb' }] } });
  assert.equal(decide({ archives: [sampleArchive()] }, other).kind, 'image');
});

test('a damaged image is gone on with, the newest that nothing replaced', () => {
  const old = sampleArchive({
    id: 'archive_a' as ArchiveId,
    verdict: damagedVerdict,
    supersededBy: 'archive_b' as ArchiveId,
  });
  const newer = sampleArchive({ id: 'archive_b' as ArchiveId, verdict: damagedVerdict });
  const decision = decide({ archives: [old, newer] });
  assert.equal(decision.kind === 'image' && decision.continues?.id, 'archive_b');
});

test('an unfinished job of this disc is taken up; one whose disc is in another drive is waited for', () => {
  const openJobs = [sampleJob({ kind: 'queued' })];
  assert.equal(decide({ openJobs }).kind, 'attach');
  assert.equal(decide({ openJobs, inDrives: new Set(['job_1' as JobId]) }).kind, 'wait');
});

test('a disc that never left its drive keeps what was decided, whatever the drive calls the insertion now', () => {
  const previous = sampleInsertion({ key: 'top-0' as MediumKey });
  assert.equal(decide({ previous }).kind, 'unchanged');
  assert.equal(decide({ previous }, sampleDisc({ fingerprint: { structure: 'other', samples: [] } })).kind, 'image');
  const failed = sampleInsertion({
    outcome: { kind: 'unidentified', fault: { code: 'timeout', message: '', retry: 'later' }, attempt: 1, retryAt: 0 },
  });
  assert.equal(decide({ previous: failed }).kind, 'image');
});

test('where the drive counts no other disc, one that reads worse than before is the same, and another is another', () => {
  const previous = sampleInsertion({ key: 'top-0' as MediumKey });
  const again = (over: Partial<Disc>) => decide({ previous, uncounted: true }, sampleDisc(over)).kind;
  const sizes = (mediumBytes: number) => ({ sizes: { mediumBytes, iso9660Bytes: null, udfBytes: null } });
  const sampled = (sha256: string) => ({ fingerprint: { structure: 'holiday', samples: [{ sector: 20, sha256 }] } });
  assert.equal(again({ fingerprint: null, label: null }), 'unchanged');
  assert.equal(again({ fingerprint: { structure: 'torn', samples: [] } }), 'unchanged');
  assert.equal(again(sizes(1_000_000 - 150 * 2048)), 'unchanged');
  assert.equal(again(sizes(1_000_000 - 151 * 2048)), 'image');
  assert.equal(again(sampled('bb')), 'image');
  assert.equal(again({ label: 'OTHER', fingerprint: null }), 'image');
});

test('keys tell whether the drive counted another disc, whichever daemon has seen it', () => {
  const same = (a: string, b: string) => isSameCount(mediumKey(a), mediumKey(b));
  assert.ok(same('disc:boot:sr0:7@one', 'disc:boot:sr0:7@two'));
  assert.ok(!same('disc:boot:sr0:7@one', 'disc:boot:sr0:8@two'));
  assert.ok(!same('disc:boot:sr0:7.x1@one', 'disc:boot:sr0:7@two'));
  assert.ok(!same('disc:boot:sr0:one.1', 'disc:boot:sr0:two.1'));
  assert.ok(!same('/inbox/a@b.iso', '/inbox/a@c.iso'));
});

test('a disc nobody can identify is not imaged twice for lying in the drive', () => {
  const mute = sampleDisc({ fingerprint: null });
  assert.equal(decide({ previous: sampleInsertion({ disc: mute }) }, mute).kind, 'unchanged');
});

test('a sector that one drive could not read is no difference', () => {
  const seen = (sha256: string | null) => ({
    structure: 's',
    samples: [
      { sector: 1, sha256 },
      { sector: 2, sha256: 'cc' },
    ],
  });
  assert.ok(sameDisc(seen(null), seen('aa')));
  assert.ok(!sameDisc(seen('bb'), seen('aa')));
  assert.ok(!sameDisc(null, null));
});
