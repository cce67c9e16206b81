import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes, randomFillSync } from 'node:crypto';
import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { createHasher } from '../../src/adapters/hashing.js';
import { algorithms, type Checksums } from '../../src/core/checksum.js';
import { Fault, type FaultCode } from '../../src/core/fault.js';

const hasher = createHasher();
const never = new AbortController().signal;
const isFault = (code: FaultCode) => (error: unknown) => error instanceof Fault && error.code === code;

const digestsOf = (bytes: Uint8Array): Checksums =>
  Object.fromEntries(algorithms.map((name) => [name, createHash(name).update(bytes).digest('hex')]));

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `waited in vain for ${what}`);
    await nextTurn();
  }
}

describe('hashing', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'disk2iso-hashing-'));
  });
  after(() => rm(folder, { recursive: true }));
  const fileOf = async (name: string, content: Uint8Array): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };

  test('a whole file gets the digests of the openssl program', async () => {
    const path = await fileOf('whole', randomBytes(3_000_001));
    const session = hasher.follow(path, algorithms);
    const checksums = await session.finish(3_000_001);
    await session.close();
    for (const name of algorithms) {
      const said = execFileSync('openssl', ['dgst', `-${name}`, '-r', path], { encoding: 'utf8' });
      assert.equal(checksums[name], said.split(' ')[0], name);
    }
  });

  test('any growth, with any holds, gives the digests of the end', async () => {
    const growth = fc.record({
      chunks: fc.array(fc.oneof(fc.nat(40), fc.nat(5000), fc.nat(900_000)), { maxLength: 8 }),
      holdAt: fc.option(fc.nat(7)),
      workers: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(growth, async ({ chunks, holdAt, workers }) => {
        const path = await fileOf('grows', new Uint8Array());
        const session = createHasher({ workers }).follow(path, algorithms);
        const handle = await open(path, 'r+');
        try {
          let size = 0;
          for (const [index, length] of chunks.entries()) {
            if (index === holdAt) {
              // a hole, that is filled only later
              session.hold(size);
              await handle.truncate(size + 10_000);
            }
            await handle.write(randomBytes(length), 0, length, size);
            size += length;
            await nextTurn();
          }
          if (holdAt !== null && holdAt < chunks.length) {
            const held = chunks.slice(0, holdAt).reduce((sum, length) => sum + length, 0);
            await until(() => session.doneBytes() === held, 'all below the hold');
            await handle.write(randomBytes(size - held), 0, size - held, held);
            await handle.truncate(size);
          }
          const content = Buffer.alloc(size);
          await handle.read(content, 0, size, 0);
          assert.deepEqual(await session.finish(size), digestsOf(content));
          assert.equal(session.doneBytes(), size);
        } finally {
          await handle.close();
          await session.close();
        }
      }),
      { numRuns: 12 },
    );
  });

  test('a hold below what was read starts over, as that may change', async () => {
    for (let round = 0; round < 5; round += 1) {
      const content = randomBytes(2_000_000);
      const path = await fileOf('lowered', content);
      const session = hasher.follow(path, algorithms);
      // some of the workers have read more, others less, and none is waited for
      await until(() => session.doneBytes() >= round * 400_000, 'a part to be read');
      session.hold(1000);
      randomFillSync(content, 1000);
      const handle = await open(path, 'r+');
      await handle.write(content, 0, content.length, 0);
      await handle.close();
      assert.deepEqual(await session.finish(content.length), digestsOf(content));
      await session.close();
    }
  });

  test('a hold set in the same turn is in force before anything is read', async () => {
    const path = await fileOf('held', randomBytes(1_000_000));
    const session = hasher.follow(path, ['sha1']);
    session.hold(300_000);
    await until(() => session.doneBytes() === 300_000, 'the held part');
    await truncate(path, 400_000);
    const end = await session.finish(400_000);
    assert.equal(session.doneBytes(), 400_000);
    assert.match(end.sha1 ?? '', /^[0-9a-f]{40}$/);
    await session.close();
  });

  test('the total cuts off what lies beyond it', async () => {
    const content = randomBytes(50_000);
    const path = await fileOf('tail', content);
    const session = hasher.follow(path, algorithms);
    await until(() => session.doneBytes() === 50_000, 'the file to be read');
    assert.deepEqual(await session.finish(48_000), digestsOf(content.subarray(0, 48_000)));
    await session.close();
  });

  test('no algorithms, an empty file and the same algorithm twice are fine', async () => {
    const path = await fileOf('empty', new Uint8Array());
    const none = hasher.follow(path, []);
    assert.deepEqual(await none.finish(0), {});
    await none.close();
    const twice = hasher.follow(path, ['md5', 'md5']);
    assert.deepEqual(await twice.finish(0), { md5: 'd41d8cd98f00b204e9800998ecf8427e' });
    await twice.close();
  });

  test('a file that shrinks, is too short or is missing is a fault', async () => {
    const path = await fileOf('shrinks', randomBytes(500_000));
    const session = hasher.follow(path, ['sha256']);
    await until(() => session.doneBytes() === 500_000, 'the file to be read');
    await truncate(path, 100);
    await assert.rejects(session.finish(500_000), isFault('io_error'));
    await session.close();
    const short = hasher.follow(path, ['sha256']);
    await assert.rejects(short.finish(101), isFault('io_error'));
    await short.close();
    const missing = hasher.follow(join(folder, 'missing'), ['sha256']);
    await assert.rejects(missing.finish(1), isFault('not_found'));
    await missing.close();
    const directory = hasher.follow(folder, ['sha256']);
    await assert.rejects(directory.finish(1), isFault('io_error'));
    await directory.close();
  });

  test('a session can be closed at any time, and more than once', async () => {
    const path = await fileOf('closed', randomBytes(100_000));
    const unused = hasher.follow(path, algorithms);
    await unused.close();
    await unused.close();
    await assert.rejects(unused.finish(100_000), isFault('cancelled'));
    const waiting = hasher.follow(path, algorithms);
    await until(() => waiting.doneBytes() === 100_000, 'the file to be read');
    const held = hasher.follow(path, ['md5']);
    held.hold(5);
    const end = createHasher({ bytesPerSecond: 1000 }).follow(path, ['md5']);
    const result = assert.rejects(end.finish(100_000), isFault('cancelled'));
    await Promise.all([waiting.close(), held.close(), end.close()]);
    await result;
  });

  test('waiting for a slow drive costs next to nothing', async () => {
    const path = await fileOf('slow', randomBytes(4096));
    const session = hasher.follow(path, algorithms);
    await until(() => session.doneBytes() === 4096, 'the file to be read');
    const [cpu, startedAt] = [process.cpuUsage(), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const used = process.cpuUsage(cpu);
    const share = (used.user + used.system) / 1000 / (performance.now() - startedAt);
    await session.close();
    assert.ok(share < 0.1, `used ${(share * 100).toFixed(1)} % of a processor`);
  });

  test('the reading can be slowed down', async () => {
    const path = await fileOf('throttled', randomBytes(600_000));
    const startedAt = performance.now();
    await createHasher({ bytesPerSecond: 2_000_000 }).fromStorage(path, ['md5'], () => undefined, never);
    assert.ok(performance.now() - startedAt > 250);
  });
});
