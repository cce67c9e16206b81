import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  appendFile,
  chmod,
  link,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FolderDrive } from '../../src/adapters/folder-drive.js';
import { numberedName } from '../../src/adapters/folder-drive-done.js';
import type { DriveSpec } from '../../src/core/drive.js';
import { Fault } from '../../src/core/fault.js';
import { contractOfDrives } from './drive-contract.js';
import { clock, eventually, identified, noStop, observeOne, recordLog, settled } from './drive-rig.js';
import { tinyIso } from './recorded-image.js';

const settleMs = 60;
const specOf = (folder: string): DriveSpec => ({ name: 'dropbox', source: { kind: 'folder', folder }, suspend: false });

contractOfDrives('folder', async () => {
  const root = await mkdtemp(join(tmpdir(), 'folder-drive-'));
  const folder = join(root, 'in');
  await mkdir(folder);
  const port = new FolderDrive({ clock, log: recordLog(), settleMs });
  return {
    port,
    spec: specOf(folder),
    absentSpec: specOf(join(root, 'not', 'there')),
    insert: (image) => writeFile(join(folder, 'disc.iso'), image),
    remove: () => rm(join(folder, 'disc.iso')),
    async end() {
      await port.close();
      await rm(root, { recursive: true });
    },
  };
});

interface Place {
  readonly folder: string;
  readonly spec: DriveSpec;
  readonly port: FolderDrive;
  readonly log: ReturnType<typeof recordLog>;
}

async function setUp(
  t: TestContext,
  options: { settleMs?: number; uid?: number; monotonic?: () => number } = {},
): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'folder-drive-'));
  const folder = join(root, 'in');
  await mkdir(folder);
  const log = recordLog();
  const monotonic = options.monotonic ?? clock.monotonic;
  const port = new FolderDrive({ settleMs, ...options, clock: { ...clock, monotonic }, log });
  t.after(async () => {
    await port.close();
    await rm(root, { recursive: true });
  });
  return { folder, spec: specOf(folder), port, log };
}

