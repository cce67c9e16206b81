import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadRecords } from '../../src/control/records.js';
import type { Catalog, CatalogChange } from '../../src/core/catalog-ports.js';
import { Fault } from '../../src/core/fault.js';
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

test('what a failed write put on disk after all is known, and what it did not is not', async (t) => {
  const station = await stationFolders(t);
  const catalog = await station.open();
  t.after(() => catalog.close());
  let reaches = true;
  const failing = new Proxy(catalog, {
    get(target, name) {
      if (name === 'commit') {
        return async (change: CatalogChange) => {
          if (reaches) await target.commit(change);
          throw new Fault('io_error', 'the disk said no', { retry: 'later' });
        };
      }
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  }) as Catalog;
  const records = await loadRecords(failing, realClock);
  const [written, lost] = [newJob(), newJob()];
  await assert.rejects(records.commit({ jobs: [written] }), Fault);
  reaches = false;
  await assert.rejects(records.commit({ jobs: [lost] }), Fault);
  assert.deepEqual(
    records.jobs().map((job) => job.id),
    [written.id],
  );
  assert.ok(records.fault() !== null);
});
