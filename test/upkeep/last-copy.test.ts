import assert from 'node:assert/strict';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Archive, careOf } from '../../src/core/archive.js';
import type { Desired } from '../../src/core/desired.js';
import { Fault } from '../../src/core/fault.js';
import { sampleDisc, sampleRetention } from '../core/samples.js';
import { day, hour, UpkeepRig } from './upkeep-rig.js';

const trash = { keep: 7 * day, approveAbove: 100 };
const one = sampleRetention({ keepLast: 1 });
const oneOfDiscs = sampleRetention({ keepLast: 1, deletes: 'discs' });
const ofOneDisc = () => ({ disc: sampleDisc({ fingerprint: { structure: 'same', samples: [] } }) });

const trashedOf = async (rig: UpkeepRig, { id }: Archive) => careOf((await rig.archive(id)) as Archive).trashed;
const lie = async (rig: UpkeepRig, { id, path }: Archive) =>
  rig.exists(`.disk2iso/trash/${id}/${path.split('/').at(-1)}`);

/** The older one lies in the trash since the newer came. */
async function older(t: TestContext, desired: Partial<Desired> = {}) {
  const rig = await UpkeepRig.start(t, { retention: [one], trash, ...desired });
  const a = await rig.add({ path: 'dvd/A.iso', ...ofOneDisc() });
  await rig.live(day);
  const b = await rig.add({ path: 'dvd/B.iso', ...ofOneDisc() });
  await rig.live(day);
  assert.notEqual(await trashedOf(rig, a), null);
  return { rig, a, b };
}

test('what is pinned in the trash comes back from it', async (t) => {
  const { rig, a } = await older(t);
  const pinned = await rig.upkeep.annotate(a.id, { pinned: true });
  assert.deepEqual([careOf(pinned).pinned, careOf(pinned).trashed], [true, null]);
  await rig.live(9 * day);
  assert.ok(await rig.exists('dvd/A.iso'));
});

test('what comes back does not get the path of an image that is missing', async (t) => {
  const { rig, a } = await older(t);
  const owner = await rig.add({ path: a.path });
  await rm(join(rig.library, a.path));
  await rm(join(rig.library, `${a.path}.json`));
  assert.equal((await rig.upkeep.verify(owner.id)).kind, 'missing');
  assert.equal((await rig.upkeep.restore(a.id)).path, 'dvd/A_2.iso');
  assert.equal((await rig.upkeep.verify(owner.id)).kind, 'missing');
  assert.equal((await rig.upkeep.verify(a.id)).kind, 'match');
});

test('a pinned one that could not come back is not purged', async (t) => {
  const { rig, a } = await older(t);
  const { freePath } = rig.files;
  rig.files.freePath = () => Promise.reject(new Fault('no_space', 'full'));
  await assert.rejects(rig.upkeep.annotate(a.id, { pinned: true }), { code: 'no_space' });
  await rig.live(9 * day);
  assert.ok(await lie(rig, a));
  rig.files.freePath = freePath;
  await rig.upkeep.restore(a.id);
  assert.ok(await rig.exists('dvd/A.iso'));
});

test('one that was missing from the trash once and is there again goes when its time is over', async (t) => {
  const { rig, a } = await older(t);
  const image = join(rig.library, '.disk2iso/trash', a.id, 'A.iso');
  await rename(image, `${image}.away`);
  assert.equal((await rig.upkeep.verify(a.id)).kind, 'missing');
  await rename(`${image}.away`, image);
  await rig.live(5 * day);
  assert.ok(await lie(rig, a));
  await rig.live(4 * day);
  assert.equal(await rig.archive(a.id), null);
  assert.equal(await lie(rig, a), false);
});

test('when the better image has rotted, the one in the trash stays there, and that is said', async (t) => {
  const { rig, a, b } = await older(t);
  await writeFile(join(rig.library, b.path), 'rotten');
  assert.equal((await rig.upkeep.verify(b.id)).kind, 'mismatch');
  await rig.live(9 * day);
  assert.ok(await lie(rig, a));
  const said = () => rig.upkeep.conditions().find(({ subject }) => subject === 'retention')?.message ?? '';
  assert.match(said(), new RegExp(`archives restore ${a.id}`));
  await rig.upkeep.restore(a.id);
  await rig.live(day);
  assert.equal(said(), 'Nothing is in the trash.');
});

