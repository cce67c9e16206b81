import type { IncomingMessage, RequestListener } from 'node:http';
import type { ApiSpec } from '../core/desired.js';
import type { Clock, EventSource, Log } from '../core/ports.js';
import type { ConfigCommands, StationCommands, StationView } from '../core/station-ports.js';
import { archiveRoutes } from './archive-routes.js';
import { configRoutes } from './config-routes.js';
import { createApp } from './create-app.js';
import { eventRoutes } from './event-routes.js';
import { EventStream } from './event-stream.js';
import { defaultHttpOptions, type HttpOptions } from './http-options.js';
import { jobRoutes } from './job-routes.js';
import { type Listener, listenOnPort, listenOnSocket, marking } from './listener.js';
import { createMetrics } from './metrics.js';
import { pageRoutes } from './page/page-routes.js';
import type { Route } from './route.js';
import { createSchemas } from './schemas.js';
import { systemRoutes } from './system-routes.js';

export interface HttpServer {
  /** Every endpoint with the shapes of what goes in and comes out. */
  readonly routes: readonly Route[];
  /** Listens where `api` of the configuration says. Throws Fault config_invalid, state_conflict, permission_denied. */
  start(): Promise<void>;
  /**
   * Listens where the configuration says by now. The new address is opened before the old one is closed; where that
   * fails, the old one stays and the Fault tells why. Does nothing once it was stopped.
   */
  relisten(): Promise<void>;
  /** Ends event streams and requests; no socket stays open. */
  stop(): Promise<void>;
  /** `http://127.0.0.1:8080` as it is listened on now; null for the unix socket alone. */
  address(): string | null;
}

export interface HttpServerDeps {
  readonly view: StationView;
  readonly commands: StationCommands;
  readonly configuration: ConfigCommands;
  readonly events: EventSource;
  readonly clock: Clock;
  readonly log: Log;
}

interface Open<Where> {
  readonly where: Where;
  readonly listener: Listener;
}

type Port = NonNullable<ApiSpec['listen']>;

const samePort = (a: Port | null, b: Port | null): boolean => a?.host === b?.host && a?.port === b?.port;

export function createHttpServer(deps: HttpServerDeps, given: Partial<HttpOptions> = {}): HttpServer {
  const options = { ...defaultHttpOptions, ...given };
  const { view, events, clock, log } = deps;
  const schemas = createSchemas();
  const stream = new EventStream(view, events, clock, log, options);
  const metrics = createMetrics(view, events, stream, log);
  const routes = [
    ...jobRoutes(deps),
    ...archiveRoutes(deps),
    ...systemRoutes(deps),
    ...configRoutes(deps),
    ...eventRoutes(stream, metrics),
    ...pageRoutes(deps, () => stream.latestSeq()),
  ];
  const fromSocket = new WeakSet<IncomingMessage>();
  const handle: RequestListener = createApp(deps, routes, schemas, metrics, (request) => fromSocket.has(request));
  let port: Open<Port> | null = null;
  let socket: Open<string> | null = null;
  let stopped = false;
  let turn: Promise<unknown> = Promise.resolve();

  /** One change of what is open at a time: what opens late would stay open after the end. */
  const inTurn = <Result>(task: () => Promise<Result>): Promise<Result> => {
    const mine = turn.then(task);
    turn = mine.catch(() => undefined); // The caller has the error; the next one gets its turn.
    return mine;
  };

  /** Opens what is wanted and not open, then closes what is open and not wanted. */
  const listenAsConfigured = async (): Promise<void> => {
    const { listen, socket: path } = view.config().desired.api;
    const oldPort = port;
    const oldSocket = socket;
    const newSocket =
      oldSocket?.where === path
        ? oldSocket
        : { where: path, listener: await listenOnSocket(path, marking(handle, fromSocket), options) };
    try {
      port = await openPort(listen, oldPort);
    } catch (cause) {
      if (newSocket !== oldSocket) await newSocket.listener.close();
      throw cause;
    }
    socket = newSocket;
    await Promise.all([
      oldPort === port ? null : oldPort?.listener.close(),
      oldSocket === newSocket ? null : oldSocket?.listener.close(),
    ]);
  };

  const openPort = async (listen: Port | null, old: Open<Port> | null): Promise<Open<Port> | null> => {
    if (listen === null) return null;
    if (old !== null && samePort(old.where, listen)) return old;
    return { where: listen, listener: await listenOnPort(listen, handle, options) };
  };

  return {
    routes,
    async start() {
      await inTurn(listenAsConfigured);
      metrics.start();
      stream.start();
    },
    relisten: () => inTurn(async () => (stopped ? undefined : listenAsConfigured())),
    async stop() {
      await stream.stop();
      metrics.stop();
      stopped = true;
      await inTurn(async () => {
        const open = [port, socket];
        port = null;
        socket = null;
        await Promise.all(open.map((one) => one?.listener.close()));
      });
    },
    address() {
      if (port === null) return null;
      const { host } = port.where;
      return `http://${host.includes(':') ? `[${host}]` : host}:${port.listener.port}`;
    },
  };
}
