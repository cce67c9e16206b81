import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Algorithm, algorithms, type Checksums } from '../core/checksum.js';
import { CliError } from './cli-error.js';

export interface FileVerification {
  readonly file: string;
  readonly size_bytes: number;
  readonly result: 'match' | 'mismatch';
  /** What differs: algorithms, or `size`. */
  readonly differing: readonly string[];
  /** As computed. */
  readonly checksums: Checksums;
  /** What the manifest says the disc was worth; null without one. */
  readonly verdict: string | null;
}

/** What stands beside an image. */
interface Expected {
  readonly digests: readonly { readonly algorithm: Algorithm; readonly digest: string }[];
  readonly sizeBytes: number | null;
  readonly verdict: string | null;
}

const chunkBytes = 4 * 1024 * 1024;
/** A manifest lists every bad range. */
const mostSidecarBytes = 64 * 1024 * 1024;

/** Reads the image once and compares it with FILE.json and FILE.md5 … FILE.blake2b512. Throws CliError. */
export async function verifyFile(
  path: string,
  onProgress: (doneBytes: number, totalBytes: number) => void,
): Promise<FileVerification> {
  const file = imageOf(path);
  const expected = await readExpected(file);
  const wanted = new Set(expected.digests.map(({ algorithm }) => algorithm));
  const hashes = [...wanted].map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
  const size = await readAll(file, (chunk, done, total) => {
    for (const { hash } of hashes) hash.update(chunk);
    onProgress(done, total);
  });
  const computed = new Map(hashes.map(({ algorithm, hash }) => [algorithm, hash.digest('hex')]));
  const differing = new Set(
    expected.digests.filter(({ algorithm, digest }) => computed.get(algorithm) !== digest).map((one) => one.algorithm),
  );
  const isOtherSize = expected.sizeBytes !== null && expected.sizeBytes !== size;
  return {
    file,
    size_bytes: size,
    result: differing.size > 0 || isOtherSize ? 'mismatch' : 'match',
    differing: [...(isOtherSize ? ['size'] : []), ...algorithms.filter((name) => differing.has(name))],
    checksums: Object.fromEntries(computed),
    verdict: expected.verdict,
  };
}

/** Who names the checksum file or the manifest means the image. */
function imageOf(path: string): string {
  const end = ['json', ...algorithms].find((name) => path.endsWith(`.${name}`));
  return end === undefined ? path : path.slice(0, -end.length - 1);
}

async function readExpected(file: string): Promise<Expected> {
  const manifest = await readManifest(`${file}.json`);
  const digests = [...manifest.digests];
  for (const algorithm of algorithms) {
    const digest = await readChecksumFile(file, algorithm);
    if (digest !== null) digests.push({ algorithm, digest });
  }
  if (digests.length > 0) return { ...manifest, digests };
  const name = basename(file);
  const message = `There is nothing to compare ${file} with: neither ${name}.json nor ${name}.sha256 and the like lie beside it.`;
  throw new CliError('not_found', message);
}

async function readManifest(path: string): Promise<Expected> {
  const text = await readSidecar(path);
  if (text === null) return { digests: [], sizeBytes: null, verdict: null };
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch (cause) {
    throw Object.assign(new CliError('bad_request', `${path} is not JSON: put it back from a copy, or move it away.`), {
      cause,
    });
  }
  const { image, verdict } = fieldsOf(manifest);
  const { checksums, size_bytes: size } = fieldsOf(image);
  const { kind } = fieldsOf(verdict);
  const found = fieldsOf(checksums);
  const digests = algorithms.flatMap((algorithm) => {
    const digest = found[algorithm];
    return typeof digest === 'string' ? [{ algorithm, digest: digest.toLowerCase() }] : [];
  });
  return {
    digests,
    sizeBytes: typeof size === 'number' ? size : null,
    verdict: typeof kind === 'string' ? kind : null,
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** `DIGEST  NAME` or `DIGEST *NAME`, with a backslash in front where the name is escaped (coreutils). */
async function readChecksumFile(file: string, algorithm: Algorithm): Promise<string | null> {
  const path = `${file}.${algorithm}`;
  const text = await readSidecar(path);
  if (text === null) return null;
  const digests = text.split('\n').flatMap((line) => {
    const match = /^\\?([0-9a-fA-F]{32,128}) [ *](.+)$/.exec(line);
    return match?.[1] === undefined ? [] : [{ digest: match[1].toLowerCase(), name: match[2] ?? '' }];
  });
  // a file of its own has one line; of several the one with this name counts
  const own = digests.length === 1 ? digests[0] : digests.find(({ name }) => basename(name) === basename(file));
  if (own !== undefined) return own.digest;
  throw new CliError(
    'bad_request',
    `${path} holds no checksum of ${basename(file)}: put it back from a copy, or move it away.`,
  );
}

async function readSidecar(path: string): Promise<string | null> {
  try {
    const handle = await openRegular(path);
    try {
      const { size } = await handle.stat();
      if (size > mostSidecarBytes) throw new CliError('bad_request', `${path} is too large for what it should hold.`);
      return await readFile(handle, 'utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw fileFault(error, path);
  }
}

async function readAll(
  file: string,
  onChunk: (chunk: Buffer, doneBytes: number, totalBytes: number) => void,
): Promise<number> {
  try {
    const handle = await openRegular(file);
    try {
      const { size } = await handle.stat();
      const buffer = Buffer.allocUnsafe(chunkBytes);
      let done = 0;
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, chunkBytes, null);
        if (bytesRead === 0) return done;
        done += bytesRead;
        onChunk(buffer.subarray(0, bytesRead), done, size);
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileFault(error, file);
  }
}

/** Opened without waiting, as a named pipe would keep us for ever. */
async function openRegular(path: string) {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new CliError('bad_request', `${path} is no file: name an image, or the id of an archive.`);
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

function fileFault(error: unknown, path: string): unknown {
  if (error instanceof CliError || !(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'ENOENT') {
    return new CliError('not_found', `${path} does not exist: name an image file, or the id of an archive.`);
  }
  if (error.code === 'EACCES') return new CliError('permission_denied', `You may not read ${path}: use sudo.`);
  return new CliError('io_error', `${path} could not be read (${String(error.code)}): check the disk it lies on.`);
}
