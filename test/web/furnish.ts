import type { Insertion } from '../../src/core/drive.js';
import { mediumKey } from '../../src/core/ids.js';
import type { FakeStation } from '../http/fake-station.js';
import { archiveId, jobId, sampleArchive, sampleDevice, sampleDisc, sampleJob } from '../http/samples.js';

export const hostile = [
  '<script>document.title="owned"</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '\u202Egnp.exe\u202C\u2066',
  '&lt;b&gt; &amp;',
  'ÄÖ'.repeat(75),
  'x'.repeat(300),
  'line\nbreak\u0000\u001B[31m',
  '</title></main><style>*{display:none}</style>',
];

/** A station with a bit of everything: each status, each verdict, each outcome. */
export async function furnish(station: FakeStation, name = 'HOLIDAY'): Promise<void> {
  const fault = { code: 'read_error', message: `Reading ${name} failed; clean it.`, retry: 'later' } as const;
  const bad = [{ start: 2_000_000_000, length: 2048 }];
  const damaged = { kind: 'damaged', bad, badBytes: 2048 } as const;
  const disc = sampleDisc(name);
  const completed = { kind: 'completed', verdict: damaged, archiveId: archiveId(2), finishedAt: station.now } as const;
  await station.records.commit({
    jobs: [
      sampleJob(1, { name, disc, state: { kind: 'imaging' } }),
      sampleJob(2, { name, disc, state: { kind: 'hashing', verdict: damaged } }),
      sampleJob(3, { name, disc }),
      sampleJob(4, { name, disc, state: { kind: 'paused', reason: 'user' }, rescuedBytes: 2_350_000_128 }),
      sampleJob(5, { name, disc, state: { kind: 'paused', reason: 'storage' } }),
      sampleJob(6, { name, disc, state: { kind: 'interrupted', setback: { fault, retryAt: station.now + 60_000 } } }),
      sampleJob(7, { name, disc, state: { kind: 'failed', fault, finishedAt: station.now } }),
      sampleJob(8, { name, disc, state: { kind: 'cancelled', finishedAt: station.now } }),
      sampleJob(9, { name, disc, state: completed }),
    ],
    archives: [
      sampleArchive(1, { disc, path: `dvd/${name}.iso` }),
      sampleArchive(2, { disc, verdict: damaged, path: 'dvd/damaged.damaged.iso' }),
      sampleArchive(3, { disc, verdict: { kind: 'unreadable' }, supersededBy: archiveId(1) }),
      sampleArchive(4, { disc, verification: { kind: 'missing', at: station.now } }),
    ],
  });
  const [medium] = sampleDevice().media;
  if (medium === undefined) throw new Error('the sample device holds no disc');
  const media = ['a', 'b', 'c', 'd'].map((key) => ({ ...medium, key: mediumKey(key), name: `${name}.iso` }));
  station.deviceList = [
    sampleDevice('dvd', { model: name, media }),
    sampleDevice('bd', { state: 'faulty', media: [], fault }),
    sampleDevice('empty', { state: 'empty', media: [] }),
  ];
  const outcomes: Insertion['outcome'][] = [
    { kind: 'job', jobId: jobId(1) },
    { kind: 'ignored', rule: name },
    { kind: 'unidentified', fault, attempt: 1, retryAt: station.now + 60_000 },
  ];
  station.insertionList = outcomes.map((outcome, i) => ({
    device: sampleDevice().id,
    key: mediumKey('abc'.charAt(i)),
    seenAt: station.now,
    name,
    disc,
    outcome,
    eject: { kind: 'not_wanted' },
  }));
  station.conditionList = [
    {
      subject: 'tools',
      type: 'Ready',
      status: false,
      reason: 'tool_missing',
      message: `No ${name}`,
      since: station.now,
    },
  ];
  station.problems = [`config.yaml:3:5: unknown key ${JSON.stringify(name)}`];
}
