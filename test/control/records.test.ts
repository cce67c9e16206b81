import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadRecords } from '../../src/control/records.js';
import { newJob, realClock, stationFolders } from '../catalog/station-folders.js';

test('two that decide of the same disc at once see each other: one job', async (t) => {
  const station = await stationFolders(t);
  const catalog = await station.open();
  t.after(() => catalog.close());
  const records = await loadRecords(catalog, realClock);
  const decide = () =>
    records.decide(async () => {
      await catalog.archivesByStructure('same');
      return records.jobs().length > 0 ? {} : { jobs: [newJob()] };
    });
  await Promise.all([decide(), decide()]);
  assert.equal(records.jobs().length, 1);
});
