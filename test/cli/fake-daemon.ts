import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

export interface Asked {
  readonly request: string;
  readonly body: unknown;
  readonly headers: IncomingMessage['headers'];
}

export type Answer = object | ((response: ServerResponse, request: IncomingMessage) => void);

export function makeFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'disk2iso-cli-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A real HTTP server on a real unix socket. `answers`: by `METHOD /path`, with or without the query. */
export async function startFakeDaemon(context: TestContext, answers: Readonly<Record<string, Answer>>) {
  const socket = join(makeFolder(context), 'daemon.sock');
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const line = `${request.method} ${request.url}`;
    const body = await text(request);
    asked.push({ request: line, body: body === '' ? null : JSON.parse(body), headers: request.headers });
    const answer = answers[line] ?? answers[line.split('?')[0] ?? ''];
    if (typeof answer === 'function') return answer(response, request);
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { error: { code: 'not_found', message: 'There is no such thing.' } }));
  });
  server.listen(socket);
  await once(server, 'listening');
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  context.after(stop);
  return { socket, asked, server, stop };
}
