import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleDesired, sampleDisc } from '../core/samples.js';
import { day, UpkeepRig } from '../upkeep/upkeep-rig.js';

test('under a file that was refused nothing goes to the trash nor out of it; what is owed is still worked out', async (t) => {
  const rig = await UpkeepRig.start(t);
  const { retention } = sampleDesired({
    retention: [
      {
        name: 'one',
        match: { media: null, label: null, tag: null, rule: null, drive: null, minAge: null, verdict: null },
        keepFor: null,
        keepLast: 1,
        keepUntilFree: null,
        deletes: 'copies',
      },
    ],
  });
  const disc = sampleDisc({ fingerprint: { structure: 'one', samples: [] } });
  const first = await rig.add({ disc, path: 'dvd/1.iso', finishedAt: rig.wall - 3 * day });
  const second = await rig.add({ disc, path: 'dvd/2.iso', finishedAt: rig.wall - 2 * day });
  const trashed = async () =>
    (await Promise.all([first, second].map(({ id }) => rig.archive(id)))).map(
      (one) => one && one.care?.trashed != null,
    );
  const refuse = (degraded: boolean) => {
    rig.config = { ...rig.config, degraded };
  };

  rig.configure({ retention });
  refuse(true);
  await rig.live(2 * day);
  assert.deepEqual(await trashed(), [false, false]);
  refuse(false);
  await rig.settle();
  assert.deepEqual(await trashed(), [true, false]);

  refuse(true);
  await rig.live(30 * day, 3 * day);
  assert.deepEqual(await trashed(), [true, false], 'its time in the trash is over, and it lies there all the same');
  assert.equal(rig.upkeep.status().trashed, 1);
  refuse(false);
  await rig.live(day);
  assert.deepEqual(await trashed(), [null, false]);
});
