import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { archiveId } from './canned.js';
import { makeFolder, startFakeDaemon } from './fake-daemon.js';
import { runCli } from './run-program.js';

const digest = (algorithm: string, data: Buffer) => createHash(algorithm).update(data).digest('hex');

/** An image as the library leaves it. */
function makeImage(context: TestContext, name = 'A disc.iso') {
  const folder = makeFolder(context);
  const file = join(folder, name);
  const data = Buffer.alloc(5_000_000, 'disk2iso');
  writeFileSync(file, data);
  const manifest = {
    manifest_version: 1,
    image: {
      file_name: name,
      size_bytes: data.length,
      checksums: { md5: digest('md5', data), sha256: digest('sha256', data) },
    },
    verdict: { kind: 'complete', bad_bytes: 0, bad_ranges: [] },
  };
  const writeManifest = (change: object = {}) =>
    writeFileSync(`${file}.json`, JSON.stringify({ ...manifest, ...change }));
  writeManifest();
  writeFileSync(`${file}.sha256`, `${digest('sha256', data)}  ${name}\n`);
  return { folder, file, data, writeManifest };
}

test('a file is compared with its manifest and its checksum files, without a daemon', async (context) => {
  const { folder, file, data } = makeImage(context);
  writeFileSync(`${file}.blake2b512`, `${digest('blake2b512', data)}  A disc.iso\n`);
  for (const name of ['A disc.iso', 'A disc.iso.sha256', 'A disc.iso.json', file]) {
    const { stdout, stderr, status } = await runCli(['verify', name], { folder });
    assert.deepEqual([stdout, stderr, status], [`${file}: match (md5, sha256, blake2b512)\n`, '', 0]);
  }
  const { stdout } = await runCli(['verify', file, '--json']);
  assert.deepEqual(JSON.parse(stdout), {
    file,
    size_bytes: data.length,
    result: 'match',
    differing: [],
    checksums: { md5: digest('md5', data), sha256: digest('sha256', data), blake2b512: digest('blake2b512', data) },
    verdict: 'complete',
  });
});

test('one byte changed, one appended, and checksum files that disagree are all found', async (context) => {
  const { file, data, writeManifest } = makeImage(context);
  const changed = Buffer.from(data);
  changed[4_999_999] = 0;
  writeFileSync(file, changed);
  const first = await runCli(['verify', file]);
  assert.deepEqual([first.stdout, first.status], [`${file}: differs in md5, sha256\n`, 1]);
  assert.match(first.stderr, /keep the file, check the disk/);
  writeFileSync(file, data);
  appendFileSync(file, 'x');
  assert.match((await runCli(['verify', file])).stdout, /differs in size, md5, sha256/);
  writeFileSync(file, data);
  writeManifest({ image: { checksums: { md5: digest('md5', data), sha256: '0'.repeat(64) } } });
  const json = await runCli(['verify', file, '--json']);
  assert.equal(json.status, 1);
  assert.deepEqual((JSON.parse(json.stdout) as { differing: string[] }).differing, ['sha256']);
});

test('checksum files as coreutils write them are read, with odd names too', async (context) => {
  const { folder, file } = makeImage(context, 'back\\slash\nand line.iso');
  const line = execFileSync('sha256sum', ['back\\slash\nand line.iso'], { cwd: folder });
  assert.ok(line.toString().startsWith('\\'));
  writeFileSync(`${file}.sha256`, line);
  unlinkSync(`${file}.json`);
  const { stdout, status } = await runCli(['verify', file]);
  assert.deepEqual([status, stdout], [0, `${file.replace('\n', '�')}: match (sha256)\n`]);
  const binary = execFileSync('sha256sum', ['--binary', file], { cwd: folder }).toString();
  const other = `${'0'.repeat(64)} *other.iso\n`;
  writeFileSync(`${file}.sha256`, other + other.replace('other', 'third'));
  assert.equal((await runCli(['verify', file])).status, 1);
  writeFileSync(join(folder, 'list.iso'), readFileSync(file));
  writeFileSync(join(folder, 'list.iso.sha256'), other + binary.replace(/^\\/, '').replace(/\*.*/s, '*list.iso\n'));
  assert.equal((await runCli(['verify', join(folder, 'list.iso')])).status, 0);
});

test('an image of a damaged disc is as archived, and that is said', async (context) => {
  const { file, writeManifest, data } = makeImage(context);
  writeManifest({
    image: { size_bytes: data.length, checksums: { md5: digest('md5', data) } },
    verdict: { kind: 'damaged' },
  });
  const { stderr, status } = await runCli(['verify', file]);
  assert.deepEqual(
    [status, stderr],
    [0, `The image is as it was archived, but the disc was damaged: see ${file}.json.\n`],
  );
});

test('what cannot be verified says why: no file, no checksums, a folder, a pipe, a broken manifest', async (context) => {
  const { folder, file } = makeImage(context);
  mkdirSync(join(folder, 'folder.iso'));
  execFileSync('mkfifo', [join(folder, 'pipe.iso')]);
  writeFileSync(join(folder, 'alone.iso'), 'x');
  for (const name of ['folder.iso', 'pipe.iso', 'gone.iso']) {
    writeFileSync(join(folder, `${name}.md5`), `${'0'.repeat(32)}  ${name}\n`);
  }
  for (const [name, message] of [
    ['gone.iso', /gone\.iso does not exist/],
    ['alone.iso', /nothing to compare .* neither alone\.iso\.json nor alone\.iso\.sha256/],
    ['folder.iso', /folder\.iso is no file/],
    ['pipe.iso', /pipe\.iso is no file/],
  ] as const) {
    const { stdout, stderr, status } = await runCli(['verify', name], { folder });
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, message);
  }
  writeFileSync(`${file}.json`, '{');
  assert.match((await runCli(['verify', file])).stderr, /A disc\.iso\.json is not JSON/);
  for (const odd of ['null', '[]', '{"image":5,"verdict":[]}', '{"image":{"checksums":{"md5":7}}}']) {
    writeFileSync(`${file}.json`, odd);
    assert.equal((await runCli(['verify', file])).status, 0, odd);
  }
  writeFileSync(`${file}.sha256`, 'nonsense\n');
  assert.match((await runCli(['verify', file])).stderr, /A disc\.iso\.sha256 holds no checksum/);
});

test('an archive is verified by the daemon, however long that takes', async (context) => {
  const at = '2025-12-31T12:00:03.000Z';
  const results = [
    { result: 'match', at, algorithms: [] },
    { result: 'mismatch', at, algorithms: ['md5', 'sha256'] },
    { result: 'missing', at, algorithms: [] },
  ];
  let turn = 0;
  const { socket, asked } = await startFakeDaemon(context, {
    [`POST /api/v1/archives/${archiveId}/verify`]: (response) => {
      response.end(JSON.stringify({ archive_id: archiveId, verification: results[turn++] }));
    },
  });
  const said = `${archiveId}: `;
  const first = await runCli(['verify', archiveId], { socket });
  assert.deepEqual([first.stdout, first.status], [`${said}match, 2025-12-31 12:00:03\n`, 0]);
  const second = await runCli(['verify', archiveId], { socket });
  assert.deepEqual([second.stdout, second.status], [`${said}mismatch in md5, sha256, 2025-12-31 12:00:03\n`, 1]);
  const third = await runCli(['verify', archiveId, '--json'], { socket });
  assert.deepEqual([JSON.parse(third.stdout), third.status], [{ archive_id: archiveId, verification: results[2] }, 1]);
  assert.equal(asked.length, 3);
});
