// `npm run build`: compiles program and tests to dist/ and lays the static assets beside them.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const project = process.argv.includes('--program') ? 'src' : 'test';
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [tsc, '-b', project], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
if (existsSync(join(root, 'src', 'web'))) cpSync(join(root, 'src', 'web'), join(root, 'dist', 'src', 'web'), { recursive: true });
