import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createRescuer } from '../../src/adapters/ddrescue.js';
import { rescueCommand } from '../../src/adapters/ddrescue-command.js';
import { opensWithoutClosing } from '../../src/adapters/ddrescue-reopen.js';
import type { RescueProgress } from '../../src/core/imaging-ports.js';
import { bytesWith, rangesWithout, rescuedPrefix } from '../../src/core/rescue-map.js';
import { ignore, isFault, never, RescueBed, sectorSize, until } from './rescue-bed.js';

const rescuer = createRescuer({ progressMs: 20, lockWaitSeconds: 0 });
const sizeBytes = 3_000_000;
/** In the middle of a cluster, two sectors long; and one that begins a cluster. */
const bad = [
  { start: 300 * sectorSize, length: 2 * sectorSize },
  { start: 640 * sectorSize, length: sectorSize },
];

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const runningPid = (bed: RescueBed): Promise<number> =>
  until(async () => (await bed.processes())[0]?.pid ?? null, 'ddrescue to start');

describe('ddrescue', () => {
  let bed: RescueBed;
  beforeEach(async () => {
    bed = await RescueBed.create(sizeBytes);
  });
  afterEach(() => bed.remove());

  test('tells its version', async () => {
    assert.match(await rescuer.version(), /^1\.\d+/);
  });

  test('a sweep over a good source ends with the whole image and an up-to-date map', async () => {
    const seen: RescueProgress[] = [];
    const end = await rescuer.run(bed.request({ kind: 'sweep' }), (progress) => seen.push(progress), never);
    assert.equal(end.kind, 'finished');
    assert.deepEqual(rangesWithout(end.map, '+', sizeBytes), []);
    assert.ok((await bed.image()).equals(bed.content));
    assert.deepEqual(seen.at(-1), { rescuedBytes: sizeBytes, badBytes: 0, readErrors: 0 });
  });

  test('while a sweep runs, the image is just its rescued prefix, and progress follows it', async () => {
    await bed.simulate([], 2_000_000);
    const seen: RescueProgress[] = [];
    const running = rescuer.run(bed.request({ kind: 'sweep' }), (progress) => seen.push(progress), never);
    const part = await until(async () => {
      const image = await bed.image().catch(() => null);
      return image !== null && image.length > 0 ? image : null;
    }, 'the image to grow');
    assert.ok(part.length < sizeBytes && part.equals(bed.content.subarray(0, part.length)));
    await running;
    assert.ok(seen.some(({ rescuedBytes }) => rescuedBytes > 0 && rescuedBytes < sizeBytes));
  });

  test('a sweep ends at the first read error, with nothing but the prefix', async () => {
    await bed.simulate(bad, null);
    const end = await rescuer.run(bed.request({ kind: 'sweep' }), ignore, never);
    assert.equal(end.kind, 'read_error');
    const image = await bed.image();
    assert.equal(image.length, rescuedPrefix(end.map));
    assert.ok(image.length > 0 && image.length <= 300 * sectorSize);
    assert.ok(image.equals(bed.content.subarray(0, image.length)));
  });

  test('copy, then rescue, leave exactly the bad sectors out', async () => {
    await bed.simulate(bad, null);
    await rescuer.run(bed.request({ kind: 'sweep' }), ignore, never);
    const copied = await rescuer.run(bed.request({ kind: 'copy' }), ignore, never);
    assert.equal(copied.kind, 'finished');
    assert.ok(rangesWithout(copied.map, '+', sizeBytes).every(({ length }) => length <= 128 * 1024));
    const seen: RescueProgress[] = [];
    const mode = { kind: 'rescue', retryPasses: 2, giveUpSeconds: null } as const;
    const end = await rescuer.run(bed.request(mode), (progress) => seen.push(progress), never);
    assert.equal(end.kind, 'finished');
    assert.deepEqual(rangesWithout(end.map, '+', sizeBytes), bad);
    const expected = Buffer.from(bed.content);
    for (const { start, length } of bad) expected.fill(0, start, start + length);
    assert.ok((await bed.image()).equals(expected));
    const last = seen.at(-1);
    assert.equal(last?.badBytes, 3 * sectorSize);
    assert.ok((last?.readErrors ?? 0) >= 6, `three sectors, two passes more: ${last?.readErrors}`);
  });

  test('a rescue that may give up does, where nothing is read for so long', async () => {
    await bed.simulate([{ start: 0, length: sizeBytes }], null);
    await rescuer.run(bed.request({ kind: 'copy' }), ignore, never);
    await bed.replaceDdrescue(`exec ddrescue -H ${join(bed.folder, 'bad.map')} --pause-on-error=1s "$@"`);
    const mode = { kind: 'rescue', retryPasses: 0, giveUpSeconds: 1 } as const;
    const end = await rescuer.run(bed.request(mode), ignore, never);
    assert.equal(end.kind, 'finished');
    assert.ok(bytesWith(end.map, '/') > 0, 'it would have gone on');
  });

  test('stopped, it keeps its map; started again, it goes on from there', async () => {
    await bed.simulate([], 1_000_000);
    const stop = new AbortController();
    const end = await rescuer.run(
      bed.request({ kind: 'sweep' }),
      ({ rescuedBytes }) => {
        if (rescuedBytes > 0) stop.abort();
      },
      stop.signal,
    );
    assert.equal(end.kind, 'stopped');
    const prefix = rescuedPrefix(end.map);
    assert.ok(prefix > 0 && prefix < sizeBytes);
    assert.equal((await stat(join(bed.work, 'image'))).size, prefix);
    await bed.simulate([], null);
    assert.equal((await rescuer.run(bed.request({ kind: 'sweep' }), ignore, never)).kind, 'finished');
    assert.ok((await bed.image()).equals(bed.content));
  });

  test('stopped before it began, it reports that nothing is rescued', async () => {
    const stop = new AbortController();
    stop.abort();
    const end = await rescuer.run(bed.request({ kind: 'sweep' }), ignore, stop.signal);
    assert.equal(end.kind, 'stopped');
    assert.ok(rescuedPrefix(end.map) <= sizeBytes);
  });

  test('one that ignores the interrupt is killed, with all it started', { timeout: 120_000 }, async () => {
    const started = join(bed.folder, 'started');
    await bed.replaceDdrescue(`trap '' INT; echo $$ >${started}; sleep 600; true`);
    const stop = new AbortController();
    const running = createRescuer({ interruptMs: 100 }).run(bed.request({ kind: 'sweep' }), ignore, stop.signal);
    const pid = await until(async () => Number(await readFile(started, 'utf8').catch(() => '')) || null, 'its start');
    stop.abort();
    const end = await running;
    assert.equal(end.kind, 'stopped');
    assert.equal(rescuedPrefix(end.map), 0);
    await until(() => !isAlive(-pid) || null, 'its group to end');
  });

  test('a second one on the same work folder is refused while the first lives', async () => {
    await bed.simulate([], 1_000_000);
    const stop = new AbortController();
    const first = rescuer.run(bed.request({ kind: 'sweep' }), ignore, stop.signal);
    await runningPid(bed);
    await assert.rejects(rescuer.run(bed.request({ kind: 'sweep' }), ignore, never), isFault('device_busy'));
    stop.abort();
    assert.equal((await first).kind, 'stopped');
  });

  test('it dies with the daemon, however that dies', async () => {
    // not by its output being cut off
    await bed.replaceDdrescue(`trap '' PIPE; exec ddrescue -Z 100000 "$@"`);
    const request = JSON.stringify(bed.request({ kind: 'sweep' }));
    const module = new URL('../../src/adapters/ddrescue.js', import.meta.url).href;
    const program = `import { createRescuer } from ${JSON.stringify(module)};
      await createRescuer().run(${request}, () => {}, new AbortController().signal);`;
    const daemon = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
    const pid = await runningPid(bed);
    daemon.kill('SIGKILL');
    await until(async () => (await bed.processes()).length === 0 || null, `process ${pid} to end`);
    await bed.simulate([], null);
    await rescuer.run(bed.request({ kind: 'sweep' }), ignore, never);
    assert.ok((await bed.image()).equals(bed.content));
  });

  test('a signal from outside is told as such, and can be tried again', async () => {
    await bed.simulate([], 1_000_000);
    const running = rescuer.run(bed.request({ kind: 'sweep' }), ignore, never);
    running.catch(ignore);
    const pid = await runningPid(bed);
    const group = (await readFile(`/proc/${pid}/stat`, 'latin1')).split(') ')[1]?.split(' ')[2];
    assert.equal(Number(group), pid, 'Ctrl-C in a terminal is for the daemon alone');
    process.kill(pid, 'SIGTERM');
    await assert.rejects(running, isFault('tool_failed', /SIGTERM/));
  });

  test('a drive is read directly and in pieces of its own error correction, a file through the cache', () => {
    const request = bed.request({ kind: 'sweep' });
    const { args } = rescueCommand({ ...request, direct: true }, 10, true);
    assert.ok(args.includes('--idirect') && args.includes('--cluster-size=32'));
    assert.ok(!rescueCommand(request, 10, true).args.includes('--idirect'));
  });

  test('a drive is opened anew after an error only where that pulls no tray in, and where the run goes on', async () => {
    const drive = { ...bed.request({ kind: 'copy' }), direct: true };
    const reopens = (request: typeof drive, allowed: boolean) =>
      rescueCommand(request, 10, allowed).args.includes('--reopen-on-error');
    assert.deepEqual(
      [reopens(drive, true), reopens(drive, false), reopens({ ...drive, mode: { kind: 'sweep' } }, true)],
      [true, false, false],
    );
    assert.equal(reopens({ ...drive, direct: false }, true), false);
    const setting = join(bed.folder, 'autoclose');
    assert.equal(await opensWithoutClosing(setting), false, 'no such setting');
    await writeFile(setting, '1\n');
    assert.equal(await opensWithoutClosing(setting), false);
    await writeFile(setting, '0\n');
    assert.equal(await opensWithoutClosing(setting), true);
  });

  test('an unknown failure carries the last thing ddrescue said', async () => {
    await bed.replaceDdrescue('echo "first" >&2; echo "ddrescue: the moon is wrong" >&2; exit 3');
    await assert.rejects(
      rescuer.run(bed.request({ kind: 'sweep' }), ignore, never),
      isFault('tool_failed', /status 3.*the moon is wrong/),
    );
  });

  test('missing programs are named with the command that installs them', async () => {
    const bin = join(bed.folder, 'few');
    await mkdir(bin);
    const path = process.env.PATH;
    process.env.PATH = bin;
    try {
      await assert.rejects(rescuer.version(), isFault('tool_missing', /apt-get install gddrescue util-linux/));
      await symlink('/usr/bin/flock', join(bin, 'flock'));
      await symlink('/usr/bin/setpriv', join(bin, 'setpriv'));
      await assert.rejects(
        rescuer.run(bed.request({ kind: 'sweep' }), ignore, never),
        isFault('tool_missing', /No ddrescue found.*apt-get install gddrescue$/),
      );
    } finally {
      process.env.PATH = path;
    }
  });
});
