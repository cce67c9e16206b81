import type { Rescuer } from '../core/ports.js';
import { openImage } from './ddrescue-image.js';
import type { Deadlines } from './ddrescue-process.js';
import { RescueRun } from './ddrescue-run.js';
import { watchSource } from './ddrescue-source.js';
import { checkTools, ddrescueVersion } from './ddrescue-tools.js';

export interface DdrescueOptions extends Partial<Deadlines> {
  /** Milliseconds between two calls of `onProgress`. */
  readonly progressMs?: number;
}

/** Images discs with GNU ddrescue 1.27 or later, as one process that cannot outlive this one. */
export function createRescuer(options: DdrescueOptions = {}): Rescuer {
  const deadlines: Deadlines = { interruptMs: options.interruptMs ?? 20_000, killMs: options.killMs ?? 5_000 };
  const progressMs = options.progressMs ?? 500;
  return {
    version: ddrescueVersion,
    async run(request, onProgress, stop) {
      await checkTools();
      const source = await watchSource(request.source, request.mediumBytes);
      try {
        const image = await openImage(request);
        try {
          return await new RescueRun(request, image, source, onProgress).run(stop, deadlines, progressMs);
        } finally {
          await image.close();
        }
      } finally {
        await source.close();
      }
    },
  };
}
