import assert from 'node:assert/strict';
import { copyFile, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createRescuer } from '../../src/adapters/ddrescue.js';
import type { RescueMode, RescueRequest } from '../../src/core/imaging-ports.js';
import { parseRescueMap, rangesWithout, rescuedPrefix } from '../../src/core/rescue-map.js';
import { judge } from '../../src/core/verdict.js';
import { sampleDisc } from '../core/samples.js';
import { DiskBed, run, withDisks } from './disk-bed.js';
import { ignore, isFault, never, RescueBed, until } from './rescue-bed.js';

const rescuer = createRescuer({ progressMs: 20 });
const sizeBytes = 3_000_320; // sectors of 2048

/** Puts another file behind a read-only loop device, as a drive gets another disc: its disk sequence grows. */
function changeMedium(device: string, file: string): void {
  const program = 'open(D, "<", $ARGV[0]) && open(F, "<", $ARGV[1]) && ioctl(D, 0x4C06, fileno(F) + 0) or die $!';
  run('perl', '-e', program, device, file);
}

describe('a block device', withDisks, () => {
  let bed: RescueBed;
  const disks = new DiskBed();
  beforeEach(async () => {
    bed = await RescueBed.create(sizeBytes);
  });
  afterEach(async () => {
    disks.undo();
    await bed.remove();
  });

  const request = (device: string, mode: RescueMode): RescueRequest => ({
    ...bed.request(mode),
    source: device,
    direct: true,
  });

  test('is read past the cache, whole', async () => {
    const device = disks.attach(bed.source, '--read-only');
    assert.equal((await rescuer.run(request(device, { kind: 'sweep' }), ignore, never)).kind, 'finished');
    assert.ok((await bed.image()).equals(bed.content));
  });

  test('with a part that gives I/O errors keeps all the rest', async () => {
    const device = disks.attach(bed.source, '--read-only');
    const good = 1000 * 2048;
    await truncate(bed.source, good);
    const swept = await rescuer.run(request(device, { kind: 'sweep' }), ignore, never);
    assert.equal(swept.kind, 'read_error');
    assert.equal((await stat(join(bed.work, 'image'))).size, rescuedPrefix(swept.map));
    await rescuer.run(request(device, { kind: 'copy' }), ignore, never);
    const end = await rescuer.run(
      request(device, { kind: 'rescue', retryPasses: 1, giveUpSeconds: null }),
      ignore,
      never,
    );
    assert.deepEqual(rangesWithout(end.map, '+', sizeBytes), [{ start: good, length: sizeBytes - good }]);
    assert.ok((await bed.image()).subarray(0, good).equals(bed.content.subarray(0, good)));
  });

  test('that gives nothing but I/O errors ends as unreadable', async () => {
    const device = disks.attach(bed.source, '--read-only');
    await truncate(bed.source, 0);
    assert.equal((await rescuer.run(request(device, { kind: 'sweep' }), ignore, never)).kind, 'read_error');
    const end = await rescuer.run(
      request(device, { kind: 'rescue', retryPasses: 0, giveUpSeconds: null }),
      ignore,
      never,
    );
    assert.equal(end.kind, 'finished');
    assert.deepEqual(judge(end.map, sizeBytes, sampleDisc(), false), { kind: 'unreadable' });
  });

  test('without a medium is medium_absent', async () => {
    const device = disks.attach(bed.source);
    disks.undo();
    await assert.rejects(rescuer.run(request(device, { kind: 'sweep' }), ignore, never), isFault('medium_absent'));
  });

  test('whose medium is changed is medium_absent, and nothing of the other disc stays in the map', async () => {
    const other = join(bed.folder, 'other.iso');
    await writeFile(other, Buffer.alloc(sizeBytes, 'other'));
    const original = join(bed.folder, 'original.iso');
    await copyFile(bed.source, original);
    const device = disks.attach(bed.source, '--read-only');
    await bed.simulate([{ start: 200 * 2048, length: 2048 }], null);
    const swept = await rescuer.run(request(device, { kind: 'sweep' }), ignore, never);
    await bed.simulate([], 1_000_000);
    const copying = rescuer.run(request(device, { kind: 'copy' }), ignore, never);
    copying.catch(ignore);
    await until(async () => {
      const image = await stat(join(bed.work, 'image'));
      return image.size > rescuedPrefix(swept.map) ? true : null;
    }, 'the copying to begin');
    changeMedium(device, other);
    await assert.rejects(copying, isFault('medium_absent'));
    const map = parseRescueMap(await readFile(join(bed.work, 'map'), 'latin1'));
    assert.deepEqual(map?.areas, swept.map.areas);

    changeMedium(device, original);
    await bed.simulate([], null);
    await rescuer.run(request(device, { kind: 'rescue', retryPasses: 1, giveUpSeconds: null }), ignore, never);
    assert.ok((await bed.image()).equals(bed.content));
  });
});
