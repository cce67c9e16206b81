import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Action } from '../../src/core/action.js';
import { deviceId, type JobId, type MediumKey } from '../../src/core/ids.js';
import type { Observed } from '../../src/core/observed.js';
import { plan, queueOrder } from '../../src/core/plan.js';
import {
  sampleArchive,
  sampleDesired,
  sampleDevice,
  sampleInsertion,
  sampleJob,
  sampleMedium,
  sampleObserved,
  sampleRule,
  sampleSettings,
} from './samples.js';

const queued = sampleJob({ kind: 'queued' });
const imaging = sampleJob({ kind: 'imaging' });
const done = sampleJob({
  kind: 'completed',
  verdict: { kind: 'complete' },
  archiveId: sampleArchive().id,
  finishedAt: 1,
});
const damaged = sampleJob({
  kind: 'completed',
  verdict: { kind: 'damaged', bad: [{ start: 0, length: 2048 }], badBytes: 2048 },
  archiveId: sampleArchive().id,
  finishedAt: 1,
});
const interrupted = (retryAt: number) =>
  sampleJob({
    kind: 'interrupted',
    setback: { fault: { code: 'medium_absent', message: 'gone', retry: 'later' }, retryAt },
  });
const loaded = sampleDevice([sampleMedium()]);
const runs = new Set<JobId>([imaging.id]);
const full = { totalBytes: 100_000_000, usedBytes: 96_000_000, availableBytes: 4_000_000 };
const always = sampleInsertion({ eject: { kind: 'pending', policy: 'always' } });
const openTray = sampleDevice([], { state: 'open' });

