import { Fault } from '../core/fault.js';
import type { RescueEnd, RescueRequest } from '../core/imaging-ports.js';
import { bytesWith, endOfMap, type RescueMap, rangesWithout } from '../core/rescue-map.js';
import { lockedStatus } from './ddrescue-command.js';
import { faultFromMessages } from './ddrescue-fault.js';
import type { ProcessEnd } from './ddrescue-process.js';
import { failedBytes } from './ddrescue-progress.js';

/** Whether nothing is left that this mode would still try. */
function isExhausted(map: RescueMap, request: RescueRequest): boolean {
  if (bytesWith(map, '?') > 0) return false;
  return request.mode.kind === 'copy' || bytesWith(map, '*') + bytesWith(map, '/') === 0;
}

/**
 * The kernel shortens a drive's disc when a read fails within the last 75 sectors, to where that read of at most 32
 * began (sr_done() in drivers/scsi/sr.c). What is beyond cannot be read: a bad end, not another disc.
 */
const mostCutOffBytes = (75 + 32) * 2048;

function isCutShort(map: RescueMap, request: RescueRequest): boolean {
  return (
    request.direct && endOfMap(map) < request.mediumBytes && endOfMap(map) >= request.mediumBytes - mostCutOffBytes
  );
}

/** What ddrescue 1.29 says on Linux 6.12 when the device under it has become shorter. */
const shortened = /Unaligned read error|Last block in mapfile begins past end of input file/;

/** Where only the end is left to be tried, there is nothing more to try. Throws Fault where there is. */
function judgeShortened(map: RescueMap, request: RescueRequest): RescueEnd {
  const untried = map.areas.find(({ status }) => status !== '+' && status !== '-');
  if (untried === undefined || untried.start >= request.mediumBytes - mostCutOffBytes) {
    return { kind: request.mode.kind === 'sweep' ? 'read_error' : 'finished', map };
  }
  const message = `The kernel has cut ${request.source} short at a read error near the disc's end; take the disc out and put it in again to go on.`;
  throw new Fault('source_changed', message, { retry: 'later' });
}

/**
 * What the process left, judged by the map: ddrescue's exit status is 0 with bad sectors left, and with a source
 * that ended early. Throws Fault where the rescue did not come to its end.
 */
export function judgeEnd(end: ProcessEnd, map: RescueMap | null, request: RescueRequest): RescueEnd {
  if (end.status === lockedStatus) {
    const message = 'An earlier ddrescue still works on this image; if it stays so, switch its drive off and on.';
    throw new Fault('device_busy', message, { retry: 'later' });
  }
  const how = end.signal === null ? `ended with status ${end.status}` : `was ended from outside by ${end.signal}`;
  const fail = (): Fault => faultFromMessages(end.stderr, how, request);
  if (map === null && end.status === 0) {
    const message = `${request.source} holds nothing any more; put the disc or the file back, and it goes on from there.`;
    throw new Fault('medium_absent', message, { retry: 'later' });
  }
  if (map === null || end.signal !== null) throw fail();
  if (rangesWithout(map, '+', request.mediumBytes).length === 0) return { kind: 'finished', map };
  // ddrescue tells of the read error that ends a sweep on its standard output; a failed write is told on the other
  if (request.mode.kind === 'sweep' && failedBytes(map) > 0 && end.stderr === '') return { kind: 'read_error', map };
  if (request.direct && shortened.test(end.stderr)) return judgeShortened(map, request);
  if (request.mode.kind === 'sweep' && end.status === 0 && isCutShort(map, request)) return { kind: 'read_error', map };
  // ddrescue tells on its standard output that its time was over; a failed write is told on the other
  const mayGiveUp = request.mode.kind === 'rescue' && request.mode.giveUpSeconds !== null;
  if (mayGiveUp && end.status === 1 && end.stderr === '') return { kind: 'finished', map };
  if (end.status !== 0) throw fail();
  if (endOfMap(map) < request.mediumBytes && !isCutShort(map, request)) {
    const bytes = `${endOfMap(map)} of ${request.mediumBytes} bytes`;
    throw new Fault('source_changed', `${request.source} ended after ${bytes}; bring it in again when it is complete.`);
  }
  if (isExhausted(map, request)) return { kind: 'finished', map };
  throw fail();
}
