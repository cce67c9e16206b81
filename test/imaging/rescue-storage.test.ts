import assert from 'node:assert/strict';
import { mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createRescuer } from '../../src/adapters/ddrescue.js';
import { parseRescueMap, rescuedPrefix } from '../../src/core/rescue-map.js';
import { DiskBed, run, withDisks } from './disk-bed.js';
import { ignore, isFault, never, RescueBed, until } from './rescue-bed.js';

const rescuer = createRescuer({ progressMs: 20, lockWaitSeconds: 0 });
const megabyte = 1024 * 1024;
const sizeBytes = 6 * megabyte;

describe('a library that cannot be written', () => {
  let bed: RescueBed;
  const disks = new DiskBed();
  beforeEach(async () => {
    bed = await RescueBed.create(sizeBytes);
  });
  afterEach(async () => {
    disks.undo();
    await bed.remove();
  });

  const sweep = () => rescuer.run(bed.request({ kind: 'sweep' }), ignore, never);
  const mapOnDisk = async () => parseRescueMap(await readFile(join(bed.work, 'map'), 'latin1'));

  test('a missing work folder is library_unwritable', async () => {
    bed.work = join(bed.folder, 'nowhere');
    await assert.rejects(sweep(), isFault('library_unwritable', /ENOENT/));
  });

  test('a limit on the size of files is library_unwritable', async () => {
    await bed.replaceDdrescue(`trap '' XFSZ; ulimit -f 4000; exec ddrescue "$@"`);
    await assert.rejects(sweep(), isFault('library_unwritable', /File too large/));
  });

  test('a map that cannot be written is no finished rescue', async () => {
    await mkdir(join(bed.work, 'map'));
    await assert.rejects(sweep());
  });

  test('a map that cannot be written any more ends the rescue, whatever ddrescue asks', {
    timeout: 120_000,
  }, async () => {
    await bed.simulate([], 2 * megabyte);
    const blind = createRescuer({ progressMs: 600_000 });
    const ended = blind.run(bed.request({ kind: 'sweep' }), ignore, never);
    ended.catch(ignore);
    await until(async () => (await stat(join(bed.work, 'image')).catch(() => null))?.size || null, 'the first bytes');
    await rm(bed.work, { recursive: true });
    await assert.rejects(ended, isFault('library_unwritable', /Error writing mapfile/));
    assert.deepEqual(await bed.processes(), []);
  });

  test('a filesystem that fills is no_space; with room again it goes on', withDisks, async () => {
    await disks.mount(bed.work, '-t', 'tmpfs', '-o', 'size=4m', 'none');
    await assert.rejects(sweep(), isFault('no_space'));
    const map = await mapOnDisk();
    assert.ok(map !== null && rescuedPrefix(map) > megabyte);
    run('mount', '-o', 'remount,size=16m', bed.work);
    assert.equal((await sweep()).kind, 'finished');
    assert.ok((await bed.image()).equals(bed.content));
  });

  test('an ext4 filesystem that fills is no_space, and nothing rescued is lost', withDisks, async () => {
    const file = join(bed.folder, 'ext4');
    await writeFile(file, '');
    await truncate(file, 5 * megabyte);
    run('mkfs.ext4', '-q', '-m', '0', '-b', '1024', file);
    await disks.mount(bed.work, '-o', 'loop', file);
    await assert.rejects(sweep(), isFault('no_space'));
    const map = await mapOnDisk();
    const prefix = map === null ? 0 : rescuedPrefix(map);
    assert.ok(prefix > megabyte);
    assert.ok((await bed.image()).subarray(0, prefix).equals(bed.content.subarray(0, prefix)));
  });

  test('a full filesystem is no_space before anything is written', withDisks, async () => {
    await disks.mount(bed.work, '-t', 'tmpfs', '-o', 'size=64k', 'none');
    await writeFile(join(bed.work, 'fill'), Buffer.alloc(64 * 1024));
    await assert.rejects(sweep(), isFault('no_space'));
  });

  test('a read-only filesystem is library_unwritable', withDisks, async () => {
    await disks.mount(bed.work, '-t', 'tmpfs', '-o', 'size=1m,ro', 'none');
    await assert.rejects(sweep(), isFault('library_unwritable', /EROFS/));
  });

  test('data that never reached the disk is no finished rescue, and its map is worth nothing', withDisks, async () => {
    // a disk that promises 64 MB, and fails once its backing store of 4 MB is full
    const store = join(bed.folder, 'store');
    await disks.mount(store, '-t', 'tmpfs', '-o', 'size=4m', 'none');
    await writeFile(join(store, 'disk'), '');
    await truncate(join(store, 'disk'), 64 * megabyte);
    const device = disks.attach(join(store, 'disk'));
    run('mkfs.ext4', '-q', '-O', '^has_journal', '-E', 'lazy_itable_init=1', device);
    await disks.mount(bed.work, '-o', 'errors=continue', device);
    await assert.rejects(
      sweep(),
      (error) => isFault('no_space')(error) || isFault('library_unwritable', /EIO/)(error),
      'which of the two depends on the kernel',
    );
    const map = await mapOnDisk().catch(() => null);
    assert.equal(map === null ? 0 : rescuedPrefix(map), 0);
    assert.equal((await stat(join(bed.work, 'image'))).size, 0);
  });

  test('a process that hangs and cannot be killed is named, and keeps others out', withDisks, async () => {
    const file = join(bed.folder, 'ext4');
    await writeFile(file, '');
    await truncate(file, 16 * megabyte);
    run('mkfs.ext4', '-q', file);
    await disks.mount(bed.work, '-o', 'loop', file);
    await bed.simulate([], megabyte);
    const stop = new AbortController();
    const impatient = createRescuer({ progressMs: 20, interruptMs: 100, killMs: 100 });
    const hanging = impatient.run(bed.request({ kind: 'sweep' }), ignore, stop.signal);
    hanging.catch(ignore);
    await until(async () => {
      const image = await stat(join(bed.work, 'image')).catch(() => null);
      return image !== null && image.size > 0 ? true : null;
    }, 'the first bytes');
    const thaw = disks.freeze(bed.work);
    let pid = 0;
    try {
      pid = await until(
        async () => (await bed.processes()).find(({ state }) => state === 'D')?.pid ?? null,
        'ddrescue to hang',
      );
      stop.abort();
      await assert.rejects(hanging, isFault('timeout', new RegExp(`process ${pid}\\b`)));
      await assert.rejects(sweep(), isFault('device_busy'));
    } finally {
      thaw();
    }
    await until(() => {
      try {
        process.kill(pid, 0);
        return null;
      } catch {
        return true;
      }
    }, 'the killed process to end');
    await bed.simulate([], null);
    assert.equal((await sweep()).kind, 'finished');
    assert.ok((await bed.image()).equals(bed.content));
    await rm(join(bed.work, 'image'));
  });
});