/** What the world is like, and the actions that follow, as `kind:subject`. */
const cases: readonly [string, Partial<Observed>, readonly string[], desired?: Parameters<typeof sampleDesired>[0]][] =
  [
    ['nothing there: nothing to do', {}, []],
    ['a new disc is identified', { devices: [loaded] }, ['identify:top-1']],
    [
      'a disc being identified is not identified again',
      { devices: [loaded], busy: new Set(['top-1' as MediumKey]) },
      [],
    ],
    ['a file still being copied is left alone', { devices: [sampleDevice([sampleMedium({ settled: false })])] }, []],
    [
      'an audio CD is refused unread',
      { devices: [sampleDevice([sampleMedium({ content: 'audio' })])] },
      ['refuse:disc_unsupported'],
    ],
    [
      'a CD of several sessions is refused unread',
      { devices: [sampleDevice([sampleMedium({ content: 'multisession' })])] },
      ['refuse:disc_unsupported'],
    ],
    [
      'a blank disc is refused unread',
      { devices: [sampleDevice([sampleMedium({ content: 'blank' })])] },
      ['refuse:disc_unsupported'],
    ],
    [
      'a decided disc stays decided',
      { devices: [loaded], insertions: [sampleInsertion()], jobs: [imaging], running: runs },
      [],
    ],
    [
      'a queued job starts where its disc is',
      { devices: [loaded], insertions: [sampleInsertion()], jobs: [queued] },
      ['start:job_1'],
    ],
    ['no start without its disc', { devices: [sampleDevice([])], jobs: [queued] }, []],
    [
      'no start while something essential is broken',
      {
        devices: [loaded],
        insertions: [sampleInsertion()],
        jobs: [queued],
        faults: [{ subject: 'tools', fault: { code: 'tool_missing', message: 'install it', retry: 'later' } }],
      },
      [],
    ],
    [
      'nothing that could not be written down is begun',
      {
        devices: [loaded],
        insertions: [always],
        jobs: [sampleJob({ kind: 'cancelled', finishedAt: 1 })],
        faults: [{ subject: 'catalog', fault: { code: 'no_space', message: 'make room', retry: 'later' } }],
      },
      [],
    ],
    [
      'a disc is not read to identify it where that could not be written down',
      {
        devices: [loaded],
        faults: [{ subject: 'catalog', fault: { code: 'no_space', message: 'make room', retry: 'later' } }],
      },
      [],
    ],
    [
      'a disc on its way out is not forgotten before that is written down',
      { devices: [sampleDevice([])], insertions: [always], busy: new Set(['top-1' as MediumKey]) },
      [],
    ],
    [
      'no start where the image would not fit',
      { devices: [loaded], insertions: [sampleInsertion()], jobs: [queued], storage: full },
      [],
    ],
    [
      'what is on disk already needs no more room',
      {
        devices: [loaded],
        insertions: [sampleInsertion()],
        jobs: [interrupted(10_000)],
        storage: { totalBytes: 100_000_000, usedBytes: 94_500_000, availableBytes: 5_500_000 },
        held: new Map([[imaging.id, 800_000]]),
      },
      ['start:job_1'],
    ],
    [
      'a disc under another name of its drive is not read twice at once',
      {
        devices: [sampleDevice([sampleMedium()], { id: deviceId('new'), drive: 'top' })],
        insertions: [sampleInsertion({ device: deviceId('new'), outcome: { kind: 'job', jobId: 'job_2' as JobId } })],
        jobs: [imaging, sampleJob({ kind: 'queued' }, { id: 'job_2' as JobId })],
        running: runs,
      },
      [],
    ],
    [
      'a drive with another name is not read for its disc while a job reads it',
      {
        devices: [sampleDevice([sampleMedium()], { id: deviceId('new'), drive: 'top' })],
        jobs: [imaging],
        running: runs,
      },
      [],
    ],
    [
      'a disk that says full while there seems to be room is not asked over and over',
      { jobs: [sampleJob({ kind: 'paused', reason: 'storage' }, { updatedAt: 9_000 })] },
      [],
    ],
    [
      'no start where storage cannot be seen',
      { devices: [loaded], insertions: [sampleInsertion()], jobs: [queued], storage: null },
      [],
    ],
    [
      'a record that runs without a process was interrupted',
      { devices: [loaded], insertions: [sampleInsertion()], jobs: [imaging] },
      ['interrupt:job_1'],
    ],
    [
      'an interrupted job starts again when it is due',
      { devices: [loaded], insertions: [sampleInsertion()], jobs: [interrupted(10_000)] },
      ['start:job_1'],
    ],
    [
      'an interrupted job waits until it is due',
      { devices: [loaded], insertions: [sampleInsertion()], jobs: [interrupted(10_001)] },
      [],
    ],
    [
      'an image that lacks only its name needs no disc',
      {
        jobs: [sampleJob({ kind: 'archiving', archive: sampleArchive(), setback: null })],
      },
      ['finish:job_1'],
    ],
    [
      'the disc of a running job is gone: stop, forget',
      { devices: [sampleDevice([])], insertions: [sampleInsertion()], jobs: [imaging], running: runs },
      ['stop:job_1', 'forget:top-1'],
    ],
    [
      'a drive that cannot be looked at proves nothing',
      {
        devices: [sampleDevice([], { state: 'faulty' })],
        insertions: [sampleInsertion()],
        jobs: [imaging],
        running: runs,
      },
      [],
    ],
    [
      'a drive that is away is not an empty drive',
      { devices: [], insertions: [sampleInsertion()], jobs: [imaging], running: runs },
      [],
    ],
    [
      'another disc: identified with the old one in mind',
      {
        devices: [sampleDevice([sampleMedium({ key: 'top-2' as MediumKey })])],
        insertions: [sampleInsertion()],
        jobs: [done],
      },
      ['identify:top-2 after top-1'],
    ],
    [
      'a whole image: the disc is given back',
      { devices: [loaded], insertions: [sampleInsertion()], jobs: [done] },
      ['eject:top-1'],
    ],
    [
      'a damaged image stays in on_success',
      { devices: [loaded], insertions: [sampleInsertion()], jobs: [damaged] },
      [],
    ],
    [
      'a damaged image is given back on always',
      { devices: [loaded], insertions: [always], jobs: [damaged] },
      ['eject:top-1'],
    ],
    ['a running job is not ejected', { devices: [loaded], insertions: [always], jobs: [imaging], running: runs }, []],
    [
      'after our eject the disc in the open tray is remembered',
      { devices: [openTray], insertions: [sampleInsertion({ eject: { kind: 'done', at: 5 } })], jobs: [done] },
      [],
    ],
    [
      "a tray opened by hand: the disc is the person's again",
      { devices: [openTray], insertions: [sampleInsertion()], jobs: [done] },
      ['forget:top-1'],
    ],
    [
      'a full disk pauses what writes',
      { devices: [loaded], insertions: [sampleInsertion()], jobs: [imaging], running: runs, storage: full },
      ['pause:job_1'],
    ],
    ['space is back: it goes on', { jobs: [sampleJob({ kind: 'paused', reason: 'storage' })] }, ['resume:job_1']],
    ["a person's pause is not ended by space", { jobs: [sampleJob({ kind: 'paused', reason: 'user' })] }, []],
    ['suspended: a disc is left alone', { devices: [loaded] }, [], { suspend: true }],
    [
      'suspended: no start',
      { devices: [loaded], insertions: [sampleInsertion()], jobs: [queued] },
      [],
      { suspend: true },
    ],
    [
      'a suspended rule starts nothing',
      { devices: [loaded], insertions: [sampleInsertion()], jobs: [{ ...queued, rule: 'dvds' }] },
      [],
      { rules: [sampleRule({ name: 'dvds', suspend: true })] },
    ],
    [
      'a drive no longer declared: its disc is forgotten',
      { insertions: [sampleInsertion()], jobs: [done] },
      ['forget:top-1'],
      { drives: [] },
    ],
    [
      'a disc that waited for another job is decided when that has ended',
      {
        devices: [loaded],
        insertions: [sampleInsertion({ outcome: { kind: 'waiting', jobId: 'job_9' as JobId } })],
      },
      ['identify:top-1 after top-1'],
    ],
    ...(
      [
        ['while that holds its disc, it waits', sampleDevice([sampleMedium({ key: 'low-1' as MediumKey })]), []],
        ['once that drive is gone, it waits no longer', null, ['identify:top-1 after top-1']],
        ['nor while that drive hangs', { ...sampleDevice([]), state: 'faulty' }, ['identify:top-1 after top-1']],
      ] as const
    ).map(([name, other, expected]): (typeof cases)[number] => [
      `a disc that waited for the job of another drive: ${name}`,
      {
        devices: [loaded, ...(other === null ? [] : [{ ...other, id: deviceId('low'), drive: 'low' } as const])],
        insertions: [
          sampleInsertion({ outcome: { kind: 'waiting', jobId: queued.id } }),
          sampleInsertion({ device: deviceId('low'), key: 'low-1' as MediumKey }),
        ],
        jobs: [{ ...queued, state: { kind: 'paused', reason: 'user' } }],
      },
      expected,
      { drives: sampleDesired().drives.flatMap((one) => [one, { ...one, name: 'low' }]) },
    ]),
    [
      'an audio CD in the place of a disc with a job: that disc is here no more',
      {
        devices: [sampleDevice([sampleMedium({ key: 'top-2' as MediumKey, content: 'audio' })])],
        insertions: [sampleInsertion()],
        jobs: [done],
      },
      ['refuse:disc_unsupported after top-1'],
    ],
  ];

