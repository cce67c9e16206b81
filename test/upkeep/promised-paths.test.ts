import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { chooseFreePath } from '../../src/control/free-path.js';
import { careOf } from '../../src/core/archive.js';
import { Fault } from '../../src/core/fault.js';
import { sampleDisc, sampleRetention } from '../core/samples.js';
import { day, hour, UpkeepRig } from './upkeep-rig.js';

/** OLD lies in the trash since NEW, of the same disc, is there. */
async function trashed(t: TestContext) {
  const rig = await UpkeepRig.start(t, { retention: [sampleRetention({ keepLast: 1 })] });
  const disc = sampleDisc({});
  const { id } = await rig.add({ disc, path: 'dvd/OLD.iso' });
  await rig.add({ disc, path: 'dvd/NEW.iso', finishedAt: rig.wall + day });
  await rig.settle();
  assert.ok(careOf((await rig.archive(id)) ?? assert.fail()).trashed !== null);
  const choose = async (taken: ReadonlySet<string>) => (taken.has('dvd/OLD.iso') ? 'dvd/OLD_2.iso' : 'dvd/OLD.iso');
  return { rig, id, chosen: () => chooseFreePath(rig.books, choose) };
}

test('a path that is promised to an image that comes back is given to no other', async (t) => {
  const { rig, id, chosen } = await trashed(t);
  assert.equal(await chosen(), 'dvd/OLD.iso');
  const { restore } = rig.files;
  rig.files.restore = () => Promise.reject(new Fault('io_error', 'no', { retry: 'later' }));
  await assert.rejects(rig.upkeep.restore(id), { code: 'io_error' });
  assert.equal(await chosen(), 'dvd/OLD_2.iso');
  rig.files.restore = restore;
  assert.equal((await rig.upkeep.restore(id)).path, 'dvd/OLD.iso');
});

test('what cannot come back to its promised path, since something else lies there by now, comes back to another', async (t) => {
  for (const how of ['asked', 'restart'] as const) {
    const { rig, id } = await trashed(t);
    const { restore } = rig.files;
    rig.files.restore = () => Promise.reject(new Fault('io_error', 'no', { retry: 'later' }));
    await assert.rejects(rig.upkeep.restore(id), { code: 'io_error' });
    rig.files.restore = restore;
    await writeFile(join(rig.library, 'dvd/OLD.iso'), 'foreign');
    if (how === 'asked') await rig.upkeep.restore(id);
    else await rig.restart();
    await rig.live(2 * hour, hour);
    const back = (await rig.archive(id)) ?? assert.fail();
    assert.equal(back.path, 'dvd/OLD_2.iso');
    assert.equal(careOf(back).trashed, null);
    assert.ok(await rig.exists('dvd/OLD_2.iso'));
    assert.equal(await readFile(join(rig.library, 'dvd/OLD.iso'), 'utf8'), 'foreign');
    const beside = (await readdir(join(rig.library, 'dvd'))).filter((name) => name.startsWith('OLD.iso'));
    assert.deepEqual(beside, ['OLD.iso'], 'nothing of it is left there');
  }
});

test('a path stays that of an image that is missing, though a newer one of that path lies in the trash', async (t) => {
  const { rig, id, chosen } = await trashed(t);
  const newer = (await rig.archive(id)) ?? assert.fail();
  const older = await rig.add({ path: 'dvd/OLD.iso', id: `archive_${'0'.repeat(19)}` as typeof newer.id });
  assert.ok(older.id < newer.id);
  await rm(join(rig.library, 'dvd/OLD.iso'));
  await rm(join(rig.library, 'dvd/OLD.iso.json'));
  assert.equal(await chosen(), 'dvd/OLD_2.iso');
});
