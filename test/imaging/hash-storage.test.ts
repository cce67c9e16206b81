import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { dropCachedPages } from '../../src/adapters/hash-storage.js';
import { createHasher } from '../../src/adapters/hashing.js';
import { Fault, type FaultCode } from '../../src/core/fault.js';

const isFault = (code: FaultCode) => (error: unknown) => error instanceof Fault && error.code === code;
const never = new AbortController().signal;
const tmpfsMagic = 0x01021994;
const megabyte = 1024 * 1024;

const cachedBytes = (path: string): number =>
  Number(execFileSync('fincore', ['--bytes', '--noheadings', '--output', 'res', path], { encoding: 'utf8' }));

describe('reading from storage', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'disk2iso-storage-'));
  });
  after(() => rm(folder, { recursive: true }));

  test('nothing of the file is in the cache before it is read', async (t) => {
    if ((await statfs(folder)).type === tmpfsMagic) {
      t.skip('the temporary folder is a tmpfs: there is nothing behind its cache');
      return;
    }
    const path = join(folder, 'fresh');
    await writeFile(path, randomBytes(8 * megabyte));
    assert.equal(cachedBytes(path), 8 * megabyte, 'just written, so all of it is cached');
    await dropCachedPages(path, never);
    assert.equal(cachedBytes(path), 0);
    await dropCachedPages(path, never);
  });

  test('an image that may only be read is verified and left as it is', async () => {
    const path = join(folder, 'read-only');
    const content = randomBytes(5 * megabyte + 17);
    await writeFile(path, content);
    await chmod(path, 0o444);
    const before = await stat(path);
    const seen: number[] = [];
    const checksums = await createHasher().fromStorage(path, ['md5', 'sha512'], (done) => seen.push(done), never);
    assert.deepEqual(checksums, {
      md5: createHash('md5').update(content).digest('hex'),
      sha512: createHash('sha512').update(content).digest('hex'),
    });
    const now = await stat(path);
    assert.deepEqual([now.size, now.mtimeMs, now.ctimeMs], [before.size, before.mtimeMs, before.ctimeMs]);
  });

  test('a missing image is not_found, and none is made', async () => {
    const path = join(folder, 'missing');
    await assert.rejects(
      createHasher().fromStorage(path, ['md5'], () => undefined, never),
      isFault('not_found'),
    );
    await assert.rejects(stat(path));
  });

  test('progress is told and the reading stops on request', async () => {
    const path = join(folder, 'stopped');
    await writeFile(path, randomBytes(2 * megabyte));
    const stop = new AbortController();
    const reading = createHasher({ bytesPerSecond: 400_000 }).fromStorage(
      path,
      ['md5', 'sha1'],
      (done) => {
        if (done > 0) stop.abort();
      },
      stop.signal,
    );
    await assert.rejects(reading, isFault('cancelled'));
    const before = new AbortController();
    before.abort();
    await assert.rejects(
      createHasher().fromStorage(path, ['md5'], () => undefined, before.signal),
      isFault('cancelled'),
    );
  });
});
