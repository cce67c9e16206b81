import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { subjectOf } from '../../src/core/decide.js';
import { isFinal } from '../../src/core/job.js';
import { decidingRule } from '../../src/core/rule.js';
import { contentOf, SimStation } from './sim-station.js';

const day = 86_400_000;
const base =
  'apiVersion: disk2iso/v1\nstorage: {library: ./library, state: ./state, warn_at: "99.8%", stop_at: "99.9%"}\n';
const both = 'drives: [{name: a, device: /dev/a}, {name: b, device: /dev/b}]\n';

/** Files people may write; the last three are refused. */
const files: readonly { readonly text: string; readonly valid: boolean }[] = [
  { text: `${base}${both}`, valid: true },
  { text: `${base}${both}suspend: true\n`, valid: true },
  { text: `${base}drives: [{name: b, device: /dev/b}]\n`, valid: true },
  { text: `${base}drives: [{name: a, device: /dev/a, suspend: true}, {name: b, device: /dev/b}]\n`, valid: true },
  { text: `${base}${both}rules: [{name: not one, match: {label: DISC_1}, action: ignore}]\n`, valid: true },
  { text: `${base}${both}defaults: {eject: never, checksums: [sha256], path: "{drive}/{label}"}\n`, valid: true },
  { text: `${base}${both}colour: red\n`, valid: false },
  { text: `${base}drives: [{name: a, device: [}`, valid: false },
  { text: '', valid: false },
];

type Step =
  | { readonly kind: 'edit'; readonly file: number; readonly noticed: boolean }
  | { readonly kind: 'insert'; readonly drive: 'a' | 'b'; readonly disc: number; readonly noticed: boolean }
  | { readonly kind: 'remove'; readonly drive: 'a' | 'b'; readonly noticed: boolean }
  | { readonly kind: 'clock'; readonly by: number }
  | { readonly kind: 'rest' }
  | { readonly kind: 'crash' };

const drive = fc.constantFrom('a' as const, 'b' as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('edit' as const), file: fc.nat(files.length - 1), noticed: fc.boolean() }),
  fc.record({ kind: fc.constant('insert' as const), drive, disc: fc.nat(2), noticed: fc.boolean() }),
  fc.record({ kind: fc.constant('remove' as const), drive, noticed: fc.boolean() }),
  fc.record({ kind: fc.constant('clock' as const), by: fc.integer({ min: -3 * day, max: 3 * day }) }),
  fc.constant({ kind: 'rest' as const }),
  fc.constant({ kind: 'crash' as const }),
);

/** What must hold at any time: no image that was entered is gone or altered, and no disc has two jobs or two images. */
async function checkInvariants(sim: SimStation): Promise<void> {
  const { catalog, records } = sim.station.needBooks();
  const { items } = await catalog.archives({ limit: 100, offset: 0 });
  for (const { path, disc } of items) {
    const number = Number(disc.label?.replace('DISC_', ''));
    assert.deepEqual(await readFile(join(sim.library, path)), contentOf(number), path);
  }
  const labels = items.map(({ disc }) => disc.label);
  assert.equal(new Set(labels).size, labels.length, `two images of one disc: ${labels}`);
  const open = records
    .jobs()
    .filter((job) => !isFinal(job))
    .map((job) => job.disc.label);
  assert.equal(new Set(open).size, open.length, `two jobs for one disc: ${open}`);
}

async function take(sim: SimStation, one: Step): Promise<void> {
  switch (one.kind) {
    case 'edit':
      await sim.write(files[one.file]?.text ?? '');
      if (one.noticed) await sim.notice();
      return;
    case 'insert':
      // a disc is one thing: it cannot lie in two drives
      for (const [name, tray] of Object.entries(sim.trays)) if (tray.disc === one.disc) sim.remove(name);
      sim.insert(one.drive, one.disc);
      break;
    case 'remove':
      sim.remove(one.drive);
      break;
    case 'clock':
      sim.now += one.by;
      return;
    case 'rest':
      await sim.pass();
      await sim.rest();
      return;
    case 'crash':
      await sim.crash();
      await sim.boot();
      return;
  }
  if (one.noticed) await sim.pass();
}

/** Passes come by themselves, and time goes by. */
async function settle(sim: SimStation): Promise<void> {
  for (let i = 0; i < 8; i += 1) {
    await sim.pass();
    await sim.rest();
    sim.now += day;
  }
}

async function converges(steps: readonly Step[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'disk2iso-converge-'));
  const sim = new SimStation(folder);
  try {
    await sim.write(files[0]?.text ?? '');
    await sim.boot();
    let [last, seen] = [0, 0];
    for (const one of steps) {
      await take(sim, one);
      if (one.kind === 'edit') {
        last = one.file;
        if (one.noticed && files[last]?.valid) seen = last;
      }
      if (one.kind === 'crash' && files[last]?.valid) seen = last;
      await checkInvariants(sim);
    }
    // however the events were lost: the poll finds the file, the passes find the discs
    await sim.notice();
    if (files[last]?.valid) seen = last;
    await settle(sim);
    for (const name of ['a', 'b']) sim.remove(name);
    await settle(sim);
    sim.insert('a', 0);
    sim.insert('b', 1);
    await settle(sim);
    await checkInvariants(sim);

    const { desired, degraded } = sim.manager.current();
    assert.equal(degraded, !files[last]?.valid, 'degraded where the file as it stands is refused');
    const stood = sim.manager.inForce().files[0]?.content;
    assert.equal(
      stood?.kind === 'bytes' && Buffer.from(stood.bytes).toString(),
      files[seen]?.text,
      'the last valid file',
    );
    const { items } = await sim.station.needBooks().catalog.archives({ limit: 100, offset: 0 });
    for (const [index, name] of ['a', 'b'].entries()) {
      const spec = desired.drives.find((one) => one.name === name);
      const insertion = sim.station
        .needBooks()
        .records.insertions()
        .find((one) => one.device === name);
      if (desired.suspend || spec === undefined || spec.suspend) {
        assert.equal(insertion, undefined, `nothing new is begun in ${name}`);
        continue;
      }
      const label = `DISC_${index}`;
      const disc = items.find((one) => one.disc.label === label)?.disc;
      const known = disc ?? insertion?.disc;
      const ignored = known != null && decidingRule(desired.rules, subjectOf(known, name))?.action === 'ignore';
      assert.ok(ignored || disc !== undefined, `${label} in ${name} is archived`);
    }
  } finally {
    await sim.rest();
    await sim.station.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** CONVERGENCE_RUNS=200 for the long proof. */
const numRuns = Number(process.env.CONVERGENCE_RUNS ?? 8);

test('edits, discs, lost events, crashes and clock jumps in any order come to what the last valid file says', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 14 }), converges), { numRuns });
});
