import { availableParallelism, freemem } from 'node:os';
import { memoryMebibytes } from './machine.js';

/** What a machine takes beside its guest's memory: QEMU itself, and the page cache of its disk file. */
const besideMebibytes = 1024;

/** How many machines this computer carries at once: one per core, as far as its memory goes. */
export function machinesSideBySide(cores = availableParallelism(), freeBytes = freemem()): number {
  const room = Math.floor(freeBytes / 1024 ** 2 / (memoryMebibytes + besideMebibytes));
  return Math.max(1, Math.min(cores, room));
}
