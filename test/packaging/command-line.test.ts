import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { missing, must, root, run } from './tool.js';

const page = join(root, 'packaging/man/disk2iso.8');
const completions = (name: string) => join(root, 'packaging/completions', name);
const read = (path: string) => readFileSync(path, 'utf8');
const words = (text: string | undefined) => (text ?? '').split(/\s+/).filter((word) => word !== '');

/** The commands that each of these files knows. */
const known: Record<string, () => string[]> = {
  'the man page': () => [...new Set([...read(page).matchAll(/^\.It Cm (\w+)/gm)].map((match) => match[1] ?? ''))],
  bash: () => words(/commands='([^']*)'/.exec(read(completions('disk2iso.bash')))?.[1]),
  zsh: () => [...read(completions('_disk2iso')).matchAll(/^ {2}'(\w+):/gm)].map((match) => match[1] ?? ''),
  fish: () => words(/^set -l commands (.*)$/m.exec(read(completions('disk2iso.fish')))?.[1]),
  'fish, described': () =>
    [...read(completions('disk2iso.fish')).matchAll(/\$commands" -a (\w+)/g)].map((match) => match[1] ?? ''),
};

describe('the manual and the completions know the commands', () => {
  const main = join(root, 'dist/src/main.js');
  const skip = !existsSync(join(root, 'src/cli/create-program.ts')) && 'there is no command line yet';

  for (const [name, list] of Object.entries(known)) {
    it(`${name}: the same as all others`, () => assert.deepEqual(list().sort(), known['the man page']?.().sort()));
  }

  it('and these are the commands of the program', { skip }, () => {
    const help = must(process.execPath, [main, '--help']);
    const section = /^Commands:\n((?: {2}.*\n?)*)/m.exec(help)?.[1] ?? '';
    const commands = [...section.matchAll(/^ {2}(\w[\w-]*)/gm)].map((match) => match[1] ?? '');
    assert.deepEqual([...new Set([...commands, 'help'])].sort(), known.bash?.().sort());
  });
});

describe('the manual', () => {
  it('is formatted without a warning', { skip: missing('man', 'man-db') }, () => {
    const { status, output } = run('man', ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', page], {
      env: { MANWIDTH: '100' },
    });
    assert.equal(status, 0, output);
    assert.doesNotMatch(output, /(?:warning|error|troff|mdoc):/);
    assert.match(output, /ProtectHome=tmpfs/);
  });

  it('has nothing mandoc would complain of', { skip: missing('mandoc', 'mandoc') }, () => {
    const { output } = run('mandoc', ['-Tlint', '-Wwarning', page]);
    assert.equal(output, '');
  });
});

describe('the completions', () => {
  const shells = [
    ['bash', 'bash', 'disk2iso.bash', '-n'],
    ['zsh', 'zsh', '_disk2iso', '-n'],
    ['fish', 'fish', 'disk2iso.fish', '--no-execute'],
  ] as const;
  for (const [shell, debianPackage, file, flag] of shells) {
    it(`${shell} can read its own`, { skip: missing(shell, debianPackage) }, () => {
      must(shell, [flag, completions(file)]);
    });
  }

  it('bash completes commands, options and images', { skip: missing('bash', 'bash') }, () => {
    // What _init_completion and _filedir of the package bash-completion do, as far as is needed here.
    const stubs =
      '_init_completion() { words=($LINE); cword=$COMP_CWORD; cur=$CURRENT; prev=$PREVIOUS; }; _filedir() { COMPREPLY=(FILES); }';
    const complete = (...line: string[]) => {
      const script = `${stubs}; . "$0"; LINE="$*"; COMP_CWORD=$(($# - 1)); CURRENT="\${@: -1}" PREVIOUS="\${@: -2:1}"; _disk2iso; echo "\${COMPREPLY[*]}"`;
      return must('bash', ['-c', script, completions('disk2iso.bash'), ...line]).trim();
    };
    assert.equal(complete('disk2iso', 'arch'), 'archives');
    assert.equal(complete('disk2iso', '--json', 'st'), 'status');
    assert.equal(complete('disk2iso', 'logs', '--f'), '--follow');
    assert.equal(complete('disk2iso', 'daemon', '--config', ''), 'FILES');
    assert.equal(complete('disk2iso', 'catalog', ''), 'rebuild');
    assert.equal(complete('disk2iso', 'jobs', 'pa'), 'pause');
    assert.equal(complete('disk2iso', 'jobs', '--status', 'inter'), 'interrupted');
    assert.equal(complete('disk2iso', '--socket', '/x', 'ver'), 'verify');
  });

  it('fish completes commands', { skip: missing('fish', 'fish') }, () => {
    const script = `source ${completions('disk2iso.fish')}; complete -C 'disk2iso arch'`;
    assert.match(must('fish', ['--no-config', '-c', script]), /^archives\t/m);
  });
});
