import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { identifyMedium, refuseMedium } from '../../src/control/identify-medium.js';
import { loadRecords } from '../../src/control/records.js';
import type { Disc } from '../../src/core/disc.js';
import type { Insertion, Medium, ObservedDevice } from '../../src/core/drive.js';
import { Fault } from '../../src/core/fault.js';
import { mediumKey } from '../../src/core/ids.js';
import type { DrivePort } from '../../src/core/imaging-ports.js';
import { newJob, realClock, stationFolders } from '../catalog/station-folders.js';
import { sampleConfig, sampleDesired, sampleDisc, sampleInsertion } from '../core/samples.js';

const device = { id: sampleInsertion().device, drive: 'top', kind: 'optical' } as unknown as ObservedDevice;
const medium = { key: mediumKey('disc:boot:sr0:7@second'), name: null } as unknown as Medium;

/** A daemon has ended with this disc in the drive; the next one looks at it. */
async function lookAgain(t: TestContext, over: Partial<Insertion>, identify: () => Promise<Disc>) {
  const station = await stationFolders(t);
  const catalog = await station.open();
  t.after(() => catalog.close());
  const job = newJob({ kind: 'queued' });
  const outcome = { kind: 'job', jobId: job.id } as const;
  const previous = sampleInsertion({ key: mediumKey('disc:boot:sr0:7@first'), outcome, ...over });
  await catalog.commit({ jobs: [job], insertions: [previous] });
  const records = await loadRecords(catalog, realClock);
  const ports = {
    drives: () => ({ identify }) as unknown as DrivePort,
    clock: realClock,
    random: () => new Uint8Array(10),
    look: async () => 'present' as const,
  };
  const config = sampleConfig(sampleDesired());
  if (medium.key !== previous.key && previous.outcome.kind === 'unsupported') {
    await refuseMedium(records, config, { device, medium, previous, fault: previous.outcome.fault }, 2000);
  } else {
    const task = { device, medium, previous, away: new Set<never>() };
    await identifyMedium(ports, records, catalog, config, task, new AbortController().signal);
  }
  const [insertion, ...more] = records.insertions();
  assert.deepEqual(more, []);
  assert.equal(insertion?.key, medium.key);
  const events = (await catalog.events(0, 10)).map(({ event }) => event.type);
  return { insertion, previous, events, jobs: records.jobs().length };
}

test('a disc that cannot be identified again goes on with its job, as the drive counts no other', async (t) => {
  const failing = () => Promise.reject(new Fault('read_error', 'no', { retry: 'later' }));
  const { insertion, previous, events, jobs } = await lookAgain(t, {}, failing);
  assert.deepEqual([insertion?.outcome, insertion?.disc], [previous.outcome, previous.disc]);
  assert.deepEqual([events, jobs], [[], 1]);
});

test('one that is told less well than before keeps its job and what was known of it', async (t) => {
  const poorer = sampleDisc({ fingerprint: null, label: null });
  const { insertion, previous, events, jobs } = await lookAgain(t, {}, async () => poorer);
  assert.deepEqual([insertion?.outcome, insertion?.disc], [previous.outcome, previous.disc]);
  assert.deepEqual([events, jobs], [[], 1]);
});

test('another disc of the same label and size has a job of its own', async (t) => {
  const samples = [{ sector: 20, sha256: 'bb' }];
  const other = sampleDisc({ fingerprint: { structure: 'holiday', samples } });
  const { insertion, previous, jobs } = await lookAgain(t, {}, async () => other);
  assert.notDeepEqual(insertion?.outcome, previous.outcome);
  assert.equal(jobs, 2);
});

test('what cannot be imaged is not told anew by each daemon', async (t) => {
  const fault = { code: 'disc_unsupported', message: 'audio', retry: 'never' } as const;
  const eject = { kind: 'not_wanted' } as const;
  const never = () => assert.fail('nothing is read');
  const { insertion, events } = await lookAgain(
    t,
    { disc: null, outcome: { kind: 'unsupported', fault }, eject },
    never,
  );
  assert.deepEqual([insertion?.outcome, insertion?.eject], [{ kind: 'unsupported', fault }, eject]);
  assert.deepEqual(events, []);
});
