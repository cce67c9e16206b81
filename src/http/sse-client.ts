import type { Context } from 'koa';
import SseTransform from 'koa-sse-stream/lib/sse.js';
import type { StreamMessage } from './stream-message.js';

/**
 * One listener of the event stream: koa-sse-stream's message format behind a guard. Only its stream class is used:
 * its middleware keeps a timer for ever, prints to the console, and loses a slot whenever a handler throws. `send()`
 * there knows no back-pressure, so what a client has not taken yet is counted here, and over the budget it is dropped.
 */
export class SseClient {
  readonly #ctx: Context;
  readonly #stream: InstanceType<typeof SseTransform>;
  readonly #budgetBytes: number;
  readonly #onClose: (dropped: boolean) => void;
  /** Sizes of the messages handed to the stream that it has not formatted yet, and their sum. */
  readonly #waiting: number[] = [];
  #waitingBytes = 0;
  #finished = false;
  #closed = false;

  /** Takes over the response. `onClose` is called once, however the stream ends. */
  constructor(ctx: Context, budgetBytes: number, onClose: (dropped: boolean) => void) {
    this.#ctx = ctx;
    this.#budgetBytes = budgetBytes;
    this.#onClose = onClose;
    this.#stream = new SseTransform(ctx);
    ctx.status = 200;
    ctx.body = this.#stream;
    ctx.res.once('close', () => this.#end(false));
    this.#stream.once('error', () => this.#end(false));
    // it tells of each message as soon as that is formatted; write()'s own callback comes only when it was taken
    this.#stream.on('message', () => {
      this.#waitingBytes -= this.#waiting.shift() ?? 0;
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes that were sent to this client and are not with it or its kernel's buffers yet. */
  backlogBytes(): number {
    return this.#waitingBytes + this.#stream.readableLength + this.#ctx.res.writableLength;
  }

  send({ event, id, data }: StreamMessage): void {
    if (this.#closed || this.#finished) return;
    this.#write({ event, data, ...(id === null ? {} : { id }) }, Buffer.byteLength(data));
    if (this.backlogBytes() > this.#budgetBytes) this.#end(true);
  }

  /** A comment, which browsers do not show, so that proxies and this side notice a dead connection. */
  heartbeat(): void {
    if (!this.#closed && !this.#finished) this.#write(':', 1);
  }

  /** Ends in good order: what was sent arrives, and the browser will connect again. */
  finish(): void {
    if (this.#closed || this.#finished) return;
    this.#finished = true;
    this.#stream.sendEnd({ event: 'closing', data: '{}' });
  }

  /** Ends at once. */
  destroy(): void {
    this.#end(false);
  }

  #write(message: Parameters<InstanceType<typeof SseTransform>['write']>[0], bytes: number): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes;
    this.#stream.write(message);
  }

  #end(dropped: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stream.destroy();
    this.#ctx.res.destroy();
    this.#onClose(dropped);
  }
}