/** A place whose time stands still until it is moved on. */
async function setUpTime(t: TestContext, options: { uid?: number } = {}) {
  let now = 1000;
  const place = await setUp(t, { ...options, settleMs: 2000, monotonic: () => now });
  return {
    ...place,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

const names = async ({ port, spec }: Place) => (await observeOne(port, spec)).media.map((medium) => medium.name);

test('only regular files with an image name count, the others are reported once', async (t) => {
  const place = await setUp(t);
  const { folder, log } = place;
  for (const name of ['a.iso', 'B.ISO', 'c.img', 'd.udf', 'e.cdr', 'f.toast', '-rf .iso']) {
    await writeFile(join(folder, name), 'x');
  }
  const others = [
    'g.bin',
    'h.iso.part',
    '.i.iso',
    '.j.iso.Xa12bC',
    'k.iso~',
    'l.txt',
    'm',
    'n.iso.crdownload',
    'o.nrg',
  ];
  for (const name of others) await writeFile(join(folder, name), 'x');
  await mkdir(join(folder, 'p.iso'));
  await symlink(join(folder, 'a.iso'), join(folder, 'q.iso'));
  const found = await names(place);
  assert.deepEqual(found.sort(), ['-rf .iso', 'B.ISO', 'a.iso', 'c.img', 'd.udf', 'e.cdr', 'f.toast']);
  await names(place);
  assert.equal(log.lines.filter((line) => line.message.includes('ignored')).length, others.length + 2);
});

test('the oldest comes first, then the name decides', async (t) => {
  const place = await setUp(t);
  for (const [name, time] of [
    ['new.iso', 300],
    ['b.iso', 200],
    ['a.iso', 200],
    ['old.iso', 100],
  ] as const) {
    await writeFile(join(place.folder, name), 'x');
    await utimes(join(place.folder, name), time, time);
  }
  assert.deepEqual(await names(place), ['old.iso', 'a.iso', 'b.iso', 'new.iso']);
});

test('a file settles once it has stayed as it is for the settle time', async (t) => {
  const place = await setUpTime(t);
  const { folder, port, spec, pass } = place;
  const isSettled = async () => (await observeOne(port, spec)).media[0]?.settled;
  const path = join(folder, 'disc.iso');
  await writeFile(path, 'one');
  assert.equal(await isSettled(), false);
  pass(1999);
  assert.equal(await isSettled(), false);
  await appendFile(path, 'two');
  assert.equal(await isSettled(), false);
  pass(1999);
  assert.equal(await isSettled(), false);
  pass(1);
  assert.equal(await isSettled(), true);
  await appendFile(path, 'three');
  assert.equal(await isSettled(), false, 'written to again: another medium');
});

test('a copy that stalls is not taken while it is open, and is once it is closed', async (t) => {
  const { folder, port, spec, pass } = await setUpTime(t);
  const isSettled = async () => (await observeOne(port, spec)).media[0]?.settled;
  // another process, as a copy would be
  const copier = spawn('sh', ['-c', 'exec 3>>"$1"; echo part >&3; echo ready; read go', '-', join(folder, 'a.iso')]);
  t.after(() => copier.kill());
  await new Promise((resolve) => copier.stdout.once('data', resolve));
  assert.equal(await isSettled(), false);
  pass(60_000);
  assert.equal(await isSettled(), false);
  copier.stdin.end('go\n');
  await new Promise((resolve) => copier.once('exit', resolve));
  assert.equal(await isSettled(), true);
});

test('what another user writes is left alone for a minute after each change, as nobody sees the writer', async (t) => {
  const { folder, port, spec, pass } = await setUpTime(t, { uid: (process.getuid?.() ?? 0) + 1 });
  const settledAfter = async (milliseconds: number) => {
    pass(milliseconds);
    return (await observeOne(port, spec)).media[0]?.settled;
  };
  await writeFile(join(folder, 'a.iso'), 'half');
  assert.equal(await settledAfter(0), false);
  assert.equal(await settledAfter(59_999), false);
  await appendFile(join(folder, 'a.iso'), 'whole');
  assert.equal(await settledAfter(0), false);
  assert.equal(await settledAfter(59_999), false);
  assert.equal(await settledAfter(1), true);
});

test('what another user uploads under another name and renames is taken at once', async (t) => {
  const { folder, port, spec, pass } = await setUpTime(t, { uid: (process.getuid?.() ?? 0) + 1 });
  await writeFile(join(folder, '.a.iso.new'), 'whole');
  await eventually(async () => {
    // the times of files advance in steps of some milliseconds
    await rename(join(folder, '.a.iso.new'), join(folder, 'a.iso'));
    const { ctimeNs, mtimeNs } = await stat(join(folder, 'a.iso'), { bigint: true });
    if (ctimeNs > mtimeNs) return true;
    await rename(join(folder, 'a.iso'), join(folder, '.a.iso.new'));
    return false;
  });
  await port.observe(spec);
  pass(2000);
  assert.equal((await observeOne(port, spec)).media[0]?.settled, true);
});

test('a file that is written to after it settled is told from one that is gone', async (t) => {
  const { folder, port, spec } = await setUp(t);
  const path = join(folder, 'a.iso');
  await writeFile(path, tinyIso('ONE'));
  const { device, medium } = await settled(port, spec);
  await appendFile(path, 'more');
  assert.equal(await port.isRewritten(device, medium), true);
  await observeOne(port, spec);
  assert.equal(await port.isRewritten(device, medium), true);
  await rm(path);
  assert.equal(await port.isRewritten(device, medium), false);
});

test('a file that is open for reading alone has landed', async (t) => {
  const { folder, port, spec, pass } = await setUpTime(t);
  await writeFile(join(folder, 'a.iso'), 'x');
  const reader = await open(join(folder, 'a.iso'), 'r');
  t.after(() => reader.close());
  await port.observe(spec);
  pass(2000);
  assert.equal((await observeOne(port, spec)).media[0]?.settled, true);
});

test('a download is waited for as long as its partial file lies beside it', async (t) => {
  const { folder, port, spec, pass } = await setUpTime(t);
  await writeFile(join(folder, 'a.iso'), '');
  await writeFile(join(folder, 'a.iso.part'), 'half');
  await port.observe(spec);
  pass(5000);
  assert.equal((await observeOne(port, spec)).media[0]?.settled, false);
  await rename(join(folder, 'a.iso.part'), join(folder, 'a.iso'));
  await port.observe(spec);
  pass(5000);
  const medium = (await observeOne(port, spec)).media[0];
  assert.equal(medium?.settled, true);
  assert.equal(medium?.fault, null);
});

test('replacing a file is a new medium even where name, size and time are kept', async (t) => {
  const { folder, port, spec } = await setUp(t);
  const path = join(folder, 'a.iso');
  await writeFile(path, tinyIso('ONE'));
  await utimes(path, 1000, 1000);
  const before = await settled(port, spec);
  await writeFile(`${path}.new`, tinyIso('TWO'));
  await utimes(`${path}.new`, 1000, 1000);
  await rename(`${path}.new`, path);
  assert.equal(await port.holds(before.device, before.medium), false);
  const after = await settled(port, spec);
  assert.notEqual(after.medium.key, before.medium.key);
  assert.equal((await identified(port, spec)).label, 'TWO');
});

test('two names of one file are two media', async (t) => {
  const { folder, port, spec } = await setUp(t);
  await writeFile(join(folder, 'a.iso'), 'x');
  await link(join(folder, 'a.iso'), join(folder, 'b.iso'));
  const { media } = await observeOne(port, spec);
  assert.equal(new Set(media.map((medium) => medium.key)).size, 2);
});

test('an empty file is a medium that says what to do', async (t) => {
  const { folder, port, spec } = await setUp(t);
  await writeFile(join(folder, 'a.iso'), '');
  const { device, medium } = await settled(port, spec);
  assert.equal(medium.fault?.code, 'disc_unsupported');
  assert.match(medium.fault?.message ?? '', /a\.iso.*empty; copy/);
  await assert.rejects(port.identify(device, medium, noStop), { code: 'disc_unsupported' });
});

test('a file of any size is identified, raw CD sectors are refused', async (t) => {
  const { folder, port, spec } = await setUp(t);
  const path = join(folder, 'a.iso');
  await writeFile(path, tinyIso('ODD').subarray(0, 40 * 2048 + 300));
  assert.equal((await identified(port, spec)).sizes.mediumBytes, 40 * 2048 + 300);
  await writeFile(path, Buffer.concat([Buffer.from([0, ...Array(10).fill(255), 0]), Buffer.alloc(100_000)]));
  await assert.rejects(identified(port, spec), { code: 'disc_unsupported' });
});

test('awkward names are taken and given back: newlines, 255 bytes, a leading dash', async (t) => {
  const { folder, port, spec } = await setUp(t);
  const awkward = ['a\nb.iso', `${'ü'.repeat(125)}x.iso`, '--help.iso', ' .iso', 'a"b\\c\u0007.iso'];
  for (const name of awkward) await writeFile(join(folder, name), tinyIso('ANY'));
  const device = await eventually(async () => {
    const found = await observeOne(port, spec);
    return found.media.every((medium) => medium.settled) && found;
  });
  assert.deepEqual(device.media.map((medium) => medium.name).sort(), [...awkward].sort());
  for (const medium of device.media) {
    assert.equal((await port.identify(device, medium, noStop)).label, 'ANY');
    await port.eject(device, medium);
  }
  assert.deepEqual((await readdir(join(folder, 'done'))).sort(), [...awkward].sort());
});

test('a name that is not UTF-8 asks to be renamed, and can be moved away all the same', async (t) => {
  const { folder, port, spec } = await setUp(t);
  const name = Buffer.from('M\xfcnchen.iso', 'latin1');
  await writeFile(Buffer.concat([Buffer.from(`${folder}/`), name]), tinyIso('ANY'));
  const { device, medium } = await settled(port, spec);
  assert.equal(medium.name, 'M\ufffdnchen.iso');
  assert.equal(medium.fault?.code, 'disc_unsupported');
  assert.match(medium.fault?.message ?? '', /not valid UTF-8; rename/);
  await port.eject(device, medium);
  assert.deepEqual(await readdir(join(folder, 'done'), { encoding: 'buffer' }), [name]);
  assert.deepEqual((await observeOne(port, spec)).media, []);
});

test('nothing in done is ever overwritten', async (t) => {
  const { folder, port, spec } = await setUp(t);
  for (const text of ['first', 'second', 'third']) {
    await writeFile(join(folder, 'a.iso'), text);
    const { device, medium } = await settled(port, spec);
    await port.eject(device, medium);
  }
  const done = join(folder, 'done');
  assert.equal(await readFile(join(done, 'a.iso'), 'utf8'), 'first');
  assert.equal(await readFile(join(done, 'a (2).iso'), 'utf8'), 'second');
  assert.equal(await readFile(join(done, 'a (3).iso'), 'utf8'), 'third');
});

test('a suffix keeps a name within 255 bytes and its characters whole', () => {
  const long = Buffer.from(`${'ü'.repeat(125)}x.iso`).toString('latin1');
  assert.equal(numberedName(long, 1), long);
  const cut = Buffer.from(numberedName(long, 2), 'latin1');
  assert.ok(cut.length <= 255 && cut.length > 245);
  assert.match(cut.toString('utf8'), /^ü+ \(2\)\.iso$/);
});

test('a file that took the place of another is not moved away', async (t) => {
  const { folder, port, spec } = await setUp(t);
  await writeFile(join(folder, 'a.iso'), 'one');
  const { device, medium } = await settled(port, spec);
  await writeFile(join(folder, 'a.iso'), 'another');
  await assert.rejects(port.eject(device, medium), { code: 'source_changed' });
  assert.equal(await readFile(join(folder, 'a.iso'), 'utf8'), 'another');
});

test('where done cannot be a folder the disc stays and the fault says why', async (t) => {
  const { folder, port, spec } = await setUp(t);
  await writeFile(join(folder, 'done'), 'a file');
  await writeFile(join(folder, 'a.iso'), 'one');
  const { device, medium } = await settled(port, spec);
  await assert.rejects(port.eject(device, medium), (error) => error instanceof Fault && error.code === 'io_error');
  assert.equal(await readFile(join(folder, 'a.iso'), 'utf8'), 'one');
});

test('a missing folder is made, a file in its place is a fault', async (t) => {
  const { folder, port } = await setUp(t);
  const made = specOf(join(folder, 'new'));
  assert.equal((await observeOne(port, made)).state, 'empty');
  assert.deepEqual(await readdir(join(folder, 'new')), []);
  await writeFile(join(folder, 'file'), 'x');
  const device = await observeOne(port, specOf(join(folder, 'file')));
  assert.equal(device.state, 'faulty');
  assert.equal(device.fault?.code, 'io_error');
});

test('a folder that may not be read is a fault', {
  skip: process.getuid?.() === 0 && 'root may read all',
}, async (t) => {
  const { folder, port, spec } = await setUp(t);
  await chmod(folder, 0);
  t.after(() => chmod(folder, 0o700));
  const device = await observeOne(port, spec);
  assert.equal(device.fault?.code, 'permission_denied');
});

test('a file that landed is hinted at soon after it settled, with nobody looking in between', async (t) => {
  const { folder, port, spec } = await setUp(t, { settleMs: 300 });
  let taken = false;
  let looking = Promise.resolve();
  port.watch([spec], () => {
    looking = looking.then(async () => {
      const { media } = await observeOne(port, spec);
      if (media[0]?.settled) taken = true;
    });
  });
  await port.observe(spec);
  await writeFile(join(folder, 'a.iso'), 'x');
  await eventually(async () => taken);
});

test('hints come again after the folder was replaced', async (t) => {
  const { folder, port, spec } = await setUp(t);
  let hints = 0;
  port.watch([spec], () => {
    hints += 1;
    void port.observe(spec);
  });
  await port.observe(spec);
  const hinted = async () => {
    const before = hints;
    return await eventually(async () => hints > before);
  };
  const gone = hinted();
  await rename(folder, `${folder}-old`);
  await mkdir(folder);
  await gone;
  await eventually(async () => {
    const before = hints;
    await writeFile(join(folder, `${before}.iso`), 'x');
    return await eventually(async () => hints > before, 1000).catch(() => false);
  });
});

test('thousands of files are looked at without holding up the event loop', async (t) => {
  const { folder, port, spec } = await setUp(t);
  for (let i = 0; i < 3000; i += 100) {
    await Promise.all(
      Array.from({ length: 100 }, (_, j) => writeFile(join(folder, `${i + j}.${j % 2 ? 'iso' : 'txt'}`), 'x')),
    );
  }
  let longest = 0;
  let last = performance.now();
  const ticker = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  assert.equal((await observeOne(port, spec)).media.length, 1500);
  await eventually(async () => (await observeOne(port, spec)).media.every((medium) => medium.settled));
  clearInterval(ticker);
  assert.ok(longest < 500, `held up for ${longest} ms`);
});
