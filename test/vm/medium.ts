/** First and last sector of 2048 bytes, both included. */
export type SectorRange = readonly [first: number, last: number];

/** A disc for one of QEMU's own drives: an image, and what is wrong with it. */
export interface Medium {
  /** The image's path on this machine. */
  readonly file: string;
  /** Sectors of 2048 bytes that cannot be read, or 'all'. */
  readonly damage?: readonly SectorRange[] | 'all';
  /** Reads are held to this speed; a throttled disc's speed can be changed while it is in the drive. */
  readonly bytesPerSecond?: number;
}

/** QEMU's limit on options per node is far above this; more ranges than any test needs would only be slow. */
const maxBadSectors = 20_000;

function injections(damage: readonly SectorRange[] | 'all'): readonly Record<string, unknown>[] {
  const rule = { event: 'none', iotype: 'read', errno: 5, once: false };
  if (damage === 'all') return [rule];
  const sectors = damage.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
  if (sectors.length > maxBadSectors) throw new Error(`${sectors.length} bad sectors are too many; use 'all'`);
  // blkdebug counts sectors of 512 bytes. One in each 2048 is enough: the guest reads whole sectors of its own.
  return sectors.map((sector) => ({ ...rule, sector: sector * 4 }));
}

/** The block nodes QEMU needs for a medium, as one argument of blockdev-add. */
export function mediumNode(medium: Medium, nodeName: string, throttleGroup: string): Record<string, unknown> {
  const file = { driver: 'file', filename: medium.file, 'read-only': true };
  const damaged = medium.damage ? { driver: 'blkdebug', image: file, 'inject-error': injections(medium.damage) } : file;
  const raw = { driver: 'raw', 'read-only': true, file: damaged };
  if (medium.bytesPerSecond === undefined) return { ...raw, 'node-name': nodeName };
  return { driver: 'throttle', 'throttle-group': throttleGroup, 'read-only': true, file: raw, 'node-name': nodeName };
}