test('for a rule that deletes discs the newest good one has to stand when the older is purged', async (t) => {
  const rig = await UpkeepRig.start(t, { retention: [oneOfDiscs], trash });
  const a = await rig.add({ path: 'dvd/A.iso' });
  await rig.live(day);
  const b = await rig.add({ path: 'dvd/B.iso' });
  await rig.live(day);
  assert.notEqual(await trashedOf(rig, a), null);
  await writeFile(join(rig.library, b.path), 'rotten');
  await rig.upkeep.verify(b.id);
  await rig.live(9 * day);
  assert.ok(await lie(rig, a));
});

for (const [what, rule] of [
  ['copies', one],
  ['discs', oneOfDiscs],
] as const) {
  test(`${what}: nothing goes to the trash for an image that is gone or cut short`, async (t) => {
    const rig = await UpkeepRig.start(t, { retention: [rule], trash });
    const disc = what === 'copies' ? ofOneDisc : () => ({});
    const a = await rig.add({ path: 'dvd/A.iso', ...disc() });
    await rig.live(day);
    const b = await rig.add({ path: 'dvd/B.iso', ...disc() });
    await rm(join(rig.library, b.path));
    await rig.live(day);
    assert.equal((await rig.archive(b.id))?.verification?.kind, 'missing');
    const c = await rig.add({ path: 'dvd/C.iso', ...disc() });
    await writeFile(join(rig.library, c.path), '');
    await rig.live(9 * day);
    assert.equal((await rig.archive(c.id))?.verification?.kind, 'mismatch');
    assert.equal(await trashedOf(rig, a), null);
    assert.ok(await rig.exists(a.path));
    assert.equal((await rig.events('archive_corrupt')).length, 2, 'told once each');
  });

  test(`${what}: nothing is purged for an image that is gone`, async (t) => {
    const rig = await UpkeepRig.start(t, { retention: [rule], trash });
    const disc = what === 'copies' ? ofOneDisc : () => ({});
    const a = await rig.add({ path: 'dvd/A.iso', ...disc() });
    await rig.live(day);
    const b = await rig.add({ path: 'dvd/B.iso', ...disc() });
    await rig.live(day);
    assert.notEqual(await trashedOf(rig, a), null);
    await rm(join(rig.library, b.path));
    await rig.live(9 * day);
    assert.equal((await rig.archive(b.id))?.verification?.kind, 'missing');
    assert.ok(await lie(rig, a));
  });
}

test('an image that was read back and found right does not go for one that never was', async (t) => {
  const rig = await UpkeepRig.start(t, { retention: [one], trash });
  const verification = { kind: 'match', at: rig.wall } as const;
  const a = await rig.add({ path: 'dvd/A.iso', ...ofOneDisc(), verification });
  await rig.live(day);
  const b = await rig.add({ path: 'dvd/B.iso', ...ofOneDisc() });
  await rig.live(day);
  assert.equal(await trashedOf(rig, a), null);
  await rig.upkeep.verify(b.id);
  await rig.live(day);
  assert.notEqual(await trashedOf(rig, a), null, 'once it was, it does');
});

test('the rule taken back, what lies in the trash stays there until a rule would delete it again', async (t) => {
  const { rig, a } = await older(t);
  rig.configure({ retention: [], trash });
  await rig.live(9 * day);
  assert.ok(await lie(rig, a));
  rig.configure({ retention: [sampleRetention({ keepLast: 2 })], trash });
  await rig.live(9 * day);
  assert.ok(await lie(rig, a), 'the second newest is kept by this file');
  rig.configure({ retention: [one], trash });
  await rig.live(day);
  assert.equal(await rig.archive(a.id), null);
});

test('a longer trash.keep holds for what lies in the trash already', async (t) => {
  const { rig, a } = await older(t);
  rig.configure({ retention: [one], trash: { ...trash, keep: 100 * day } });
  await rig.live(50 * day, day);
  assert.ok(await lie(rig, a));
  await rig.live(51 * day, day);
  assert.equal(await rig.archive(a.id), null);
});

test('while a deletion waits for approval nothing is purged either', async (t) => {
  const { rig, a } = await older(t);
  for (let n = 0; n < 3; n += 1) await rig.add({ path: `dvd/C${n}.iso` });
  rig.configure({ retention: [oneOfDiscs], trash: { ...trash, approveAbove: 1 } });
  await rig.live(9 * day);
  const { waiting } = rig.upkeep.status();
  assert.ok(waiting !== null);
  assert.ok(await lie(rig, a));
  await rig.upkeep.approve(waiting.generation);
  await rig.live(day);
  assert.equal(await rig.archive(a.id), null);
});

