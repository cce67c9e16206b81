import { chmod, lstat, stat, unlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type ListenOptions } from 'node:net';
import { dirname } from 'node:path';
import type { ApiSpec } from '../core/desired.js';
import { Fault } from '../core/fault.js';
import { isLoopback } from './loopback.js';

/** `sun_path` of a unix socket, less the closing zero. */
const longestSocketPath = 107;
/** Who answers on a socket does so at once. */
const probeMs = 1000;

const codeOf = (thrown: unknown): string => (thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '');

export interface ListenerOptions {
  readonly maxConnections: number;
  readonly graceMs: number;
}

/** One address that is listened on. */
export interface Listener {
  /** The port the system chose, where 0 was asked for; null for a unix socket. */
  readonly port: number | null;
  /** Accepts nothing more, gives requests under way their grace, then ends every connection. */
  close(): Promise<void>;
}

function createLimitedServer(handle: RequestListener, options: ListenerOptions): Server {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5000 }, handle);
  server.maxConnections = options.maxConnections;
  server.maxHeadersCount = 100;
  return server;
}

function listen(server: Server, where: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function closeServer(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function portFault(host: string, port: number, cause: unknown): unknown {
  const address = `${host}:${port}`;
  switch (codeOf(cause)) {
    case 'EADDRINUSE': {
      const message = `Another program listens on ${address}; stop it or choose another port in api.listen.`;
      return new Fault('state_conflict', message, { cause });
    }
    case 'EACCES': {
      const message = `The daemon may not listen on ${address}; choose a port above 1023 in api.listen.`;
      return new Fault('permission_denied', message, { cause });
    }
    case 'EADDRNOTAVAIL': {
      const message = `This machine has no address ${host}; choose 127.0.0.1 or ::1 in api.listen.`;
      return new Fault('config_invalid', message, { cause });
    }
    default:
      return cause;
  }
}

/** Throws Fault config_invalid for anything but loopback, state_conflict where the port is taken. */
export async function listenOnPort(
  where: NonNullable<ApiSpec['listen']>,
  handle: RequestListener,
  options: ListenerOptions,
): Promise<Listener> {
  const { host, port } = where;
  const message = `${host} can be reached from other machines; only 127.0.0.1, ::1 or localhost may be listened on.`;
  if (!isLoopback(host)) throw new Fault('config_invalid', message);
  const server = createLimitedServer(handle, options);
  try {
    await listen(server, { host, port });
  } catch (cause) {
    throw portFault(host, port, cause);
  }
  const address = server.address() as AddressInfo;
  if (!isLoopback(address.address)) {
    // `localhost` is looked up, and the hosts file may say anything
    await closeServer(server, 0);
    throw new Fault('config_invalid', `${host} stands for ${address.address} here. ${message}`);
  }
  return { port: address.port, close: () => closeServer(server, options.graceMs) };
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.setTimeout(probeMs, () => socket.destroy(new Error('nobody answers in time, yet the connection is open')));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => (codeOf(error) === 'ECONNREFUSED' ? resolve(false) : reject(error)));
  });
}

/** Removes the socket a dead daemon left. A live one, or a file that is no socket, is not touched: Fault state_conflict. */
async function clearStaleSocket(path: string): Promise<void> {
  // libuv reports a folder that is not there as EACCES
  await stat(dirname(path));
  try {
    const found = await lstat(path);
    if (!found.isSocket()) {
      throw new Fault('state_conflict', `${path} exists and is no socket; move it away or change api.socket.`);
    }
    if (await answers(path)) {
      throw new Fault(
        'state_conflict',
        `Another daemon answers on ${path}; stop it, or give this one its own api.socket.`,
      );
    }
    await unlink(path);
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause;
  }
}

function socketFault(path: string, cause: unknown): unknown {
  switch (codeOf(cause)) {
    case 'EADDRINUSE':
      return new Fault('state_conflict', `Another daemon listens on ${path} by now; stop it.`, { cause });
    case 'EACCES':
    case 'EPERM':
      return new Fault('permission_denied', `The daemon may not create or use ${path}; check its folder.`, { cause });
    case 'EROFS':
      return new Fault('permission_denied', `${path} lies on a read-only filesystem; change api.socket.`, { cause });
    case 'ENOENT':
    case 'ENOTDIR':
      return new Fault('config_invalid', `The folder of ${path} does not exist; create it or change api.socket.`, {
        cause,
      });
    default:
      return cause;
  }
}

/** The socket file gets mode 0660: owner and group may talk to the daemon. */
export async function listenOnSocket(
  path: string,
  handle: RequestListener,
  options: ListenerOptions,
): Promise<Listener> {
  const bytes = Buffer.byteLength(path);
  if (bytes > longestSocketPath) {
    const message = `${path} has ${bytes} bytes; a socket's path may have ${longestSocketPath}. Choose a shorter api.socket.`;
    throw new Fault('config_invalid', message);
  }
  const server = createLimitedServer(handle, options);
  try {
    await clearStaleSocket(path);
    await listen(server, { path });
    await chmod(path, 0o660);
  } catch (cause) {
    if (server.listening) await closeServer(server, 0);
    throw socketFault(path, cause);
  }
  return { port: null, close: () => closeServer(server, options.graceMs) };
}

/** Marks requests of one listener, so that the guard can tell them from the others. */
export function marking(handle: RequestListener, marked: WeakSet<IncomingMessage>): RequestListener {
  return (request, response) => {
    marked.add(request);
    return handle(request, response);
  };
}
