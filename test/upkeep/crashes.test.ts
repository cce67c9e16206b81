import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatManifest } from '../../src/adapters/manifest.js';
import type { Records } from '../../src/control/records.js';
import { type Archive, careOf } from '../../src/core/archive.js';
import { Fault } from '../../src/core/fault.js';
import type { ArchiveId } from '../../src/core/ids.js';
import type { ArchiveFiles } from '../../src/core/imaging-ports.js';
import { protectionOf } from '../../src/core/retention.js';
import { sampleDisc, sampleRetention } from '../core/samples.js';
import { day, hour, UpkeepRig } from './upkeep-rig.js';

const year = 365 * day;
const files = [
  {},
  { retention: [sampleRetention({ name: 'month', keepFor: 30 * day })] },
  { retention: [sampleRetention({ name: 'one', keepLast: 1 })] },
  { retention: [sampleRetention({ name: 'one', keepLast: 1 })], suspend: true },
] as const;

const step = fc.oneof(
  fc.record({ kind: fc.constant('image' as const), disc: fc.nat(2) }),
  fc.record({ kind: fc.constant('pin' as const), nth: fc.nat(), pinned: fc.boolean() }),
  fc.record({ kind: fc.constant('restore' as const), nth: fc.nat() }),
  fc.record({ kind: fc.constant('file' as const), file: fc.nat(files.length - 1) }),
  fc.record({ kind: fc.constant('live' as const), days: fc.constantFrom(1, 5, 40) }),
  fc.record({ kind: fc.constant('leap' as const), by: fc.constantFrom(-10 * year, -hour, hour, 10 * year) }),
  fc.record({ kind: fc.constant('crash' as const), after: fc.integer({ min: 1, max: 12 }) }),
  fc.constant({ kind: 'restart' as const }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Something is in the trash, and more is about to go there. */
const prelude: readonly Step[] = [
  ...[0, 0, 1, 1].map((disc) => ({ kind: 'image' as const, disc })),
  { kind: 'file', file: 2 },
  { kind: 'image', disc: 0 },
];

class Killed extends Error {}

/** From the `after`-th deed on, on the catalog or on files, nothing is done any more; a deed may have been half done. */
function dieAfter(rig: UpkeepRig, after: number): void {
  let left = after;
  const mortal =
    <Args extends unknown[], Result>(deed: (...all: Args) => Promise<Result>) =>
    async (...all: Args): Promise<Result> => {
      left -= 1;
      if (left < 0) throw new Killed();
      const result = await deed(...all);
      // done, but nobody lives to know
      if (left === 0) throw new Killed();
      return result;
    };
  const { records, catalog } = rig.books;
  const { amend, commit } = records;
  const dying: Records = { ...records, amend: mortal(amend), commit: mortal(commit) };
  rig.books = { catalog, records: dying };
  for (const name of ['describe', 'trash', 'restore', 'purge'] as const) {
    Object.assign(rig.files, { [name]: mortal(rig.files[name] as ArchiveFiles['trash']) });
  }
}

/** What was there, and may be gone only by a rule. */
async function checkInvariants(rig: UpkeepRig, alive: ReadonlyMap<ArchiveId, Archive>, latest: number): Promise<void> {
  const { catalog } = rig.books;
  const { items } = await catalog.archives({ limit: 1000, offset: 0 });
  for (const one of items) {
    const { trashed } = careOf(one);
    const name = one.path.split('/').at(-1) ?? '';
    const place = trashed === null ? one.path : `.disk2iso/trash/${one.id}/${name}`;
    // files go before their record: one whose time is over may be there without them, to be purged again
    if (trashed !== null && trashed.purgeAt <= latest) continue;
    assert.ok(await rig.exists(place), `${one.id} lies where the catalog says (${place})`);
    if (careOf(one).pinned) assert.equal(trashed, null, 'what is pinned is not in the trash');
  }
  const known = new Set(items.filter((one) => careOf(one).trashed !== null).map(({ id }) => String(id)));
  const inTrash = await readdir(join(rig.library, '.disk2iso', 'trash')).catch(() => []);
  for (const id of inTrash) assert.ok(known.has(id), `${id} lies in the trash unknown`);
  for (const disc of new Set([...alive.values()].map((one) => one.disc.fingerprint?.structure))) {
    const group = items.filter((one) => one.disc.fingerprint?.structure === disc);
    const best = group.filter((one) => protectionOf(one, group, 'copies') === 'best_copy' || careOf(one).pinned);
    assert.ok(best.length > 0, `an image of ${disc} is in the library`);
  }
}

async function lives(steps: readonly Step[]): Promise<void> {
  const ends: (() => Promise<void>)[] = [];
  const rig = await UpkeepRig.start({ after: (end: () => Promise<void>) => void ends.push(end) } as never, files[0]);
  const whole = { ...rig.files };
  const alive = new Map<ArchiveId, Archive>();
  let latest = rig.wall;
  const nth = async (n: number, trashed: boolean): Promise<Archive | undefined> => {
    const { items } = await rig.books.catalog.archives({ limit: 1000, offset: 0 });
    const some = items.filter((one) => (careOf(one).trashed !== null) === trashed);
    return some[n % Math.max(1, some.length)];
  };
  try {
    for (const one of [...prelude, ...steps]) {
      switch (one.kind) {
        case 'image': {
          const disc = sampleDisc({ fingerprint: { structure: `disc ${one.disc}`, samples: [] } });
          const archive = await rig.add({ disc });
          alive.set(archive.id, archive);
          break;
        }
        case 'pin': {
          const archive = await nth(one.nth, false);
          if (archive !== undefined) await rig.upkeep.annotate(archive.id, { pinned: one.pinned });
          break;
        }
        case 'restore': {
          const archive = await nth(one.nth, true);
          const restored = archive === undefined ? null : rig.upkeep.restore(archive.id);
          await restored?.catch((error: unknown) => {
            // purged by a daemon that did not live to say so
            const isOver = (careOf(archive as Archive).trashed?.purgeAt ?? latest + 1) <= latest;
            if (!isOver || !(error instanceof Fault && error.code === 'not_found')) throw error;
          });
          break;
        }
        case 'file':
          rig.configure(files[one.file] ?? {});
          break;
        case 'live':
          await rig.live(one.days * day, (one.days * day) / 4);
          break;
        case 'leap':
          rig.wall = Math.max(0, rig.wall + one.by);
          break;
        case 'crash': {
          dieAfter(rig, one.after);
          const archive = await nth(0, true);
          const other = await nth(one.after, false);
          try {
            if (other !== undefined && one.after <= 3) await rig.upkeep.annotate(other.id, { notes: `${one.after}` });
            if (archive !== undefined && one.after % 2 === 0) await rig.upkeep.restore(archive.id);
            await rig.live(8 * day, 4 * day);
          } catch (error) {
            if (!(error instanceof Killed || error instanceof Fault)) throw error;
          }
          Object.assign(rig.files, whole);
          await rig.restart(hour);
          break;
        }
        case 'restart':
          await rig.restart(day);
          break;
      }
      await rig.settle();
      latest = Math.max(latest, rig.wall);
      await checkInvariants(rig, alive, latest);
    }
    // put right and left alone, it comes to what the file says
    rig.wall = Math.max(rig.wall, Date.UTC(2027, 0, 1));
    rig.configure(files[2]);
    await rig.live(20 * day, day / 4);
    await checkInvariants(rig, alive, Math.max(latest, rig.wall));
    const { items } = await rig.books.catalog.archives({ limit: 1000, offset: 0 });
    assert.deepEqual(await rig.books.catalog.duties.undescribed(1000), []);
    for (const one of items) {
      const place = careOf(one).trashed === null ? one.path : `.disk2iso/trash/${one.id}/${one.path.split('/').at(-1)}`;
      const text = await readFile(join(rig.library, `${place}.json`), 'utf8');
      assert.equal(text, formatManifest(one), 'the manifest says what the record says');
    }
    const unkept = items.filter((archive) => !careOf(archive).pinned && archive.disc.fingerprint !== null);
    const discs = new Set(items.map((archive) => archive.disc.fingerprint?.structure));
    assert.ok(unkept.length <= discs.size, 'all that the rule does not keep is gone');
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

/** CRASH_RUNS=300 for the long proof. */
const numRuns = Number(process.env.CRASH_RUNS ?? 10);

test('whatever is done to the archive, and wherever the daemon dies at it, no owned image is lost', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 16 }), lives), { numRuns });
});
