import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import picomatch from 'picomatch';
import { isKernelName } from './optical-drive-sysfs.js';

export interface FoundDevice {
  /** `sr0`. */
  readonly name: string;
  /** The node itself, links followed. */
  readonly path: string;
}

const opticalMajor = 11;

/** Whether a declared path names several drives. */
export const isGlob = (device: string): boolean => picomatch.scan(device).isGlob;

/** The drives a path or glob names, links followed; empty where nothing is there. */
export async function resolveDevices(device: string): Promise<FoundDevice[]> {
  if (!isGlob(device)) return (await resolveDevice(device)) ?? [];
  const { base } = picomatch.scan(device);
  const matches = picomatch(device, { dot: true });
  const paths = (await entriesOf(base)).map((name) => join(base, name)).filter((path) => matches(path));
  const found = (await Promise.all(paths.map(resolveDevice))).flatMap((one) => one ?? []);
  const byName = new Map(found.map((one) => [one.name, one]));
  return [...byName.values()].sort((a, b) => Number(a.name.slice(2)) - Number(b.name.slice(2)));
}

/** Null where nothing is there; empty where it is something else than an optical drive. */
export async function resolveDevice(device: string): Promise<FoundDevice[] | null> {
  try {
    const path = await realpath(device);
    const found = await stat(path);
    // a container may hold the node under another name
    const name = found.isBlockDevice() ? nameByNumber(found.rdev) : basename(path);
    return name !== null && isKernelName(name) ? [{ name, path }] : [];
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
    return null;
  }
}

function nameByNumber(rdev: number): string | null {
  const major = (rdev >> 8) & 0xfff;
  const minor = (rdev & 0xff) | ((rdev >> 12) & 0xfff00);
  return major === opticalMajor ? `sr${minor}` : null;
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
    return [];
  }
}
