import type { IncomingMessage } from 'node:http';
import { HttpProblem } from './http-problem.js';

/** No request of this API comes near it, but for those that hold whole files. */
export const mostBodyBytes = 64 * 1024;

function tooLarge(most: number): HttpProblem {
  const message = `The body is larger than ${most} bytes, which no request here needs.`;
  // what is still under way would be read and thrown away; close instead
  return new HttpProblem(413, 'payload_too_large', message, { headers: { connection: 'close' } });
}

function checkType(request: IncomingMessage): void {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (type !== 'application/json' || encoding !== 'identity') {
    const found = type === undefined ? 'none was given' : `it was ${JSON.stringify(type)}, encoding ${encoding}`;
    const message = `The body must be sent as application/json without encoding; ${found}.`;
    throw new HttpProblem(415, 'unsupported_media_type', message);
  }
}

async function readAll(request: IncomingMessage, most: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge(most);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) throw tooLarge(most);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The parsed body, or null where there is none. Throws HttpProblem 400, 413 or 415. */
export async function readJsonBody(request: IncomingMessage, most = mostBodyBytes): Promise<unknown> {
  const announced = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length']) > 0;
  if (!announced) return null;
  checkType(request);
  const bytes = await readAll(request, most);
  if (bytes.length === 0) return null;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HttpProblem(400, 'bad_request', `The body is not JSON in UTF-8: ${reason}.`);
  }
}
