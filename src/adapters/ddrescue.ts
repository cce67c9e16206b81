import type { Rescuer } from '../core/imaging-ports.js';
import { openImage } from './ddrescue-image.js';
import { plainSource } from './ddrescue-plain-source.js';
import { type Patience, RescueRun } from './ddrescue-run.js';
import { watchSource } from './ddrescue-source.js';
import { checkTools, ddrescueVersion } from './ddrescue-tools.js';

const usual: Patience = { progressMs: 500, lockWaitSeconds: 10, interruptMs: 20_000, killMs: 5_000 };

/** Images discs with GNU ddrescue 1.27 or later, as one process that cannot outlive this one. */
export function createRescuer(options: Partial<Patience> = {}): Rescuer {
  const patience = { ...usual, ...options };
  return {
    version: ddrescueVersion,
    async run(request, onProgress, stop) {
      await checkTools();
      const source = await watchSource(request.source, request.mediumBytes);
      try {
        const image = await openImage(request);
        try {
          const plain = { ...request, source: await plainSource(request.source, request.image) };
          return await new RescueRun(plain, image, source, onProgress).run(stop, patience);
        } finally {
          await image.close();
        }
      } finally {
        await source.close();
      }
    },
  };
}
