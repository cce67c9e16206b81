import { dirname, join } from 'node:path';
import type { RescueMode, RescueRequest } from '../core/imaging-ports.js';

/** Exit status of flock where another process holds the work folder; ddrescue's own end at 3. */
export const lockedStatus = 75;
/** The map on disk is at most this old. ddrescue forces the image to disk before each time it writes the map. */
const mapIntervalSeconds = 5;
/** One error-correction block of a Blu-ray disc, four of a DVD: what a drive reads at once anyway. */
const deviceClusterBytes = 64 * 1024;
/** Fastest from file to file: what was read is still in the core's own cache when it is written. */
const fileClusterBytes = 128 * 1024;

function modeArguments(mode: RescueMode): string[] {
  switch (mode.kind) {
    case 'sweep':
      return ['--max-read-errors=0'];
    case 'copy':
      return ['--no-trim', '--no-scrape'];
    case 'rescue':
      return [
        `--retry-passes=${mode.retryPasses}`,
        ...(mode.giveUpSeconds === null ? [] : [`--timeout=${mode.giveUpSeconds}s`]),
      ];
  }
}

/** `reopens`: see opensWithoutClosing(). A sweep ends at the first error anyway. */
export function ddrescueArguments(request: RescueRequest, reopens: boolean): string[] {
  const clusterBytes = request.direct ? deviceClusterBytes : fileClusterBytes;
  return [
    `--sector-size=${request.sectorSize}`,
    `--cluster-size=${Math.max(1, Math.floor(clusterBytes / request.sectorSize))}`,
    `--size=${request.mediumBytes}`,
    `--mapfile-interval=${mapIntervalSeconds}`,
    ...(request.direct ? ['--idirect'] : []),
    ...(request.direct && reopens && request.mode.kind !== 'sweep' ? ['--reopen-on-error'] : []),
    ...modeArguments(request.mode),
    '--',
    request.source,
    request.image,
    request.map,
  ];
}

/**
 * Each program becomes the next, so there is one process: it dies with the thread that started it, and holds the
 * lock of its work folder for as long as it lives, however stuck it is. `lockWaitSeconds`: how long an earlier one is
 * given to end.
 */
export function rescueCommand(
  request: RescueRequest,
  lockWaitSeconds: number,
  reopens: boolean,
): { readonly program: string; readonly args: string[] } {
  const lock = join(dirname(request.image), 'lock');
  const flock = ['flock', '--no-fork', '-w', String(lockWaitSeconds), '-E', String(lockedStatus), lock];
  return {
    program: 'setpriv',
    args: ['--pdeathsig', 'KILL', ...flock, 'ddrescue', ...ddrescueArguments(request, reopens)],
  };
}
