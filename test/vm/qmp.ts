import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { until } from './until.js';

export interface QmpEvent {
  readonly event: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

interface Reply {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
  readonly event?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** QEMU's machine protocol over a unix socket: one command at a time, events kept in `events`. */
export class Qmp {
  /** All events since the connection, oldest first. */
  readonly events: QmpEvent[] = [];
  readonly #socket: Socket;
  readonly #replies = new EventEmitter<{ reply: [Reply] }>();
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(socket: Socket) {
    this.#socket = socket;
    // The end of QEMU ends the connection; whoever waits for a reply is told by 'close' below.
    socket.on('error', () => {});
    const lines = createInterface({ input: socket });
    lines.on('error', () => {});
    lines.on('line', (line) => {
      const message = JSON.parse(line) as Reply;
      if (message.event !== undefined) {
        const event = message.data ? { event: message.event, data: message.data } : { event: message.event };
        this.events.push(event);
      } else if (message.return !== undefined || message.error !== undefined) this.#replies.emit('reply', message);
    });
    socket.on('close', () => this.#replies.emit('reply', { error: { desc: 'QEMU is gone' } }));
  }

  /** Throws when nobody listens at `path` within 10 s. */
  static async connect(path: string): Promise<Qmp> {
    const socket = await until(`QMP socket ${path}`, 10_000, () => open(path), 30);
    const qmp = new Qmp(socket);
    await qmp.execute('qmp_capabilities');
    return qmp;
  }

  /** Throws with QEMU's own words when it refuses. */
  execute(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const run = async () => {
      const reply = once(this.#replies, 'reply') as Promise<[Reply]>;
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
      const [{ return: value, error }] = await reply;
      if (error) throw new Error(`QEMU refuses ${command} ${JSON.stringify(args)}: ${error.desc}`);
      return value;
    };
    const result = this.#queue.then(run);
    this.#queue = result.catch(() => {});
    return result;
  }

  /** Waits for an event of this name that comes after the call. */
  async nextEvent(name: string, timeoutMs: number): Promise<QmpEvent> {
    const from = this.events.length;
    return until(
      `QEMU event ${name}`,
      timeoutMs,
      async () => this.events.slice(from).find((e) => e.event === name),
      20,
    );
  }

  close(): void {
    this.#socket.destroy();
  }
}

async function open(path: string): Promise<Socket> {
  const socket = connect(path);
  await once(socket, 'connect');
  return socket;
}