function describe(action: Action): string {
  switch (action.kind) {
    case 'identify':
      return `identify:${action.medium.key}${action.previous === null ? '' : ` after ${action.previous.key}`}`;
    case 'refuse':
      return `refuse:${action.fault.code}${action.previous === null ? '' : ` after ${action.previous.key}`}`;
    case 'forget':
      return `forget:${action.insertion.key}`;
    case 'eject':
      return `eject:${action.medium.key}`;
    default:
      return `${action.kind}:${action.job.id}`;
  }
}

for (const [name, world, expected, desired] of cases) {
  test(name, () => {
    assert.deepEqual(plan(sampleDesired(desired), sampleObserved(world)).map(describe), expected);
  });
}

test('one drive takes one job at a time, two drives two', () => {
  const files = ['a', 'b'].map((name) =>
    sampleMedium({ key: name as MediumKey, path: `/inbox/${name}`, media: 'image' }),
  );
  const inbox = sampleDevice(files, { kind: 'folder' });
  const jobs = files.map(({ key }) => ({ ...queued, id: `job_${key}` as JobId, medium: key }));
  const insertions = jobs.map((job) => sampleInsertion({ key: job.medium, outcome: { kind: 'job', jobId: job.id } }));
  assert.deepEqual(plan(sampleDesired(), sampleObserved({ devices: [inbox], insertions, jobs })).map(describe), [
    'start:job_a',
  ]);
  const other = sampleDevice(files.slice(1), { id: 'other' as never, kind: 'folder' });
  const apart = insertions.map((one, index) => (index === 1 ? { ...one, device: other.id } : one));
  const both = plan(
    sampleDesired(),
    sampleObserved({ devices: [sampleDevice(files.slice(0, 1)), other], insertions: apart, jobs }),
  );
  assert.deepEqual(both.map(describe), ['start:job_a', 'start:job_b']);
});

test('what running jobs still have to write is kept free for them', () => {
  const storage = { totalBytes: 10_000_000, usedBytes: 8_000_000, availableBytes: 2_000_000 };
  const second = { ...queued, id: 'job_2' as JobId, medium: 'b' as MediumKey, device: 'b' as never };
  const world = sampleObserved({
    devices: [loaded, sampleDevice([sampleMedium({ key: second.medium })], { id: second.device })],
    insertions: [
      sampleInsertion(),
      sampleInsertion({ device: second.device, key: second.medium, outcome: { kind: 'job', jobId: second.id } }),
    ],
    jobs: [imaging, second],
    running: runs,
    storage,
  });
  assert.deepEqual(plan(sampleDesired(), world).map(describe), []);
});

test('the queue: priority first, then age', () => {
  const at = (id: string, priority: 'low' | 'normal' | 'high') =>
    sampleJob({ kind: 'queued' }, { id: id as JobId, settings: { ...sampleSettings, priority } });
  const order = queueOrder([at('job_1', 'low'), at('job_2', 'normal'), at('job_3', 'high'), at('job_4', 'normal')]);
  assert.deepEqual(
    order.map((job) => job.id),
    ['job_3', 'job_2', 'job_4', 'job_1'],
  );
});
