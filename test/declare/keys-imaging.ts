import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderDrive } from '../../src/adapters/folder-drive.js';
import { decideDisc } from '../../src/core/decide.js';
import type { Desired } from '../../src/core/desired.js';
import { draftConditions } from '../../src/core/draft-conditions.js';
import { plan, queueOrder } from '../../src/core/plan.js';
import { sampleArchive, sampleDisc, sampleJob, sampleObserved } from '../core/samples.js';
import { clock, recordLog } from '../drives/drive-rig.js';
import { base, type KeyTable, type Setting } from './key-row.js';
import { SimStation } from './sim-station.js';

/** A station under this file, from a disc in drive a (and perhaps others) until nothing more happens. */
async function run(desired: Desired, { t }: Setting, prepare: (sim: SimStation) => void = () => undefined) {
  const folder = await mkdtemp(join(tmpdir(), 'disk2iso-key-'));
  const sim = new SimStation(folder);
  await sim.write(base.replace(/^include.*\n/m, ''));
  await sim.boot();
  t.after(async () => {
    await sim.crash();
    await rm(folder, { recursive: true });
  });
  sim.desired = desired;
  sim.insert('a', 1);
  prepare(sim);
  // what happens in a pass may open the way for something in the next, so one without news is not the last
  let seen = '';
  for (let quiet = 0; quiet < 3; ) {
    await sim.pass();
    await sim.rest();
    sim.now += 60_000;
    const now = JSON.stringify([await jobsOf(sim), sim.trays, sim.told]);
    quiet = now === seen ? quiet + 1 : 0;
    seen = now;
  }
  return sim;
}

const jobsOf = async (sim: SimStation) =>
  (await sim.station.catalog()?.jobs('all', { limit: 10, offset: 0 }))?.items ?? [];
const archivesOf = async (sim: SimStation) =>
  (await sim.station.catalog()?.archives({ limit: 10, offset: 0 }))?.items ?? [];

const jobStates = async (desired: Desired, setting: Setting) =>
  (await jobsOf(await run(desired, setting))).map(({ state }) => state.kind);
const pathInLibrary = async (desired: Desired, setting: Setting) =>
  (await archivesOf(await run(desired, setting))).map(({ path }) => path);
const madeBy = async (desired: Desired, setting: Setting) =>
  (await archivesOf(await run(desired, setting))).map(({ provenance }) => provenance.rule);
const computedChecksums = async (desired: Desired, setting: Setting) =>
  (await archivesOf(await run(desired, setting))).map(({ checksums }) => Object.keys(checksums));
const readingsOfTheImage = async (desired: Desired, setting: Setting) => (await run(desired, setting)).told.readBack;
const sectorSizeOfTheReading = async (desired: Desired, setting: Setting) =>
  (await run(desired, setting)).told.rescues[0]?.sectorSize;
const leftInTheTray = async (desired: Desired, setting: Setting) => (await run(desired, setting)).trays.a?.disc;
const jobsOfDriveB = async (desired: Desired, setting: Setting) => {
  const sim = await run(desired, setting, (one) => {
    one.remove('a');
    one.insert('b', 2);
  });
  return (await jobsOf(sim)).map(({ device }) => device);
};
const retriesOfABadSector = async (desired: Desired, setting: Setting) => {
  const sim = await run(desired, setting, (one) => one.scratched.add(1));
  const last = sim.told.rescues.map(({ mode }) => mode).findLast((mode) => mode.kind === 'rescue');
  return last?.kind === 'rescue' ? last.retryPasses : null;
};

const gigabyte = 1_000_000_000;
const discs = [
  { drive: 'a', disc: sampleDisc({ media: 'dvd', label: 'HOLIDAY', sizes: sized(4.7 * gigabyte) }) },
  { drive: 'b', disc: sampleDisc({ media: 'cd', label: 'SONGS', sizes: sized(0.7 * gigabyte) }) },
] as const;
function sized(mediumBytes: number) {
  return { mediumBytes, iso9660Bytes: mediumBytes, udfBytes: null };
}
const nothing = { archives: [], openJobs: [], inDrives: new Set<string>(), previous: null, uncounted: false };