test('many that stay in the trash are in nobody’s way', async (t) => {
  const stay = sampleRetention({ name: 'stay', keepLast: 1 }, { label: { glob: 'S', test: (label) => label === 'S' } });
  const rig = await UpkeepRig.start(t, { retention: [stay, one], trash });
  const disc = (label: string) => sampleDisc({ label, fingerprint: { structure: label, samples: [] } });
  for (let n = 0; n < 26; n += 1) await rig.add({ path: `dvd/S${n}.iso`, disc: disc('S'), finishedAt: rig.wall + n });
  await rig.live(hour, hour);
  const gone = await rig.add({ path: 'dvd/G1.iso', disc: disc('G') });
  await rig.add({ path: 'dvd/G2.iso', disc: disc('G'), finishedAt: rig.wall + 1 });
  await rig.live(hour, hour);
  rig.configure({ retention: [{ ...stay, keepLast: null }, one], trash });
  await rig.live(10 * day);
  assert.equal(await rig.archive(gone.id), null);
  assert.equal(await rig.books.catalog.duties.count('trashed', 100), 25);
});

test('what could not be moved to the trash is moved later, and its record is not purged before', async (t) => {
  const rig = await UpkeepRig.start(t, { retention: [one], trash });
  const { trash: move } = rig.files;
  rig.files.trash = () => Promise.reject(new Fault('io_error', 'the disk is stuck', { retry: 'later' }));
  const a = await rig.add({ path: 'dvd/A.iso', ...ofOneDisc() });
  await rig.live(day);
  await rig.add({ path: 'dvd/B.iso', ...ofOneDisc() });
  await rig.live(9 * day);
  assert.notEqual(await rig.archive(a.id), null);
  assert.ok(await rig.exists('dvd/A.iso'));
  rig.files.trash = move;
  rig.configure({ retention: [one], trash, suspend: true });
  await rig.live(3 * hour, hour);
  assert.ok(await lie(rig, a), 'with no restart in between');
  rig.configure({ retention: [one], trash });
  await rig.live(3 * hour, hour);
  assert.equal(await rig.archive(a.id), null);
});

test('a file that is changed in the middle of a pass is obeyed at once', async (t) => {
  const rig = await UpkeepRig.start(t, { retention: [oneOfDiscs], trash });
  const { trash: move } = rig.files;
  let moved = 0;
  rig.files.trash = (archive) => {
    moved += 1;
    rig.configure({ retention: [oneOfDiscs], trash, suspend: true });
    return move(archive);
  };
  for (let n = 0; n < 9; n += 1) await rig.add({ path: `dvd/A${n}.iso` });
  await rig.live(day);
  assert.equal(moved, 1);
});

test('a file that becomes bad in the middle of a purge is obeyed at once', async (t) => {
  const rig = await UpkeepRig.start(t, { retention: [oneOfDiscs], trash });
  const { purge } = rig.files;
  rig.files.purge = (archive) => {
    rig.config = { ...rig.config, degraded: true };
    return purge(archive);
  };
  for (let n = 0; n < 9; n += 1) await rig.add({ path: `dvd/A${n}.iso` });
  await rig.live(9 * day);
  assert.equal((await rig.events('archive_purged')).length, 1);
});

test('a file that somebody laid in the place of an image is not ours to delete', async (t) => {
  const rig = await UpkeepRig.start(t, { retention: [sampleRetention({ keepLast: 1 })] });
  const disc = sampleDisc();
  const old = await rig.add({ path: 'dvd/A.iso', disc, sizeBytes: 64 });
  await rig.add({ path: 'dvd/B.iso', disc, sizeBytes: 64, finishedAt: rig.wall + 1 });
  const place = join(rig.library, old.path);
  await writeFile(place, 'something of my own, longer than the image was, that I need and have nowhere else');
  await rig.live(20 * day, day);
  assert.match(await readFile(place, 'utf8'), /^something of my own/);
  assert.equal((await rig.archive(old.id))?.care?.trashed ?? null, null);
  assert.equal((await rig.events('archive_trashed')).length, 0);
});
