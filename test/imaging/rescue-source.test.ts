import assert from 'node:assert/strict';
import { appendFile, readFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createRescuer } from '../../src/adapters/ddrescue.js';
import { parseRescueMap } from '../../src/core/rescue-map.js';
import { ignore, isFault, never, RescueBed, sectorSize, until } from './rescue-bed.js';

const rescuer = createRescuer({ progressMs: 20 });
const sizeBytes = 3_000_000;
const slow = 1_000_000;

describe('a source that is not what it was', () => {
  let bed: RescueBed;
  beforeEach(async () => {
    bed = await RescueBed.create(sizeBytes);
  });
  afterEach(() => bed.remove());

  /** Begins a slow sweep and returns once something has been read. */
  async function beginSweep(): Promise<{ ended: ReturnType<typeof rescuer.run> }> {
    const ended = rescuer.run(bed.request({ kind: 'sweep' }), ignore, never);
    ended.catch(ignore);
    await until(async () => {
      const image = await stat(join(bed.work, 'image')).catch(() => null);
      return image !== null && image.size > 0 ? image : null;
    }, 'the first bytes');
    return { ended };
  }

  test('a missing source is medium_absent', async () => {
    await rm(bed.source);
    await assert.rejects(rescuer.run(bed.request({ kind: 'sweep' }), ignore, never), isFault('medium_absent'));
  });

  test('a source of another size than announced is source_changed', async () => {
    await truncate(bed.source, sizeBytes - 1);
    await assert.rejects(rescuer.run(bed.request({ kind: 'sweep' }), ignore, never), isFault('source_changed'));
    await truncate(bed.source, 0);
    await assert.rejects(rescuer.run(bed.request({ kind: 'sweep' }), ignore, never), isFault('source_changed'));
  });

  for (const [what, change] of [
    ['shrinks', () => truncate(bed.source, 100_000)],
    ['grows', () => appendFile(bed.source, 'more')],
    ['is written to', () => utimes(bed.source, new Date(), new Date())],
  ] as const) {
    test(`a source that ${what} while it is read is source_changed`, async () => {
      await bed.simulate([], slow);
      const { ended } = await beginSweep();
      await change();
      await assert.rejects(ended, isFault('source_changed'));
    });
  }

  test('a change in the last moment is noticed at the end', async () => {
    await bed.replaceDdrescue(`ddrescue "$@"; touch ${bed.source}`);
    const patient = createRescuer({ progressMs: 60_000 });
    await assert.rejects(patient.run(bed.request({ kind: 'sweep' }), ignore, never), isFault('source_changed'));
  });

  test('ddrescue ending early with status 0 is no finished rescue', async () => {
    const { source, folder } = bed;
    const restore = `truncate -s ${sizeBytes} ${source}; touch -r ${folder}/before ${source}`;
    await bed.replaceDdrescue(
      `touch -r ${source} ${folder}/before; truncate -s 100000 ${source}; ddrescue "$@"; ${restore}`,
    );
    const patient = createRescuer({ progressMs: 60_000 });
    await assert.rejects(
      patient.run(bed.request({ kind: 'sweep' }), ignore, never),
      isFault('source_changed', /100000 of 3000000 bytes/),
    );
  });

  test('a source that is moved or deleted while it is read is read to its end all the same', async () => {
    await bed.simulate([], slow);
    const { ended } = await beginSweep();
    await rename(bed.source, `${bed.source}.elsewhere`);
    await rm(`${bed.source}.elsewhere`);
    assert.equal((await ended).kind, 'finished');
    assert.ok((await bed.image()).equals(bed.content));
  });

  test('a source that fails and is gone is medium_absent, and its failures are forgotten', async () => {
    await bed.simulate([{ start: 800 * sectorSize, length: 10 * sectorSize }], slow);
    const { ended } = await beginSweep();
    await rm(bed.source);
    await assert.rejects(ended, isFault('medium_absent', /disappeared/));
    const map = parseRescueMap(await readFile(join(bed.work, 'map'), 'latin1'));
    assert.deepEqual(
      map?.areas.map(({ status }) => status),
      ['+', '?'],
    );
    await bed.simulate([], null);
    await writeFile(bed.source, bed.content);
    assert.equal((await rescuer.run(bed.request({ kind: 'sweep' }), ignore, never)).kind, 'finished');
    assert.ok((await bed.image()).equals(bed.content));
  });

  test('a folder or a device without an end is no source', async () => {
    bed.source = bed.folder;
    await assert.rejects(rescuer.run(bed.request({ kind: 'sweep' }), ignore, never), isFault('source_changed'));
    bed.source = '/dev/zero';
    await assert.rejects(rescuer.run(bed.request({ kind: 'sweep' }), ignore, never), isFault('source_changed'));
  });
});
