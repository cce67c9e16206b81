import { Fault, type FaultCode } from '../core/fault.js';
import type { RescueRequest } from '../core/imaging-ports.js';

interface Known {
  readonly pattern: RegExp;
  readonly code: FaultCode;
  readonly advice: string;
}

const inputGone = 'put the disc or the file back, and it goes on from there';
const inputChanged = 'what was read so far may belong to something else; bring it in anew';
const checkDisk = "check the library's disk, then resume the job";

/** Messages of ddrescue 1.27 to 1.29 and of flock in the C locale; the first that fits decides. */
const known: readonly Known[] = [
  { pattern: /No space left on device|Disk quota exceeded/, code: 'no_space', advice: 'make room in the library' },
  { pattern: /Input file disappeared/, code: 'medium_absent', advice: inputGone },
  {
    pattern: /Can't (open|reopen) input file: (No medium found|No such|Wrong medium type)/,
    code: 'medium_absent',
    advice: inputGone,
  },
  {
    pattern: /Can't (open|reopen) input file: (Permission denied|Operation not permitted)/,
    code: 'permission_denied',
    advice: 'let the daemon read it, for a drive by adding its user to the group cdrom',
  },
  {
    pattern: /Can't (open|reopen) input file: Device or resource busy/,
    code: 'device_busy',
    advice: 'close what else uses the drive',
  },
  {
    pattern: /Input file is only|past end of input file|below the size calculated|no longer returns|inconsistent data/,
    code: 'source_changed',
    advice: inputChanged,
  },
  { pattern: /File too large/, code: 'library_unwritable', advice: 'keep the library on a filesystem for large files' },
  {
    pattern:
      /Write error|Can't (open output|create map)|Error (writing|closing) ?(mapfile|outfile)|Mapfile is not writ/,
    code: 'library_unwritable',
    advice: checkDisk,
  },
  { pattern: /Error extending output|cannot open lock file/, code: 'library_unwritable', advice: checkDisk },
];

const retryOf = (code: FaultCode): 'later' | 'never' => (code === 'source_changed' ? 'never' : 'later');

/** What went wrong, from what ddrescue said on its standard error. `ending`: how it ended, where that says nothing. */
export function faultFromMessages(stderr: string, ending: string, request: RescueRequest): Fault {
  const lines = stderr.split('\n').flatMap((line) => {
    const said = line
      .trim()
      .replace(/^(ddrescue|flock): /, '')
      .replace(/ \(errno=\d+\)$/, '');
    return said === '' ? [] : [said];
  });
  for (const said of lines.toReversed()) {
    const match = known.find(({ pattern }) => pattern.test(said));
    if (match === undefined) continue;
    return new Fault(match.code, `ddrescue reports "${said}"; ${match.advice}.`, { retry: retryOf(match.code) });
  }
  const last = lines.at(-1);
  const detail = last === undefined ? 'without a message' : `with "${last}"`;
  return new Fault('tool_failed', `ddrescue ${ending} ${detail} while it read ${request.source}; resume the job.`, {
    retry: 'later',
  });
}

/** Turns a failed system call on image or map into a Fault; rethrows what is none. */
export function faultFromWriting(error: unknown, path: string): Fault {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error;
  const full = error.code === 'ENOSPC' || error.code === 'EDQUOT';
  const advice = full ? 'make room in the library' : checkDisk;
  const code = full ? 'no_space' : 'library_unwritable';
  return new Fault(code, `${path} cannot be written (${String(error.code)}); ${advice}.`, {
    retry: 'later',
    cause: error,
  });
}
