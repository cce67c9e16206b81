import assert from 'node:assert/strict';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { HttpServer } from '../../src/http/create-http-server.js';
import { type StreamEvent, streamSchemas } from '../../src/http/stream-message.js';
import { assertShape, until } from './api-client.js';

export interface Received {
  readonly event: string;
  readonly id: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what the schema has just proved
  readonly data: any;
}

/** Reads the event stream as a browser does, and checks every message against its schema. */
export class SseReader {
  readonly received: Received[] = [];
  comments = 0;
  ended = false;
  readonly response: IncomingMessage;
  readonly #request: ClientRequest;
  #rest = '';

  private constructor(sent: ClientRequest, response: IncomingMessage) {
    this.#request = sent;
    this.response = response;
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#take(text));
    response.once('error', () => undefined);
    response.once('close', () => {
      this.ended = true;
    });
  }

  static open(server: HttpServer, headers: Record<string, string> = {}): Promise<SseReader> {
    return new Promise((resolve, reject) => {
      const sent = request(`${server.address()}/api/v1/events`, { agent: false, headers }, (response) =>
        resolve(new SseReader(sent, response)),
      );
      sent.once('error', reject);
      sent.end();
    });
  }

  #take(text: string): void {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) this.#takeBlock(block);
  }

  #takeBlock(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const [, name = '', value = ''] = /^([a-z]*): ?(.*)$/s.exec(line) ?? [];
      if (name === '') this.comments += 1;
      else fields.set(name, value);
    }
    const event = fields.get('event');
    if (event === undefined) return;
    const data: unknown = JSON.parse(fields.get('data') ?? 'null');
    if (event !== 'closing') {
      assert.ok(event in streamSchemas, `a message ${event} without a schema`);
      assertShape(streamSchemas[event as StreamEvent], data);
    }
    this.received.push({ event, id: fields.get('id') ?? null, data });
  }

  of(event: string): Received[] {
    return this.received.filter((one) => one.event === event);
  }

  /** The first message of that name, as soon as it is there. */
  async next(event: string, matches: (one: Received) => boolean = () => true): Promise<Received> {
    await until(() => this.of(event).some(matches), `a message ${event}`);
    const found = this.of(event).find(matches);
    assert.ok(found);
    return found;
  }

  close(): void {
    this.#request.destroy();
  }
}
