import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeEnd } from '../../src/adapters/ddrescue-end.js';
import type { ProcessEnd } from '../../src/adapters/ddrescue-process.js';
import type { FaultCode } from '../../src/core/fault.js';
import type { RescueMode } from '../../src/core/imaging-ports.js';
import type { AreaStatus, RescueMap } from '../../src/core/rescue-map.js';
import { isFault } from './rescue-bed.js';

const mediumBytes = 5 * 2048;
const sweep: RescueMode = { kind: 'sweep' };
const copy: RescueMode = { kind: 'copy' };
const rescue = { kind: 'rescue', retryPasses: 1, giveUpSeconds: null } as const;

const request = (mode: RescueMode) => ({
  source: '/dev/sr0',
  image: '/library/work/image',
  map: '/library/work/map',
  mediumBytes,
  sectorSize: 2048,
  direct: true,
  mode,
});

/** One character a sector. */
const mapOf = (sectors: string): RescueMap => ({
  phase: '+',
  areas: [...sectors].map((status, at) => ({ start: at * 2048, length: 2048, status: status as AreaStatus })),
});

const ended = (status: number | null, stderr = '', signal: NodeJS.Signals | null = null): ProcessEnd => ({
  status,
  signal,
  stderr,
});

describe('how a rescue ended', () => {
  for (const [mode, sectors, status, kind] of [
    [sweep, '+++++', 0, 'finished'],
    [sweep, '++*??', 1, 'read_error'],
    [sweep, '*????', 1, 'read_error'],
    [copy, '++*++', 0, 'finished'],
    [copy, '++/-*', 0, 'finished'],
    [rescue, '++-++', 0, 'finished'],
    [rescue, '-----', 0, 'finished'],
    // the map decides, whatever the exit status
    [rescue, '+++++', 1, 'finished'],
  ] as const) {
    test(`${mode.kind} with map ${sectors} and status ${status} is ${kind}`, () => {
      assert.equal(judgeEnd(ended(status), mapOf(sectors), request(mode)).kind, kind);
    });
  }

  test('a rescue that may give up is finished when its time is over, but not when it failed', () => {
    const impatient = request({ ...rescue, giveUpSeconds: 60 });
    assert.equal(judgeEnd(ended(1), mapOf('-///-'), impatient).kind, 'finished');
    assert.throws(
      () => judgeEnd(ended(1, 'ddrescue: Write error'), mapOf('-///-'), impatient),
      isFault('library_unwritable'),
    );
  });

  for (const [mode, sectors, status, code] of [
    [sweep, '++???', 0, 'tool_failed'],
    [copy, '++*??', 0, 'tool_failed'],
    [rescue, '++*++', 0, 'tool_failed'],
    [rescue, '++/++', 0, 'tool_failed'],
    [rescue, '++-++', 1, 'tool_failed'],
    [sweep, null, 0, 'medium_absent'],
    [sweep, null, 1, 'tool_failed'],
    [sweep, '++???', 75, 'device_busy'],
    [sweep, '+++++', 75, 'device_busy'],
  ] as const) {
    test(`${mode.kind} with map ${sectors} and status ${status} is ${code}`, () => {
      const map = sectors === null ? null : mapOf(sectors);
      assert.throws(() => judgeEnd(ended(status), map, request(mode)), isFault(code));
    });
  }

  test('a source that ends early has changed, but for a drive whose kernel cut off the unreadable end', () => {
    const long = 300 * 2048;
    const readTo = (sectors: number): RescueMap => ({
      phase: '+',
      areas: [{ start: 0, length: sectors * 2048, status: '+' }],
    });
    const judged = (mode: RescueMode, sectors: number, direct: boolean) =>
      judgeEnd(ended(0), readTo(sectors), { ...request(mode), mediumBytes: long, direct }).kind;
    assert.deepEqual([judged(sweep, 200, true), judged(copy, 200, true)], ['read_error', 'finished']);
    assert.equal(judged(rescue, 193, true), 'finished');
    assert.throws(() => judged(rescue, 192, true), isFault('source_changed'));
    assert.throws(() => judged(sweep, 299, false), isFault('source_changed'));
  });

  test('a drive cut short by its kernel is read to its end where only that is left, and else wanted again', () => {
    const long = { mediumBytes: 300 * 2048 };
    const words = 'ddrescue: /dev/sr0: Unaligned read error. Is sector size correct?';
    const judged = (sectors: string, direct = true) =>
      judgeEnd(ended(1, words), mapOf(sectors), { ...request(rescue), ...long, direct }).kind;
    assert.equal(judged(`${'+'.repeat(100)}-${'+'.repeat(150)}-*${'+'.repeat(47)}`), 'finished');
    assert.throws(() => judged(`${'+'.repeat(100)}*${'+'.repeat(150)}-*${'+'.repeat(47)}`), isFault('source_changed'));
    assert.throws(() => judged(`${'+'.repeat(251)}-*${'+'.repeat(47)}`, false), isFault('tool_failed'));
  });

  test('one ended by a signal is no finished rescue, even where the map looks so', () => {
    assert.throws(() => judgeEnd(ended(null, '', 'SIGKILL'), mapOf('+++++'), request(sweep)), isFault('tool_failed'));
  });

  // as printed by ddrescue 1.27 and, with the number, 1.29
  const messages: readonly (readonly [string, FaultCode])[] = [
    ["ddrescue: /dev/sr0: Can't open input file: No medium found", 'medium_absent'],
    ["ddrescue: /dev/sr0: Can't open input file: No medium found (errno=123)", 'medium_absent'],
    ["ddrescue: /dev/sr0: Can't open input file: No such device or address (errno=6)", 'medium_absent'],
    ["ddrescue: x.iso: Can't open input file: No such file or directory", 'medium_absent'],
    ['ddrescue: /dev/sr0: Input file disappeared: No such file or directory (errno=2)', 'medium_absent'],
    ["ddrescue: /dev/sr0: Can't open input file: Permission denied (errno=13)", 'permission_denied'],
    ["ddrescue: /dev/sr0: Can't open input file: Device or resource busy", 'device_busy'],
    ['ddrescue: image: Write error: No space left on device (errno=28)', 'no_space'],
    ["ddrescue: map: Can't create mapfile: No space left on device", 'no_space'],
    [
      'ddrescue: map: Error writing mapfile: No space left on device\nFix the problem and press ENTER to retry,',
      'no_space',
    ],
    ['ddrescue: image: Write error: Disk quota exceeded', 'no_space'],
    ['ddrescue: image: Write error: File too large', 'library_unwritable'],
    ['ddrescue: image: Write error: Input/output error (errno=5)', 'library_unwritable'],
    ["ddrescue: image: Can't open output file: Read-only file system", 'library_unwritable'],
    ["ddrescue: map: Can't create mapfile: Permission denied", 'library_unwritable'],
    ['flock: cannot open lock file /library/work/lock: Read-only file system', 'library_unwritable'],
    ['ddrescue: Last block in mapfile begins past end of input file.', 'source_changed'],
    ["ddrescue: Can't start reading at pos 5120 B.\n          Input file is only 4096 bytes long.", 'source_changed'],
    ['ddrescue: map: Error in mapfile, line 1: Bad or missing status line.', 'tool_failed'],
  ];
  for (const [stderr, code] of messages) {
    test(`"${stderr}" is ${code}`, () => {
      for (const map of [null, mapOf('++???'), mapOf('++*??')]) {
        const file = { ...request(sweep), direct: false };
        assert.throws(() => judgeEnd(ended(1, `${stderr}\n`), map, file), isFault(code));
      }
    });
  }
});
