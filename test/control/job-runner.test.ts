import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { createJobRunner } from '../../src/control/job-runner.js';
import { loadRecords, type Records } from '../../src/control/records.js';
import { type Archive, careOf, withCare } from '../../src/core/archive.js';
import { newArchive, newJob, realClock, stationFolders } from '../catalog/station-folders.js';

/** A better image of `older`'s disc gets its name; `meanwhile` happens to the records just before it is entered. */
async function supersede(t: TestContext, meanwhile: (records: Records, older: Archive) => Promise<unknown>) {
  const station = await stationFolders(t);
  const catalog = await station.open();
  t.after(() => catalog.close());
  const { library } = station;
  await library.check();
  const older = newArchive();
  const job = newJob({ kind: 'queued' }, { continues: older.id });
  const made = newArchive({ jobId: job.id, sizeBytes: 64 });
  const archive = { ...made, provenance: { ...made.provenance, continues: older.id } };
  const archiving = { ...job, state: { kind: 'archiving' as const, archive, setback: null } };
  await catalog.commit({ archives: [older], jobs: [archiving] });
  const records = await loadRecords(catalog, realClock);
  await writeFile((await library.openWork(job)).image, Buffer.alloc(64));
  let done: Promise<unknown> = Promise.resolve();
  const never = (): never => assert.fail('nothing is read from a disc');
  const runner = createJobRunner({
    drives: never,
    rescuer: { version: never, run: never },
    hasher: { follow: never, fromStorage: never },
    library: {
      ...library,
      async commit(work, one) {
        await library.commit(work, one);
        // under way, not over, when the runner goes on
        done = meanwhile(records, older);
      },
    },
    clock: realClock,
    log: station.log,
    random: never,
    onProgress: () => undefined,
    checkpointMs: 1000,
  });
  await runner.finish(records, catalog, archiving);
  await done;
  assert.equal(records.job(job.id), null, 'over, and of no disc in a drive');
  assert.notEqual(await catalog.archive(archive.id), null);
  return { older: await catalog.archive(older.id), archive };
}

test('what happens to a superseded image while the better one gets its name is not undone', async (t) => {
  const { older, archive } = await supersede(t, (records, { id }) =>
    records.amend(id, (one) => ({ archives: [withCare(one, { pinned: true })] })),
  );
  assert.ok(older !== null);
  assert.equal(careOf(older).pinned, true);
  assert.equal(older.supersededBy, archive.id);
});

test('one that is purged meanwhile does not come back', async (t) => {
  const { older } = await supersede(t, (records, { id }) => records.commit({ purged: [id] }));
  assert.equal(older, null);
});
