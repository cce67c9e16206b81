import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JobId, mediumKey } from '../../src/core/ids.js';
import { plan } from '../../src/core/plan.js';
import { sampleDesired, sampleDevice, sampleInsertion, sampleJob, sampleMedium, sampleObserved } from './samples.js';

/** How often the key of a medium is looked at by a pass over a folder of so many images, each of them queued. */
function looksFor(count: number): number {
  let looks = 0;
  const keyOf = (n: number) => mediumKey(`image-${n}`);
  const numbers = Array.from({ length: count }, (_, n) => n);
  const media = numbers.map((n) =>
    Object.defineProperty({ ...sampleMedium({ media: 'image' }) }, 'key', {
      enumerable: true,
      get() {
        looks += 1;
        return keyOf(n);
      },
    }),
  );
  const idOf = (n: number) => `job_${n}` as JobId;
  const jobs = numbers.map((n) => sampleJob({ kind: 'queued' }, { id: idOf(n), medium: keyOf(n) }));
  const insertions = numbers.map((n) =>
    sampleInsertion({ key: keyOf(n), outcome: { kind: 'job', jobId: idOf(n) }, eject: { kind: 'not_wanted' } }),
  );
  const devices = [sampleDevice(media, { kind: 'folder' })];
  assert.equal(plan(sampleDesired(), sampleObserved({ devices, insertions, jobs })).length, 1);
  return looks;
}

test('ten times as many images in a folder are ten times the work of a pass, not a hundred times', () => {
  assert.ok(looksFor(1000) <= 11 * looksFor(100), `${looksFor(100)}, ${looksFor(1000)}`);
});
