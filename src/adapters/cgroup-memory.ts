import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Bytes that the processes of this one's control group use, without file cache that can be dropped at once: what
 * counts against a container's or a service's limit. Null without cgroup v2. Source: kernel, cgroup-v2, "memory".
 */
export async function readCgroupMemory(proc = '/proc', sys = '/sys/fs/cgroup'): Promise<number | null> {
  try {
    const own = /^0::(\/.*)$/m.exec(await readFile(join(proc, 'self', 'cgroup'), 'utf8'))?.[1];
    if (own === undefined) return null;
    const folder = join(sys, own);
    const current = Number(await readFile(join(folder, 'memory.current'), 'utf8'));
    const inactive = /^inactive_file (\d+)$/m.exec(await readFile(join(folder, 'memory.stat'), 'utf8'))?.[1];
    return Number.isFinite(current) ? Math.max(0, current - Number(inactive ?? 0)) : null;
  } catch {
    // no cgroup v2, or not visible from in here: the figure is unknown
    return null;
  }
}
