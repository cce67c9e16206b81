import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createRescuer } from '../../src/adapters/ddrescue.js';
import { createHasher } from '../../src/adapters/hashing.js';
import type { Algorithm, Checksums } from '../../src/core/checksum.js';

export interface PipelineResult {
  readonly checksums: Checksums;
  /** Milliseconds from the start until ddrescue had ended, its image on disk. */
  readonly copiedMs: number;
  readonly hashedMs: number;
  /** Until image and name were forced to disk. */
  readonly committedMs: number;
}

/** The heart of a job without the daemon around it: sweep, checksums that follow, image on disk under its name. */
export async function runPipeline(
  source: string,
  sizeBytes: number,
  folder: string,
  algorithms: readonly Algorithm[],
): Promise<PipelineResult> {
  const startedAt = performance.now();
  const image = join(folder, 'image');
  await (await open(image, 'w')).close();
  const session = createHasher().follow(image, algorithms);
  try {
    const request = {
      source,
      image,
      map: join(folder, 'map'),
      mediumBytes: sizeBytes,
      sectorSize: 2048,
      direct: false,
    };
    const end = await createRescuer().run(
      { ...request, mode: { kind: 'sweep' } },
      () => undefined,
      new AbortController().signal,
    );
    if (end.kind !== 'finished') throw new Error(`the sweep ended as ${end.kind}`);
    const copiedMs = performance.now() - startedAt;
    const checksums = await session.finish(sizeBytes);
    const hashedMs = performance.now() - startedAt;
    const handle = await open(image, 'r+');
    await handle.sync();
    await handle.close();
    await rename(image, `${image}.iso`);
    const parent = await open(folder, 'r');
    await parent.sync();
    await parent.close();
    return { checksums, copiedMs, hashedMs, committedMs: performance.now() - startedAt };
  } finally {
    await session.close();
  }
}
