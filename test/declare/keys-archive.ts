import { createHash } from 'node:crypto';
import { type Archive, withCare } from '../../src/core/archive.js';
import type { Desired } from '../../src/core/desired.js';
import type { ArchiveId } from '../../src/core/ids.js';
import { retentionOf } from '../../src/core/retention.js';
import { sampleArchive, sampleDisc } from '../core/samples.js';
import { day, hour, UpkeepRig } from '../upkeep/upkeep-rig.js';
import type { KeyTable, Setting } from './key-row.js';

async function rigOf(desired: Desired, { t }: Setting): Promise<UpkeepRig> {
  const rig = await UpkeepRig.start(t);
  rig.config = { ...rig.config, desired };
  return rig;
}

/** An image with the checksums that the file asks for. */
function add(rig: UpkeepRig, path: string, age: number, over: Partial<Archive> = {}): Promise<Archive> {
  const sum = (name: string) => createHash(name).update(Buffer.alloc(64, path)).digest('hex');
  const checksums = { md5: sum('md5'), sha256: sum('sha256') };
  return rig.add({ ...over, path, checksums, finishedAt: rig.wall - age * day });
}

/** Three images, 300, 200 and 100 days old, of one disc or each of another. */
async function threeImages(desired: Desired, setting: Setting, isOneDisc: boolean) {
  const rig = await rigOf(desired, setting);
  const images: Archive[] = [];
  for (const age of [300, 200, 100]) {
    const disc = sampleDisc({ fingerprint: { structure: isOneDisc ? 'one' : `disc ${age}`, samples: [] } });
    images.push(await add(rig, `dvd/${age}.iso`, age, { disc }));
  }
  await rig.settle();
  const trashed = await Promise.all(images.map(async ({ id }) => (await rig.archive(id))?.care?.trashed ?? null));
  return { rig, ages: [300, 200, 100].filter((_, index) => trashed[index] !== null), trashed };
}
const threeOfOneDisc = (desired: Desired, setting: Setting) => threeImages(desired, setting, true);
const inTheTrash = async (desired: Desired, setting: Setting) => (await threeOfOneDisc(desired, setting)).ages;

/** An image that was last read a hundred days ago, with the load at 3; what the next ten minutes bring. */
const readings = async (desired: Desired, setting: Setting) => {
  const rig = await rigOf(desired, setting);
  rig.load = 3;
  await add(rig, 'dvd/old.iso', 100);
  await rig.live(hour / 6, hour / 60);
  return rig.readings.map(({ path, pace }) => `${path} at ${pace?.bytesPerSecond ?? 'full'} speed`);
};

const made = sampleArchive();
const label = (text: string, age: number, over: Partial<Archive>): Archive =>
  sampleArchive({ ...over, id: `archive_${text}` as ArchiveId, finishedAt: made.finishedAt - age * day });
const archives = [
  label('cd', 9, { disc: sampleDisc({ media: 'cd', label: 'SONGS' }) }),
  label('tagged', 9, withCare(made, { tags: ['spare'] })),
  label('film', 9, { provenance: { ...made.provenance, rule: 'films', drive: 'b' } }),
  label('bad', 9, { verdict: { kind: 'damaged', bad: [], badBytes: 2048 } }),
  label('old', 90, {}),
];
/** Of a CD, a tagged one, a film from drive b, a damaged and an old one, those the entry decides. */
const decidedOf = (desired: Desired) =>
  archives
    .filter((archive) => retentionOf(desired, archive, made.finishedAt).rule !== null)
    .map(({ id }) => id.replace('archive_', ''));
const all = ['cd', 'tagged', 'film', 'bad', 'old'];
const match = (text: string, is: readonly string[]) => ({
  file: `retention: [{name: r, match: {${text}}}]`,
  see: decidedOf,
  is,
  otherwise: all,
});

