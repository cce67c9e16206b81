import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cruise, type IReporterOutput } from 'dependency-cruiser';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const groups = ['config', 'control', 'adapters', 'http', 'cli'];

/** Habit 1: everyone knows core; no one knows each other; only the roots know everyone: main.ts, daemon.ts, offline.ts. */
const forbidden = [
  {
    name: 'core-is-pure',
    comment: 'core imports only itself: no package, no Node module',
    severity: 'error',
    from: { path: '^src/core/' },
    to: { pathNot: '^src/core/' },
  },
  ...groups.map((group) => ({
    name: `${group}-stands-alone`,
    comment: `${group} imports core and itself; what it needs of others comes in through a port`,
    severity: 'error',
    from: { path: `^src/${group}/` },
    to: { path: '^src/', pathNot: [`^src/${group}/`, '^src/core/'] },
  })),
  {
    name: 'no-cycles',
    comment: 'a cycle is one thing in two files',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'nobody-imports-the-roots',
    comment: 'main.ts, daemon.ts and offline.ts wire, they are not wired',
    severity: 'error',
    from: { path: `^src/(core|${groups.join('|')})/` },
    to: { path: '^src/(daemon|main|offline)\\.ts$' },
  },
] as const;

async function cruiseTree(
  folder: string,
): Promise<{ readonly modules: number; readonly violations: readonly string[] }> {
  const before = process.cwd();
  process.chdir(folder);
  try {
    const { output }: IReporterOutput = await cruise(
      ['src'],
      {
        ruleSet: { forbidden: forbidden as never },
        validate: true,
        tsPreCompilationDeps: true,
        doNotFollow: { path: 'node_modules' },
      },
      undefined,
      { tsConfig: {} as never },
    );
    assert.ok(typeof output === 'object');
    const { totalCruised, violations } = output.summary;
    return { modules: totalCruised, violations: violations.map((one) => `${one.rule.name}: ${one.from} → ${one.to}`) };
  } finally {
    process.chdir(before);
  }
}

test('the star holds', async () => {
  const files = readdirSync(join(root, 'src'), { recursive: true }).filter((file) => String(file).endsWith('.ts'));
  const { modules, violations } = await cruiseTree(root);
  assert.ok(
    files.length > 30 && modules >= files.length,
    `${modules} modules were looked at, there are ${files.length} files`,
  );
  assert.deepEqual(violations, []);
});

test('a planted violation of every rule is caught', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'star-'));
  const plant = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  try {
    plant('src/core/a.ts', "import { readFileSync } from 'node:fs';\nexport const a = readFileSync;\n");
    plant('src/daemon.ts', 'export const d = 1;\n');
    for (const [index, group] of groups.entries()) {
      plant(`src/${group}/x.ts`, 'export const x = 1;\n');
      plant(
        `src/${group}/y.ts`,
        `import type { x } from '../${groups[(index + 1) % groups.length]}/x.js';\nimport { d } from '../daemon.js';\nexport const y = d;\nexport type X = typeof x;\n`,
      );
    }
    plant('src/http/one.ts', "import { two } from './two.js';\nexport const one = () => two;\n");
    plant('src/http/two.ts', "import { one } from './one.js';\nexport const two = () => one;\n");
    const { violations } = await cruiseTree(folder);
    for (const { name } of forbidden)
      assert.ok(
        violations.some((line) => line.startsWith(`${name}:`)),
        `${name} caught nothing`,
      );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
