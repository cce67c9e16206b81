// `npm run bench`: how long imaging takes, beside the programs people use now. Options: see test/bench/bench.ts.
import { spawnSync } from 'node:child_process';
import { build, root, runTools, setup } from './setup.mjs';

setup({ ...runTools, dc3dd: 'dc3dd', openssl: 'openssl' });
build();
const { status } = spawnSync(process.execPath, ['dist/test/bench/bench.js', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
