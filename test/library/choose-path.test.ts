import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Verdict } from '../../src/core/verdict.js';
import { newJob, stationFolders } from '../catalog/station-folders.js';
import { sampleDisc, sampleSettings } from '../core/samples.js';

const complete: Verdict = { kind: 'complete' };
const damaged: Verdict = { kind: 'damaged', bad: [{ start: 0, length: 2048 }], badBytes: 2048 };
const now = Date.UTC(2026, 1, 3, 4, 5, 6);

async function naming(t: TestContext) {
  const station = await stationFolders(t);
  const root = station.options.library;
  const choose = (
    label: string | null,
    options: { verdict?: Verdict; reserved?: string[]; template?: string; name?: string } = {},
  ) => {
    const settings = { ...sampleSettings, path: options.template ?? '{media}/{label}' };
    const job = newJob(
      { kind: 'imaging' },
      { disc: sampleDisc({ label }), settings, name: options.name ?? 'x.iso', sourceName: 'x.iso' },
    );
    return station.library.choosePath(job, options.verdict ?? complete, new Set(options.reserved ?? []), now);
  };
  const put = async (path: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), '');
  };
  return { ...station, root, choose, put };
}

test('a free name is taken as it is; damaged images are marked', async (t) => {
  const { choose } = await naming(t);
  assert.equal(await choose('HOLIDAY'), 'dvd/HOLIDAY.iso');
  assert.equal(await choose('HOLIDAY', { verdict: damaged }), 'dvd/HOLIDAY.damaged.iso');
  assert.equal(await choose('HOLIDAY.ISO'), 'dvd/HOLIDAY.iso');
  assert.equal(
    await choose(null, { template: '{year}/{date} {name}', name: 'backup.img' }),
    '2026/2026-02-03 backup.iso',
  );
});

test('a name any of whose files exists, or that is promised, gets a number', async (t) => {
  for (const end of ['', '.json', '.map', '.md5', '.sha1', '.sha256', '.sha512', '.blake2b512']) {
    const { choose, put } = await naming(t);
    await put(`dvd/A.iso${end}`);
    assert.equal(await choose('A'), 'dvd/A_2.iso', end);
    await put(`dvd/A_2.iso${end}`);
    assert.equal(await choose('A'), 'dvd/A_3.iso', end);
    assert.equal(await choose('A', { reserved: ['dvd/a_3.ISO', 'dvd/A_4.iso'] }), 'dvd/A_5.iso', end);
  }
  const { choose, root } = await naming(t);
  await mkdir(join(root, 'dvd'));
  await symlink('/nowhere', join(root, 'dvd', 'A.iso'));
  assert.equal(await choose('A'), 'dvd/A_2.iso', 'a dangling link is a taken name');
});

test('a folder that is a file, or leads out of the library, is refused; one that stays inside is not', async (t) => {
  const { choose, put, root, folder } = await naming(t);
  await put('dvd');
  await assert.rejects(choose('A'), { code: 'library_unwritable', message: /is a file/ });
  await mkdir(join(folder, 'outside'));
  await symlink(join(folder, 'outside'), join(root, 'out'));
  await symlink('/nowhere', join(root, 'dangling'));
  await mkdir(join(root, 'real'));
  await symlink('real', join(root, 'inner'));
  await assert.rejects(choose('A', { template: 'out/{label}' }), { code: 'library_unwritable', message: /leads out/ });
  await assert.rejects(choose('A', { template: 'dangling/{label}' }), { code: 'library_unwritable' });
  assert.equal(await choose('A', { template: 'inner/{label}' }), 'inner/A.iso');
});

test('whatever the label, the path lies in the library, is not hidden, and can be made', async (t) => {
  const { choose, put, library } = await naming(t);
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 300 })),
      async (label) => {
        const path = await choose(label);
        assert.match(path, /^dvd\/[^./][^/]*\.iso$/u);
        const absolute = library.imagePath({ path } as Parameters<typeof library.imagePath>[0]);
        await put(path);
        assert.ok(absolute.endsWith(path));
        assert.notEqual(await choose(label), path);
      },
    ),
    { numRuns: 60 },
  );
});
