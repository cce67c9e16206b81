import assert from 'node:assert/strict';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { formatManifest, parseManifest } from '../../src/adapters/manifest.js';
import { careOf } from '../../src/core/archive.js';
import { Fault } from '../../src/core/fault.js';
import { sampleDisc, sampleRetention, sampleSettings } from '../core/samples.js';
import { day, UpkeepRig } from './upkeep-rig.js';

test('whoever changes an archive at once with others, its manifest is whole at every moment and says what the record says', async (t) => {
  const rig = await UpkeepRig.start(t);
  const { id, path } = await rig.add({ path: 'dvd/FILM.iso' });
  const file = join(rig.library, `${path}.json`);
  let over = false;
  const watched = (async () => {
    let looks = 0;
    for (; !over; looks += 1) parseManifest(await readFile(file, 'utf8'), path);
    return looks;
  })();
  try {
    for (let round = 0; round < 15; round += 1) {
      await Promise.all([
        rig.upkeep.annotate(id, { notes: 'long '.repeat(1 + ((round * 7) % 40)), label: `${round}` }),
        rig.upkeep.annotate(id, { tags: [`round-${round}`] }),
        rig.upkeep.verify(id),
        rig.upkeep.annotate(id, { pinned: round % 2 === 0 }),
        rig.upkeep.pass(),
      ]);
      const archive = await rig.archive(id);
      assert.ok(archive !== null);
      const care = careOf(archive);
      assert.deepEqual([care.label, care.tags, care.pinned], [`${round}`, [`round-${round}`], round % 2 === 0]);
      assert.equal(await readFile(file, 'utf8'), formatManifest(archive));
    }
  } finally {
    over = true;
  }
  assert.ok((await watched) > 15);
  assert.deepEqual(
    (await readdir(join(rig.library, '.disk2iso'))).filter((name) => name.includes('.part')),
    [],
  );
});

test('a note written while checksums are added stays in the manifest', async (t) => {
  const rig = await UpkeepRig.start(t);
  const { id, path } = await rig.add({ checksums: {} });
  rig.held = true;
  await rig.settle();
  assert.equal(rig.upkeep.status().reading, id);
  await rig.upkeep.annotate(id, { notes: 'kept' });
  rig.held = false;
  await rig.settle();
  const archive = await rig.archive(id);
  assert.ok(archive?.checksums.sha256 !== undefined);
  assert.equal(careOf(archive).notes, 'kept');
  assert.equal(await readFile(join(rig.library, `${path}.json`), 'utf8'), formatManifest(archive));
});

test('a reading that ends in the middle of a pass is not begun again by it', async (t) => {
  const rig = await UpkeepRig.start(t);
  let inPass: (() => Promise<void>) | null = null;
  const after = <Port extends object>(port: Port, last: string): Port =>
    new Proxy(port, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (name === 'duties') return after(value as object, last);
        if (typeof value !== 'function') return value;
        return async (...all: unknown[]) => {
          const answer: unknown = await value.apply(target, all);
          if (name === last) await inPass?.();
          return answer;
        };
      },
    });
  // the last of the lists that a pass looks at before it chooses
  rig.watch = (catalog) => after(catalog, 'changing');
  await rig.restart();
  rig.configure({ defaults: { ...sampleSettings, checksums: ['sha256', 'md5'] } });
  const { id } = await rig.add();
  rig.held = true;
  await rig.settle();
  assert.equal(rig.upkeep.status().reading, id);
  inPass = async () => {
    rig.held = false;
    while ((await rig.archive(id))?.checksums.md5 === undefined) await nextTurn();
    for (let i = 0; i < 100; i += 1) await nextTurn();
  };
  await rig.upkeep.pass();
  inPass = null;
  await rig.settle();
  assert.equal(rig.readings.length, 1);
});

test('what is not in the trash any more is not promised to anybody, and its record goes when its time is over', async (t) => {
  const rig = await UpkeepRig.start(t, { retention: [sampleRetention({ keepLast: 1 })] });
  const disc = sampleDisc({});
  const { id } = await rig.add({ disc, path: 'dvd/OLD.iso' });
  await rig.add({ disc, path: 'dvd/NEW.iso', finishedAt: rig.wall + day });
  await rig.settle();
  assert.ok(careOf((await rig.archive(id)) ?? assert.fail()).trashed !== null);
  await rm(join(rig.library, '.disk2iso', 'trash', id), { recursive: true });
  await assert.rejects(rig.upkeep.restore(id), {
    code: 'not_found',
    message: /dvd\/OLD\.iso is not in the trash any more/,
  });
  assert.equal(careOf((await rig.archive(id)) ?? assert.fail()).pinned, false);
  assert.equal(await rig.exists('dvd/OLD.iso.json'), false);
  await rig.live(400 * day, 10 * day);
  assert.equal(await rig.archive(id), null);
});

test('what is restored before a crash has been settled comes back from where it was', async (t) => {
  const rig = await UpkeepRig.start(t, { retention: [sampleRetention({ keepLast: 1 })] });
  const disc = sampleDisc({});
  const { id } = await rig.add({ disc, path: 'dvd/OLD.iso' });
  await rig.add({ disc, path: 'dvd/NEW.iso', finishedAt: rig.wall + day });
  const { trash } = rig.files;
  rig.files.trash = () => Promise.reject(new Fault('io_error', 'no', { retry: 'later' }));
  await rig.settle();
  assert.ok(careOf((await rig.archive(id)) ?? assert.fail()).trashed !== null);
  assert.ok(await rig.exists('dvd/OLD.iso'));
  rig.files.trash = trash;
  assert.equal((await rig.upkeep.restore(id)).path, 'dvd/OLD.iso');
  assert.ok(await rig.exists('dvd/OLD.iso'));
});

test('what goes to the trash while it is written about keeps what was said, there too', async (t) => {
  const rig = await UpkeepRig.start(t, { retention: [sampleRetention({ keepFor: 10 * day, deletes: 'discs' })] });
  const { id } = await rig.add({ path: 'dvd/OLD.iso' });
  await rig.add({ path: 'dvd/NEW.iso', finishedAt: rig.wall + 9 * day });
  await rig.settle();
  rig.wall += 11 * day;
  rig.ticks += 11 * day;
  let gone = false;
  const passes = (async () => {
    while (!gone) {
      await rig.upkeep.pass();
      gone = careOf((await rig.archive(id)) ?? assert.fail()).trashed !== null;
    }
  })();
  for (let n = 0; !gone; n += 1) await rig.upkeep.annotate(id, { notes: `note ${n}` });
  await passes;
  const archive = (await rig.archive(id)) ?? assert.fail();
  assert.match(careOf(archive).notes ?? '', /^note/);
  const trashed = join(rig.library, '.disk2iso/trash', id, 'OLD.iso.json');
  assert.equal(await readFile(trashed, 'utf8'), formatManifest(archive));
  assert.equal(await rig.exists('dvd/OLD.iso.json'), false);
});
