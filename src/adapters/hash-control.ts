/**
 * The memory that a hash session shares with its workers: what they may read, and how far they are. All cells are
 * accessed through Atomics; positions are bytes. `wake` is the cell that a waiting worker sleeps on.
 */
const wakeCell = 0;
const stopCell = 1;
const headerBytes = 8;
const holdCell = 0;
const totalCell = 1;
const firstDoneCell = 2;
const unlimited = 2n ** 62n;

export class HashControl {
  readonly memory: SharedArrayBuffer;
  readonly #flags: Int32Array;
  readonly #positions: BigInt64Array;

  private constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#flags = new Int32Array(memory, 0, 2);
    this.#positions = new BigInt64Array(memory, headerBytes);
  }

  static create(workers: number): HashControl {
    const control = new HashControl(new SharedArrayBuffer(headerBytes + 8 * (firstDoneCell + workers)));
    Atomics.store(control.#positions, holdCell, unlimited);
    Atomics.store(control.#positions, totalCell, -1n);
    return control;
  }

  /** The same memory, seen from a worker. */
  static attach(memory: SharedArrayBuffer): HashControl {
    return new HashControl(memory);
  }

  setHold(bytes: number): void {
    Atomics.store(this.#positions, holdCell, BigInt(bytes));
    this.#wake();
  }

  /** The file is whole and this long; lifts any hold. */
  setTotal(bytes: number): void {
    Atomics.store(this.#positions, totalCell, BigInt(bytes));
    this.#wake();
  }

  stop(): void {
    Atomics.store(this.#flags, stopCell, 1);
    this.#wake();
  }

  /** Length of the whole file, or null while it still grows. */
  total(): number | null {
    const total = Atomics.load(this.#positions, totalCell);
    return total < 0n ? null : Number(total);
  }

  /** Nothing at or past this position may be read. */
  limit(): number {
    return this.total() ?? Number(Atomics.load(this.#positions, holdCell));
  }

  stopped(): boolean {
    return Atomics.load(this.#flags, stopCell) === 1;
  }

  setDone(worker: number, bytes: number): void {
    Atomics.store(this.#positions, firstDoneCell + worker, BigInt(bytes));
  }

  /** Bytes hashed by the slowest worker; 0 without workers. */
  leastDone(): number {
    const done = Array.from(this.#positions.subarray(firstDoneCell).keys(), (worker) =>
      Number(Atomics.load(this.#positions, firstDoneCell + worker)),
    );
    return done.length === 0 ? 0 : Math.min(...done);
  }

  /** A ticket to be taken before looking at the state; waitForChange returns at once if it is stale by then. */
  ticket(): number {
    return Atomics.load(this.#flags, wakeCell);
  }

  /** Blocks this thread until something was set, or for `ms` milliseconds. */
  waitForChange(ticket: number, ms: number): void {
    Atomics.wait(this.#flags, wakeCell, ticket, ms);
  }

  #wake(): void {
    Atomics.add(this.#flags, wakeCell, 1);
    Atomics.notify(this.#flags, wakeCell);
  }
}