/** A DVD of 4.7 GB called HOLIDAY in drive a, a CD of 700 MB called SONGS in drive b. */
const whoTakesThem = (desired: Desired) =>
  discs.map(({ drive, disc }) => {
    const decision = decideDisc(desired, drive, disc, nothing);
    const rule = decision.kind === 'image' ? decision.rule : null;
    return rule === null ? decision.kind : rule.name;
  });
const ofAnArchivedDisc = (desired: Desired) =>
  decideDisc(desired, 'a', sampleDisc(), { ...nothing, archives: [sampleArchive()] }).kind;
/** The DVD waits longer than the CD. */
const whoseTurnItIs = (desired: Desired) =>
  queueOrder(
    discs.map(({ drive, disc }, index) => {
      const decision = decideDisc(desired, drive, disc, nothing);
      const settings = decision.kind === 'image' ? decision.settings : desired.defaults;
      const id = `job_${index}` as ReturnType<typeof sampleJob>['id'];
      return sampleJob({ kind: 'queued' }, { id, name: String(disc.label), settings });
    }),
  ).map(({ name }) => name);

const full = (percent: number) => ({
  storage: { totalBytes: 100_000, usedBytes: percent * 1000, availableBytes: (100 - percent) * 1000 },
});
const aRunningJob = sampleJob({ kind: 'imaging' });
const running = { jobs: [aRunningJob], running: new Set([aRunningJob.id]) };

const opticalDrives = async (desired: Desired, { machine }: Setting) => {
  const found = await Promise.all(desired.drives.slice(1).map((spec) => machine.port.observe(spec)));
  return found.flat().map(({ id, path }) => `${id} is ${path.slice(machine.root.length)}`);
};
const filesTaken = async (desired: Desired, { t }: Setting) => {
  const port = new FolderDrive({ clock, log: recordLog() });
  t.after(() => port.close());
  const found = await Promise.all(desired.drives.slice(1).map((spec) => port.observe(spec)));
  return found.flat().flatMap(({ media }) => media.map(({ name }) => name));
};

export const whatIsBegun: KeyTable = {
  suspend: { file: 'suspend: true', see: jobStates, is: [], otherwise: ['completed'] },
  'storage.warn_at': {
    file: 'storage: {warn_at: "80%"}',
    see: (desired) =>
      draftConditions(desired, sampleObserved(full(85))).find(({ subject }) => subject === 'storage')?.reason,
    is: 'storage_warning',
    otherwise: 'ok',
  },
  'storage.stop_at': {
    file: 'storage: {stop_at: "92%"}',
    see: (desired) => plan(desired, sampleObserved({ ...full(93), ...running })).map(({ kind }) => kind),
    is: ['pause'],
    otherwise: [],
  },
};

export const drives: KeyTable = {
  'drives[].name': {
    file: 'drives: [{name: upper, device: "@ROOT@/dev/sr0"}]',
    insteadOf: 'drives: [{name: lower, device: "@ROOT@/dev/sr0"}]',
    see: opticalDrives,
    is: ['upper is /dev/sr0'],
    otherwise: ['lower is /dev/sr0'],
  },
  'drives[].device': {
    file: 'drives: [{name: tray, device: "@ROOT@/dev/sr1"}]',
    insteadOf: 'drives: [{name: tray, device: "@ROOT@/dev/sr0"}]',
    see: opticalDrives,
    is: ['tray is /dev/sr1'],
    otherwise: ['tray is /dev/sr0'],
  },
  'drives[].udev_id': {
    file: 'drives: [{name: tray, udev_id: ASUS_1}]',
    insteadOf: 'drives: [{name: tray, udev_id: ASUS_2}]',
    see: opticalDrives,
    is: ['tray is /dev/sr1'],
    otherwise: [],
  },
  'drives[].folder': {
    file: 'drives: [{name: inbox, folder: "@ROOT@/in"}]',
    insteadOf: 'drives: [{name: inbox, folder: "@ROOT@/other"}]',
    see: filesTaken,
    is: ['disc.iso'],
    otherwise: [],
  },
  'drives[].suspend': {
    file: 'drives: [{name: b, device: /dev/b, suspend: true}]',
    see: jobsOfDriveB,
    is: [],
    otherwise: ['b'],
  },
};