export const fixity: KeyTable = {
  'fixity.reverify_every': {
    file: 'fixity: {reverify_every: 90d}',
    insteadOf: 'fixity: {reverify_every: 120d}',
    see: readings,
    is: ['dvd/old.iso at full speed'],
    otherwise: [],
  },
  'fixity.throttle': {
    file: 'fixity: {reverify_every: 90d, throttle: 50MB/s}',
    see: readings,
    is: ['dvd/old.iso at 50000000 speed'],
    otherwise: ['dvd/old.iso at full speed'],
  },
  'fixity.pause_above_load': {
    file: 'fixity: {reverify_every: 90d, pause_above_load: 2.5}',
    see: readings,
    is: [],
    otherwise: ['dvd/old.iso at full speed'],
  },
};

export const retention: KeyTable = {
  'retention[].match.media': match('media: [cd, bd]', ['cd']),
  'retention[].match.label': match('label: "SONG*"', ['cd']),
  'retention[].match.tag': match('tag: spare', ['tagged']),
  'retention[].match.rule': match('rule: films', ['film']),
  'retention[].match.drive': match('drive: b', ['film']),
  'retention[].match.verdict': match('verdict: [damaged]', ['bad']),
  'retention[].match.min_age': match('min_age: 30d', ['old']),
  // without a reason to keep all are kept; each of these makes one, and what it does not cover goes
  'retention[].keep_for': {
    file: 'retention: [{name: r, match: {}, keep_for: 250d}]',
    see: inTheTrash,
    is: [300],
    otherwise: [],
  },
  'retention[].keep_last': {
    file: 'retention: [{name: r, match: {}, keep_last: 2}]',
    see: inTheTrash,
    is: [300],
    otherwise: [],
  },
  // 90 % are free
  'retention[].keep_until_free': {
    file: 'retention: [{name: r, match: {}, keep_until_free: "95%"}]',
    see: inTheTrash,
    is: [300, 200],
    otherwise: [],
  },
  // by itself an image goes only where a better one of its disc stays
  'retention[].deletes': {
    file: 'retention: [{name: r, match: {}, keep_for: 50d, deletes: discs}]',
    see: async (desired, setting) => (await threeImages(desired, setting, false)).ages,
    is: [300, 200],
    otherwise: [],
  },
  'retention[].name': {
    file: 'retention: [{name: spares, match: {}, keep_last: 2}]',
    insteadOf: 'retention: [{name: doubles, match: {}, keep_last: 2}]',
    see: async (desired, setting) => (await threeOfOneDisc(desired, setting)).trashed[0]?.rule,
    is: 'spares',
    otherwise: 'doubles',
  },
};

export const trash: KeyTable = {
  'trash.keep': {
    file: 'trash: {keep: 36h}\nretention: [{name: r, match: {}, keep_last: 2}]',
    see: async (desired, setting) => {
      const { rig } = await threeOfOneDisc(desired, setting);
      await rig.live(2 * day);
      return (await rig.events('archive_purged')).length;
    },
    is: 1,
    otherwise: 0,
  },
  'trash.approve_above': {
    file: 'trash: {approve_above: 0}\nretention: [{name: r, match: {}, keep_last: 2}]',
    see: async (desired, setting) => {
      const { rig, ages } = await threeOfOneDisc(desired, setting);
      return { gone: ages, waiting: rig.upkeep.status().waiting?.count ?? 0 };
    },
    is: { gone: [], waiting: 1 },
    otherwise: { gone: [300], waiting: 0 },
  },
  'events.keep_for': {
    file: 'events: {keep_for: 36h}',
    see: async (desired, setting) => {
      const rig = await rigOf(desired, setting);
      await rig.books.records.commit({
        events: [{ type: 'daemon_stopped' }, { type: 'daemon_started', version: '1' }],
      });
      await rig.live(3 * day);
      return (await rig.events('daemon_stopped')).length;
    },
    is: 0,
    otherwise: 1,
  },
};
