// `npm start`: everything from a fresh clone to a running station with one disc in it.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, giveUp, root, runTools, setup } from './setup.mjs';

setup({ ...runTools, xorriso: 'xorriso' });
build();

const station = join(root, 'station');
if (!existsSync(station)) makeSampleDisc(join(station, 'inbox'));

// The daemon gets Ctrl-C from the terminal itself; this script only waits for it to end.
const daemon = spawn(process.execPath, [join('dist', 'src', 'main.js'), 'daemon', '--config', 'config.example.yaml'], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) daemon.kill(signal);
  });
}
daemon.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));

/** A disc of our own making, laid into the folder drive the first time, so that there is something to see. */
function makeSampleDisc(inbox) {
  mkdirSync(inbox, { recursive: true });
  const folder = mkdtempSync(join(station, '.sample-'));
  const content = join(folder, 'content');
  mkdirSync(content);
  writeFileSync(join(content, 'README.TXT'), 'This disc was made by "npm start" to show a station at work.\n');
  writeFileSync(join(content, 'PATTERN.BIN'), Buffer.alloc(8 * 1024 * 1024, 'disk2iso sample disc '));
  const image = join(folder, 'sample.iso');
  const args = ['-as', 'mkisofs', '-quiet', '-V', 'SAMPLE_DISC', '-J', '-R', '-o', image, content];
  const { status, stderr } = spawnSync('xorriso', args, { encoding: 'utf8' });
  if (status !== 0) {
    rmSync(station, { recursive: true });
    giveUp(`The sample disc could not be made with xorriso:\n${stderr}`);
  }
  renameSync(image, join(inbox, 'sample.iso'));
  rmSync(folder, { recursive: true });
}
