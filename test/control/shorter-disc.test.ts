import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createJobRunner } from '../../src/control/job-runner.js';
import { loadRecords } from '../../src/control/records.js';
import type { Medium, ObservedDevice } from '../../src/core/drive.js';
import { mediumKey } from '../../src/core/ids.js';
import { newJob, realClock, stationFolders } from '../catalog/station-folders.js';
import { sampleDisc } from '../core/samples.js';

test('a disc that has become much shorter than it was identified is not read to its new end, and its job waits', async (t) => {
  const station = await stationFolders(t);
  const catalog = await station.open();
  t.after(() => catalog.close());
  // UDF alone: nothing on the disc tells that the rest is missing
  const disc = sampleDisc({ sizes: { mediumBytes: 4_700_000_000, iso9660Bytes: null, udfBytes: 4_600_000_000 } });
  const job = newJob({ kind: 'imaging' }, { disc });
  await catalog.commit({ jobs: [job] });
  const records = await loadRecords(catalog, realClock);
  const never = (): never => assert.fail('nothing is read');
  const runner = createJobRunner({
    drives: never,
    rescuer: { version: never, run: never },
    hasher: { follow: never, fromStorage: never },
    library: station.library,
    clock: realClock,
    log: station.log,
    random: never,
    onProgress: () => undefined,
    checkpointMs: 1000,
  });
  const medium = { key: mediumKey('top-1'), path: '/dev/sr0', sizeBytes: 2_000_000_000 } as Medium;
  const device = { id: job.device, kind: 'optical', media: [medium] } as unknown as ObservedDevice;
  await runner.run(records, catalog, job, device, medium, new AbortController().signal);
  const state = records.job(job.id)?.state;
  assert.equal(state?.kind, 'interrupted');
  assert.equal(state?.kind === 'interrupted' && state.setback.fault.code, 'source_changed');
});