/** How a disc is imaged where no rule says otherwise, and by a rule. DISC_1 is in drive a. */
const imaged: Readonly<Record<string, Pick<KeyTable[string], 'see' | 'is' | 'otherwise'> & { readonly set: string }>> =
  {
    read_attempts: { set: '9', see: retriesOfABadSector, is: 8, otherwise: 4 },
    sector_size: { set: '4096', see: sectorSizeOfTheReading, is: 4096, otherwise: 2048 },
    verify: { set: 'false', see: readingsOfTheImage, is: 0, otherwise: 1 },
    checksums: {
      set: '[sha1, sha512]',
      see: computedChecksums,
      is: [['sha1', 'sha512']],
      otherwise: [['md5', 'sha256']],
    },
    eject: { set: 'never', see: leftInTheTray, is: 1, otherwise: null },
    path: { set: '"of-{drive}/{label}"', see: pathInLibrary, is: ['of-a/DISC_1.iso'], otherwise: ['dvd/DISC_1.iso'] },
  };

export const defaults: KeyTable = {
  ...Object.fromEntries(
    Object.entries(imaged).map(([key, { set, ...row }]) => [
      `defaults.${key}`,
      { ...row, file: `defaults: {${key}: ${set}}` },
    ]),
  ),
  'defaults.priority': {
    file: 'defaults: {priority: low}\nrules: [{name: songs, match: {label: SONGS}, priority: normal}]',
    see: whoseTurnItIs,
    is: ['SONGS', 'HOLIDAY'],
    otherwise: ['HOLIDAY', 'SONGS'],
  },
};

export const rules: KeyTable = {
  ...Object.fromEntries(
    Object.entries(imaged)
      .filter(([key]) => key !== 'sector_size')
      .map(([key, { set, ...row }]) => [
        `rules[].${key}`,
        { ...row, file: `rules: [{name: first, match: {label: DISC_1}, ${key}: ${set}}]` },
      ]),
  ),
  'rules[].name': {
    file: 'rules: [{name: films}]',
    insteadOf: 'rules: [{name: series}]',
    see: madeBy,
    is: ['films'],
    otherwise: ['series'],
  },
  'rules[].match.media': {
    file: 'rules: [{name: r, match: {media: [cd, bd]}}]',
    see: whoTakesThem,
    is: ['image', 'r'],
    otherwise: ['r', 'r'],
  },
  'rules[].match.label': {
    file: 'rules: [{name: r, match: {label: "HOLI*"}}]',
    see: whoTakesThem,
    is: ['r', 'image'],
    otherwise: ['r', 'r'],
  },
  'rules[].match.drive': {
    file: 'rules: [{name: r, match: {drive: a}}]',
    see: whoTakesThem,
    is: ['r', 'image'],
    otherwise: ['r', 'r'],
  },
  'rules[].match.min_size': {
    file: 'rules: [{name: r, match: {min_size: 1GB}}]',
    see: whoTakesThem,
    is: ['r', 'image'],
    otherwise: ['r', 'r'],
  },
  'rules[].match.max_size': {
    file: 'rules: [{name: r, match: {max_size: 1GB}}]',
    see: whoTakesThem,
    is: ['image', 'r'],
    otherwise: ['r', 'r'],
  },
  'rules[].action': {
    file: 'rules: [{name: r, action: ignore}]',
    see: whoTakesThem,
    is: ['ignore', 'ignore'],
    otherwise: ['r', 'r'],
  },
  'rules[].on_duplicate': {
    file: 'rules: [{name: r, on_duplicate: image}]',
    see: ofAnArchivedDisc,
    is: 'image',
    otherwise: 'duplicate',
  },
  'rules[].suspend': {
    file: 'rules: [{name: r, suspend: true}]',
    see: jobStates,
    is: ['queued'],
    otherwise: ['completed'],
  },
  'rules[].priority': {
    file: 'rules: [{name: songs, match: {label: SONGS}, priority: high}]',
    see: whoseTurnItIs,
    is: ['SONGS', 'HOLIDAY'],
    otherwise: ['HOLIDAY', 'SONGS'],
  },
};
