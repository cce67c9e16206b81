import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daemon } from '../daemon.js';
import type { Guest } from '../guest.js';
import { mustRun } from '../host-command.js';
import { root } from '../paths.js';
import { bareScenario } from '../scenario.js';

/** Where a line of the README is played, and as what, when it cannot be played in the guest as it stands. */
interface Play {
  readonly line: RegExp;
  readonly where: 'guest' | 'clone' | 'nowhere';
  readonly as?: string;
  readonly why: string;
}

const plays: readonly Play[] = [
  { line: /^sudo apt install (nodejs|npm|git|\s)+$/, where: 'nowhere', why: 'the guest has no network; node is there' },
  { line: /^npm /, where: 'clone', why: 'the guest has no network: played in a fresh clone on this machine' },
  { line: /^sudo /, where: 'guest', as: '', why: 'ssh leads to root, who needs no sudo' },
  { line: /^/, where: 'guest', why: 'as it stands' },
];

function findSection(readme: string, heading: string): string {
  const [, section] = readme.split(`\n## ${heading}\n`);
  assert.ok(section, `the README has a section "${heading}"`);
  return section.split('\n## ')[0] as string;
}

const commandsOf = (section: string) => [...section.matchAll(/^ {4}(\S.*)$/gm)].map(([, line]) => line as string);

/** This working tree as somebody who has just cloned it has it. */
async function cloneTree(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'clone-'));
  await mustRun('git', ['clone', '--quiet', root, folder]);
  const changed = `git ls-files -z --others --modified --exclude-standard | tar c --null --ignore-failed-read -T - | tar x -C ${folder}`;
  await mustRun('sh', ['-c', changed], { cwd: root });
  return folder;
}

async function play(line: string, guest: Guest, clone: string): Promise<void> {
  const { where, as, line: pattern } = plays.find((one) => one.line.test(line)) as Play;
  const words = as === undefined ? line : line.replace(pattern, as);
  if (where === 'clone') await mustRun('sh', ['-c', words], { cwd: clone });
  if (where !== 'guest') return;
  for (const name of await readdir(clone))
    if (name.endsWith('.deb')) await guest.push(join(clone, name), `/root/${name}`);
  await guest.sh(`cd /root && ${words}`);
}

export const scenarios = [
  bareScenario("the README's installation, word for word, ends in a service that images a disc", async (station) => {
    const { guest, drives } = station;
    const section = findSection(await readFile(join(root, 'README.md'), 'utf8'), 'Install it');
    const clone = await cloneTree();
    try {
      for (const line of commandsOf(section)) await play(line, guest, clone);
    } finally {
      await rm(clone, { recursive: true, force: true });
    }
    for (const [, path] of section.matchAll(/`(\/[^`\s]+)`/g)) await guest.sh(`test -e ${path}`);
    await guest.waitFor('the service', 'systemctl is-active disk2iso', 60_000);
    const daemon = new Daemon(station);
    await daemon.untilReady();
    const disc = await station.disc({ label: 'FIRST', bytes: 2_000_000 });
    await drives[0].insert(disc);
    await daemon.assertImage(await daemon.untilCompleted('FIRST'), disc.file);
    assert.equal(await guest.sh('systemctl --failed --no-legend'), '');
    assert.match(await guest.sh('disk2iso archives'), /FIRST/);
  }),
];
