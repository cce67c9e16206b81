import { existsSync, rmSync } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { discoverScenarios } from './discover.js';
import { ensureGuestImage } from './guest-image.js';
import { mustRun } from './host-command.js';
import { installHostTools } from './host-tools.js';
import { cache, root } from './paths.js';
import { prepareBare, prepareInstalled } from './prepared-disk.js';
import { machinesSideBySide } from './side-by-side.js';
import { orderVariable, type SuiteOrder } from './suite-order.js';

const usage = `npm run test:vm [-- WORD…] [--deb FILE] [--bare] [--machines N] [--keep] [--list]

  WORD    only scenarios whose name contains it
  --deb   test this package instead of one built from the working tree
  --bare  only scenarios that need no package
  --machines
          how many run side by side; by default one per core, as far as memory goes
  --keep  leave the guest running after each scenario, and say how to log in
  --list  names of the scenarios`;

const { values: options, positionals: filter } = parseArgs({
  allowPositionals: true,
  options: {
    deb: { type: 'string' },
    bare: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    machines: { type: 'string' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Of the whole suite: twenty minutes on an idle machine, half an hour on a slow one. Beyond this something hangs. */
const longestMs = 70 * 60_000;

/** Built afresh: what is tested is the working tree. */
async function buildPackage(): Promise<string> {
  console.log('Building the package …');
  const out = join(cache, 'package');
  rmSync(out, { recursive: true, force: true });
  await mustRun('npm', ['run', 'package', '--', '--out', out], { cwd: root });
  const deb = (await readdir(out)).find((name) => name.endsWith('.deb'));
  if (deb === undefined) throw new Error(`npm run package left no .deb in ${out}`);
  return join(out, deb);
}

async function prepareOrder(): Promise<SuiteOrder> {
  await installHostTools();
  await mkdir(cache, { recursive: true });
  const image = await ensureGuestImage();
  const bare = await prepareBare(image);
  const wanted = await discoverScenarios(filter);
  const needsPackage = !options.bare && wanted.some((one) => one.guest === 'installed');
  const deb = needsPackage ? (options.deb ? resolve(options.deb) : await buildPackage()) : null;
  if (deb !== null && !existsSync(deb)) throw new Error(`${deb} does not exist`);
  const installed = deb === null ? null : await prepareInstalled(image, bare, deb);
  const seed = Number(process.env.VM_SEED ?? Math.floor(Math.random() * 1e9));
  // Whoever wants to look at the guest gets one at a time.
  const machines = options.keep ? 1 : Number(options.machines ?? machinesSideBySide());
  if (!Number.isInteger(machines) || machines < 1) throw new Error(`--machines ${options.machines}: a number from 1`);
  console.log(
    `Seed ${seed} (again: VM_SEED=${seed}); ${machines} side by side; image cache ${cache}, ${(await stat(bare)).size >> 20} MiB per machine`,
  );
  return { filter, bare, installed, keep: options.keep, seed, machines };
}

async function play(order: SuiteOrder): Promise<void> {
  process.env[orderVariable] = JSON.stringify(order);
  const names = new Set((await discoverScenarios(filter)).map((one) => one.name));
  let passed = 0;
  let failed = 0;
  const suite = fileURLToPath(new URL('./suite.js', import.meta.url));
  const stream = run({ files: [suite], concurrency: 1, timeout: order.keep ? Number.POSITIVE_INFINITY : longestMs });
  stream.on('test:pass', (event) => {
    if (names.has(event.name)) passed += 1;
  });
  stream.on('test:fail', (event) => {
    // A failure outside any scenario (the suite could not be loaded) counts as well.
    if (names.has(event.name) || failed === 0) failed += 1;
  });
  const report = stream.compose(new spec());
  report.pipe(process.stdout, { end: false });
  await new Promise((done) => report.once('end', done));
  if (passed + failed === 0) failed = 1;
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

if (options.help) console.log(usage);
else if (options.list) for (const one of await discoverScenarios(filter)) console.log(`${one.name} (${one.guest})`);
else await play(await prepareOrder());
