import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '../core/fault.js';
import { isMissing, makeFolder, writeDurably } from './library-files.js';

/**
 * `<library>/.disk2iso/ledger`: one fsynced line for each archive added, superseded or removed, so that a catalog
 * which was lost, emptied, or put back from an old copy is noticed. It only grows.
 *
 *   # disk2iso ledger 1 CATALOG_ID
 *   NUMBER added|superseded|removed ARCHIVE_ID "PATH"
 *
 * Order of writing: first the catalog's batch, then these lines. So a ledger that is ahead of the catalog means
 * loss, and one that is behind means a crash between the two, or a library that was full: the catalog keeps the
 * lines it owes and adds them at the next start or commit.
 */
export interface LedgerTail {
  readonly catalogId: string;
  /** Number of the last whole line; 0 where there is none yet. */
  readonly last: number;
  /** The last lines by number, without their number. */
  readonly lines: ReadonlyMap<number, string>;
  /** Bytes up to the end of the last whole line. A crash may have left a piece after it. */
  readonly wholeBytes: number;
}

const header = /^# disk2iso ledger 1 (\S+)$/;
const line = /^(\d+) (.*)$/;
const tailBytes = 64 * 1024;

export const ledgerPath = (library: string): string => join(library, '.disk2iso', 'ledger');

async function readPart(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, start);
  return buffer.subarray(0, bytesRead);
}

function damaged(path: string, what: string): Fault {
  return new Fault('catalog_damaged', `The library's ledger ${path} ${what}; run \`disk2iso catalog rebuild\`.`);
}

async function readOpen(file: FileHandle, path: string): Promise<LedgerTail> {
  const { size } = await file.stat();
  const start = await readPart(file, 0, Math.min(size, 200));
  const catalogId = header.exec(start.toString('utf8').split('\n')[0] ?? '')?.[1];
  if (catalogId === undefined || !start.includes(10)) throw damaged(path, 'does not begin as one');
  const from = Math.max(0, size - tailBytes);
  const tail = await readPart(file, from, size - from);
  const end = tail.lastIndexOf(10) + 1;
  const texts = tail.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  // The first piece of a tail is the end of some line; at the file's start it is the header.
  const lines = new Map<number, string>();
  let last = 0;
  for (const [index, text] of texts.slice(1).entries()) {
    const [, number, rest] = line.exec(text) ?? [];
    if (number === undefined || rest === undefined) throw damaged(path, `has a damaged line (${text.slice(0, 80)})`);
    if (index > 0 && Number(number) !== last + 1) throw damaged(path, `jumps from line ${last} to ${number}`);
    last = Number(number);
    lines.set(last, rest);
  }
  return { catalogId, last, lines, wholeBytes: from + end };
}

/** Null where there is none. Throws Fault catalog_damaged for one that is no ledger any more. */
export async function readLedger(library: string): Promise<LedgerTail | null> {
  const path = ledgerPath(library);
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new Fault('library_unwritable', `The library's ledger ${path} cannot be read (${code}).`, {
      retry: 'later',
      cause: error,
    });
  }
  try {
    return await readOpen(file, path);
  } finally {
    await file.close();
  }
}

/** Begins the ledger anew with these lines; one that is there is replaced as a whole. */
export async function createLedger(library: string, catalogId: string, lines: readonly string[]): Promise<void> {
  const path = ledgerPath(library);
  await makeFolder(dirname(path));
  const all = [`# disk2iso ledger 1 ${catalogId}`, ...lines.map((text, index) => `${index + 1} ${text}`)];
  await writeDurably(path, `${all.join('\n')}\n`);
}

/**
 * Adds those of the lines that it lacks, so that repeating does no harm.
 *
 * @returns the number of its last line
 */
export async function appendLedger(
  library: string,
  catalogId: string,
  lines: readonly { readonly number: number; readonly text: string }[],
): Promise<number> {
  const path = ledgerPath(library);
  let file: FileHandle;
  try {
    file = await open(path, 'r+');
  } catch (error) {
    // A library that appeared only after the first start: nothing can be missing from a ledger that never was.
    if (!isMissing(error) || lines[0]?.number !== 1) throw error;
    await createLedger(
      library,
      catalogId,
      lines.map((one) => one.text),
    );
    return lines.length;
  }
  try {
    const tail = await readOpen(file, path);
    if (tail.catalogId !== catalogId) {
      throw damaged(path, 'belongs to another catalog now: stop whatever other station uses this library');
    }
    const missing = lines.filter((one) => one.number > tail.last);
    if (missing.length === 0) return tail.last;
    if (missing[0]?.number !== tail.last + 1)
      throw damaged(path, `ends at line ${tail.last}, earlier than was written`);
    await file.truncate(tail.wholeBytes);
    const text = Buffer.from(missing.map((one) => `${one.number} ${one.text}\n`).join(''));
    // A disk that is nearly full takes a part without an error.
    for (let done = 0; done < text.length; ) {
      done += (await file.write(text, done, text.length - done, tail.wholeBytes + done)).bytesWritten;
    }
    await file.sync();
    return missing.at(-1)?.number ?? tail.last;
  } finally {
    await file.close();
  }
}
