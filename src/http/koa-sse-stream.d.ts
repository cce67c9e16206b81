/** The stream class of koa-sse-stream 0.2.0, which ships no types. `write` takes one message at a time. */
declare module 'koa-sse-stream/lib/sse.js' {
  import type { Transform } from 'node:stream';
  import type { Context } from 'koa';

  interface SseMessage {
    readonly event?: string;
    readonly id?: number;
    readonly retry?: number;
    readonly data?: string;
  }

  interface SseTransform extends Transform {
    write(message: SseMessage | string): boolean;
    /** Once for each message, as soon as it is formatted. */
    on(event: 'message', listener: () => void): this;
    on(event: string, listener: (...values: unknown[]) => void): this;
    sendEnd(message: SseMessage): void;
  }

  const SseTransform: new (ctx: Context) => SseTransform;
  export = SseTransform;
}
