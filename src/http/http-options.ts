/** Everything may be left out; the defaults suit a station. */
export interface HttpOptions {
  /** Clients of the event stream at a time. */
  readonly maxClients: number;
  /** Bytes a client of the event stream may be behind before it is dropped. */
  readonly clientBudgetBytes: number;
  /** Milliseconds between the comments that keep an event stream alive. */
  readonly heartbeatMs: number;
  /** Milliseconds between looks at drives and system figures while somebody listens. */
  readonly refreshMs: number;
  /** Milliseconds that requests under way get to end when the server stops. */
  readonly graceMs: number;
  /** Connections at a time, per listening address. */
  readonly maxConnections: number;
}

export const defaultHttpOptions: HttpOptions = {
  maxClients: 32,
  clientBudgetBytes: 1024 * 1024,
  heartbeatMs: 15_000,
  refreshMs: 3000,
  graceMs: 1000,
  maxConnections: 256,
};
