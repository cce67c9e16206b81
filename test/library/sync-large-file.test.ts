import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { syncLargeFile } from '../../src/adapters/library-files.js';
import { stationFolders } from '../catalog/station-folders.js';

/** `script` is what `sync` does from now on. */
async function withSync(t: TestContext, script: string): Promise<string> {
  const { folder } = await stationFolders(t);
  const { PATH } = process.env;
  t.after(() => {
    process.env.PATH = PATH;
  });
  const program = join(folder, 'sync');
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  process.env.PATH = `${folder}:${PATH}`;
  return folder;
}

test('a sync that nothing ends is left behind, and those after it do not wait for it', {
  timeout: 120_000,
}, async (t) => {
  // out of its group and with the output open, as one that the kernel holds is out of reach
  const folder = await withSync(t, 'setsid sleep 600 & echo $! > "$(dirname "$0")/pid"; trap "" TERM; sleep 600');
  await assert.rejects(syncLargeFile(join(folder, 'image'), 1000), { code: 'io_error', retry: 'later' });
  process.kill(Number(await readFile(join(folder, 'pid'), 'utf8')));
  await writeFile(join(folder, 'sync'), '#!/bin/sh\nexit 0\n');
  await syncLargeFile(join(folder, 'another'));
});

test('what sync says decides what kind of trouble it is', async (t) => {
  const folder = await withSync(t, 'echo "sync: error syncing: No space left on device" >&2; exit 1');
  await assert.rejects(syncLargeFile(join(folder, 'image')), { code: 'no_space', retry: 'later' });
  await writeFile(join(folder, 'sync'), '#!/bin/sh\necho "sync: Input/output error" >&2; exit 1\n');
  await assert.rejects(syncLargeFile(join(folder, 'image')), { code: 'io_error', message: /Input\/output error/ });
  await writeFile(join(folder, 'sync'), '#!/bin/sh\nkill -9 $$\n');
  await assert.rejects(syncLargeFile(join(folder, 'image')), { code: 'io_error', retry: 'later' });
});
