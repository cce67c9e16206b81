import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Desired } from '../../src/core/desired.js';
import { planEffects } from '../../src/core/plan-effects.js';
import { sampleRetention } from '../core/samples.js';
import { day, hour, settleMs, UpkeepRig } from './upkeep-rig.js';

const keep = (keepLast: number) => sampleRetention({ keepLast, deletes: 'discs' });
const file = (keepLast: number, approveAbove: number, more: Partial<Desired> = {}): Partial<Desired> => ({
  retention: [keep(keepLast)],
  trash: { keep: 7 * day, approveAbove },
  ...more,
});

/** What a plan says of deletions under the file that `next` would be. */
async function planned(rig: UpkeepRig, next: Partial<Desired>): Promise<'goes' | 'stands' | 'asks' | 'clock' | 'held'> {
  const side = async (desired: Desired) => ({
    desired,
    effective: [],
    archives: await rig.upkeep.previewUpkeep(desired),
  });
  const before = rig.config;
  rig.configure(next);
  const { desired } = rig.config;
  rig.config = before;
  const seen = { devices: [], insertions: [], deletions: rig.upkeep.deletionsSeen() };
  const effects = planEffects(await side({ ...before.desired, suspend: true }), await side(desired), seen);
  const [said] = effects.filter(({ kind, change }) => kind === 'archive_delete' && change !== 'end');
  if (said === undefined || said.message.includes('suspended')) return 'held';
  if (said.message.includes('clock')) return 'clock';
  if (said.message.includes('five minutes')) return 'stands';
  return said.message.includes('approve') ? 'asks' : 'goes';
}

const inTrash = (rig: UpkeepRig) => rig.books.catalog.duties.count('trashed', 100);

/** What the upkeep then does: how soon the first image goes, if any does. */
async function done(rig: UpkeepRig, next: Partial<Desired>): Promise<'goes' | 'stands' | 'asks' | 'held'> {
  const before = await inTrash(rig);
  rig.configure(next);
  const pass = async (ms: number) => {
    rig.wall += ms;
    rig.ticks += ms;
    while ((await rig.upkeep.pass()) === 0);
    return (await inTrash(rig)) > before;
  };
  if (await pass(1000)) return 'goes';
  // it is counted again within the hour, and has to stand then
  for (const ms of [settleMs, hour, settleMs]) if (await pass(ms)) return 'stands';
  return rig.upkeep.status().waiting === null ? 'held' : 'asks';
}

/** Archives there are, what is kept, from how many on a person is asked; then: archives more, pinned, and the next file. */
const lives: readonly {
  readonly name: string;
  readonly asked: readonly [keepLast: number, approveAbove: number];
  readonly more?: number;
  readonly pinned?: number;
  readonly next: Partial<Desired>;
}[] = [
  { name: 'the same', asked: [6, 2], next: file(6, 2) },
  { name: 'a higher limit', asked: [6, 2], next: file(6, 4) },
  { name: 'a higher limit, but more than was told', asked: [6, 2], more: 4, next: file(6, 5) },
  { name: 'less waits than was told', asked: [6, 2], pinned: 1, next: file(6, 2) },
  { name: 'so little is left that nobody is needed', asked: [6, 2], pinned: 2, next: file(6, 2) },
  { name: 'a lower limit', asked: [6, 10], next: file(6, 0) },
  { name: 'another file that deletes few', asked: [10, 2], next: file(8, 2) },
  { name: 'another file that deletes many', asked: [10, 2], next: file(5, 2) },
  { name: 'a file that was let go, with more to go', asked: [10, 2], more: 3, next: file(10, 2) },
  { name: 'suspended', asked: [10, 2], more: 3, next: file(10, 2, { suspend: true }) },
];

for (const { name, asked, more = 0, pinned = 0, next } of lives) {
  test(`what a plan says of deletions is what the upkeep does: ${name}`, async (t) => {
    const rig = await UpkeepRig.start(t, file(20, 2));
    for (let n = 0; n < 10; n += 1) await rig.add({ path: `dvd/A${n}.iso`, finishedAt: rig.wall + n });
    await rig.live(hour, hour);
    rig.configure(file(...asked));
    await rig.live(hour, hour);
    const { items } = await rig.books.catalog.archives({ limit: 20, offset: 0 });
    for (const { id } of items.toReversed().slice(0, pinned)) await rig.upkeep.annotate(id, { pinned: true });
    for (let n = 0; n < more; n += 1) await rig.add({ path: `dvd/B${n}.iso`, finishedAt: rig.wall + n });
    const said = await planned(rig, next);
    assert.equal(await done(rig, next), said);
  });
}

test('a plan says that a clock which leapt back holds everything', async (t) => {
  const rig = await UpkeepRig.start(t, file(8, 2));
  for (let n = 0; n < 9; n += 1) await rig.add({ path: `dvd/A${n}.iso`, finishedAt: rig.wall + n });
  await rig.live(hour, hour);
  await rig.add({ path: 'dvd/B.iso', finishedAt: rig.wall });
  rig.wall -= 30 * day;
  assert.equal(await planned(rig, file(8, 2)), 'clock');
  assert.equal(await done(rig, file(8, 2)), 'held');
});
