import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { GuestImage } from './guest-image.js';
import { mustRun } from './host-command.js';
import { cache } from './paths.js';
import { Station } from './station.js';

/**
 * A disk file that holds a booted guest, to be woken in two seconds instead of booted in twenty. Made once per guest image
 * and QEMU version.
 */
export function prepareBare(image: GuestImage): Promise<string> {
  return prepare('bare', [image.key], async () => {
    const station = await Station.createBlank(image);
    await station.boot();
    await station.guest.sh('modprobe -a target_core_user tcm_loop');
    return station;
  });
}

/** The same with the package under test installed from the file alone, and its service running if it can. */
export async function prepareInstalled(image: GuestImage, bare: string, deb: string): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(deb))
    .digest('hex')
    .slice(0, 12);
  return prepare('installed', [image.key, digest], async () => {
    const station = await Station.wake(image, bare, 0);
    const path = `/root/${basename(deb)}`;
    await station.guest.push(deb, path);
    const { code, stdout, stderr } = await station.guest.run(`apt-get install -y ${path}`, { timeoutMs: 300_000 });
    if (code !== 0) throw new Error(`apt-get install ended with ${code}\n${stdout}${stderr}`);
    return station;
  });
}

async function prepare(kind: string, keys: readonly string[], make: () => Promise<Station>): Promise<string> {
  const version = await mustRun('qemu-system-x86_64', ['--version']);
  const machine = await readFile(new URL('./machine.js', import.meta.url));
  const key = createHash('sha256')
    .update(JSON.stringify([...keys, version]))
    .update(machine)
    .digest('hex')
    .slice(0, 12);
  const file = join(cache, `${kind}-${key}.qcow2`);
  if (existsSync(file)) return file;
  const start = performance.now();
  console.log(`Preparing the ${kind} guest …`);
  const station = await make();
  try {
    await settle(station);
    await station.machine.saveSnapshot();
    await station.powerCut();
    const work = join(await mkdtemp(join(cache, 'prepare-')), 'disk.qcow2');
    await copyFile(join(station.folder, 'disk.qcow2'), work);
    await removeOlder(kind);
    await rename(work, file);
    await rm(join(work, '..'), { recursive: true });
  } finally {
    await station.close();
  }
  console.log(`Prepared in ${Math.round((performance.now() - start) / 1000)} s`);
  return file;
}

/** Nothing half done may be in the snapshot: it would be half done in every scenario. */
async function settle(station: Station): Promise<void> {
  await station.guest.sh('systemctl is-system-running --wait || true; udevadm settle; sync; fstrim / || true');
  // The connection would be dead in every woken guest.
  await station.guest.closeConnection();
}

/** One of a kind is kept: each new package would leave hundreds of megabytes behind. */
async function removeOlder(kind: string): Promise<void> {
  for (const name of await readdir(cache)) if (name.startsWith(`${kind}-`)) await rm(join(cache, name));
}
