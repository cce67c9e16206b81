import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Context } from 'koa';
import type { Archive } from '../core/archive.js';
import { Fault } from '../core/fault.js';
import { HttpProblem } from './http-problem.js';
import { parseRange, type SentRange } from './range-header.js';

/** Bytes read ahead of a client. */
const readAhead = 256 * 1024;
/** Milliseconds in which a client must take something, or its file is closed. */
const stallMs = 120_000;

/** The image never changes once it has its name: its digest, or else its id, is a strong validator. */
function etagOf(archive: Archive): string {
  return `"${archive.checksums.sha256 ?? archive.id}"`;
}

const codeOf = (thrown: unknown): unknown => (thrown instanceof Error && 'code' in thrown ? thrown.code : undefined);

/** A symlink, fifo or device that somebody put in the image's place is not followed, waited for or sent. */
async function openImage(archive: Archive, path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      const message = `The image ${archive.path} is no longer in the library; if it was moved, put it back.`;
      throw new Fault('not_found', message, { cause });
    }
    if (code === 'ELOOP') {
      const message = `${archive.path} is a link now, not the image that was archived; it is not sent.`;
      throw new Fault('state_conflict', message, { cause });
    }
    if (code === 'EACCES' || code === 'EPERM') {
      throw new Fault('permission_denied', `The daemon may not read ${archive.path}; check its owner.`, { cause });
    }
    throw new Fault('io_error', `${archive.path} cannot be opened (${String(code)}).`, { cause });
  }
}

async function checkImage(archive: Archive, file: FileHandle): Promise<void> {
  const found = await file.stat();
  if (!found.isFile()) throw new Fault('state_conflict', `${archive.path} is no file; it is not sent.`);
  if (found.size === archive.sizeBytes) return;
  const sizes = `${found.size} bytes instead of ${archive.sizeBytes}`;
  throw new Fault('state_conflict', `${archive.path} has ${sizes}: it is not the image that was archived.`);
}

const matches = (header: string, etag: string): boolean =>
  header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);

/** If-Range lets a range count only for the very same file; a weak or other tag, or another date, means all of it. */
function rangeCounts(ctx: Context, etag: string, modified: string): boolean {
  const condition = ctx.get('If-Range').trim();
  return condition === '' || condition === etag || condition === modified;
}

function notModified(ctx: Context, etag: string, finishedAt: number): boolean {
  const tags = ctx.get('If-None-Match');
  if (tags !== '') return matches(tags, etag);
  const since = Date.parse(ctx.get('If-Modified-Since'));
  return !Number.isNaN(since) && Math.floor(finishedAt / 1000) * 1000 <= since;
}

function chooseRange(ctx: Context, archive: Archive, etag: string, modified: string): SentRange | null {
  if (ctx.method !== 'GET' || !rangeCounts(ctx, etag, modified)) return null;
  const answer = parseRange(ctx.headers.range, archive.sizeBytes);
  if (answer.kind === 'unsatisfiable') {
    const message = `The image has ${archive.sizeBytes} bytes; ask for one range that lies in it.`;
    const headers = { 'Content-Range': `bytes */${archive.sizeBytes}` };
    throw new HttpProblem(416, 'range_not_satisfiable', message, { headers });
  }
  return answer.kind === 'part' ? answer.range : null;
}

/** Hands the file to koa, which closes it however the response ends. */
function stream(ctx: Context, file: FileHandle, range: SentRange): void {
  const body = file.createReadStream({
    start: range.first,
    end: range.last,
    highWaterMark: readAhead,
    autoClose: true,
  });
  ctx.res.setTimeout(stallMs, () => ctx.res.destroy());
  // the length is promised by now: all that is left to say is a broken connection
  body.once('error', () => ctx.res.destroy());
  ctx.body = body;
  ctx.length = range.last - range.first + 1;
}

/** GET and HEAD of an image, whole or one range of it. Throws Fault not_found, state_conflict, permission_denied. */
export async function sendDownload(ctx: Context, archive: Archive, path: string): Promise<void> {
  const etag = etagOf(archive);
  const modified = new Date(archive.finishedAt).toUTCString();
  const file = await openImage(archive, path);
  let handedOver = false;
  try {
    await checkImage(archive, file);
    const required = ctx.get('If-Match');
    if (required !== '' && !matches(required, etag)) {
      throw new HttpProblem(412, 'precondition_failed', 'The image is not the one that If-Match names.');
    }
    const unchanged = notModified(ctx, etag, archive.finishedAt);
    const range = unchanged ? null : chooseRange(ctx, archive, etag, modified);
    ctx.attachment(basename(path));
    ctx.type = 'application/octet-stream';
    ctx.set({ ETag: etag, 'Last-Modified': modified, 'Accept-Ranges': 'bytes', 'Cache-Control': 'private, no-cache' });
    if (unchanged) {
      ctx.status = 304;
      return;
    }
    const sent = range ?? { first: 0, last: archive.sizeBytes - 1 };
    ctx.status = range === null ? 200 : 206;
    if (range !== null) ctx.set('Content-Range', `bytes ${sent.first}-${sent.last}/${archive.sizeBytes}`);
    if (ctx.method === 'HEAD' || archive.sizeBytes === 0) {
      ctx.length = archive.sizeBytes;
      if (ctx.method === 'GET') ctx.body = Buffer.alloc(0);
    } else if (!ctx.res.destroyed) {
      stream(ctx, file, sent);
      handedOver = true;
    }
  } finally {
    if (!handedOver) await file.close();
  }
}
