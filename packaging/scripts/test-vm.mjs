// `npm run test:vm`: builds, packages, and plays the scenarios of test/vm in a virtual machine. Words after it choose
// scenarios, options are explained by `npm run test:vm -- --help`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, giveUp, root, setup } from './setup.mjs';

if (process.getuid?.() !== 0) giveUp('The guest image can only be made by root: sudo npm run test:vm');
setup({});
build();
// The command makes the package itself, as only it knows whether a scenario needs one.
const program = join(root, 'dist', 'test', 'vm', 'run.js');
const { status } = spawnSync(process.execPath, [program, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
