/**
 * The memory that a hash session shares with its workers: what they may read, and how far they are. All cells are
 * accessed through Atomics; positions are bytes. `wake` is the cell that a waiting worker sleeps on.
 */
const wakeCell = 0;
const stopCell = 1;
const headerBytes = 8;
const holdCell = 0;
const totalCell = 1;
/** Two cells a worker: what it has hashed, and the lowest limit it was given since it last asked. */
const firstWorkerCell = 2;
const cellsPerWorker = 2;
const unlimited = 2n ** 62n;

export class HashControl {
  readonly memory: SharedArrayBuffer;
  readonly #flags: Int32Array;
  readonly #positions: BigInt64Array;
  readonly #workers: number;

  private constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#flags = new Int32Array(memory, 0, 2);
    this.#positions = new BigInt64Array(memory, headerBytes);
    this.#workers = (this.#positions.length - firstWorkerCell) / cellsPerWorker;
  }

  static create(workers: number): HashControl {
    const control = new HashControl(
      new SharedArrayBuffer(headerBytes + 8 * (firstWorkerCell + cellsPerWorker * workers)),
    );
    Atomics.store(control.#positions, holdCell, unlimited);
    Atomics.store(control.#positions, totalCell, -1n);
    for (let worker = 0; worker < workers; worker += 1) control.takeLowestLimit(worker);
    return control;
  }

  /** The same memory, seen from a worker. */
  static attach(memory: SharedArrayBuffer): HashControl {
    return new HashControl(memory);
  }

  setHold(bytes: number): void {
    this.#lowerLimits(BigInt(bytes));
    Atomics.store(this.#positions, holdCell, BigInt(bytes));
    this.#wake();
  }

  /** The file is whole and this long; lifts any hold. */
  setTotal(bytes: number): void {
    this.#lowerLimits(BigInt(bytes));
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

  /**
   * The lowest limit set since the last call, even where it was raised again: what was read past it may have changed.
   * To be asked after total(), so that no digest leaves one out, and before limit(), so that none is used up by a look
   * that does not heed it yet.
   */
  takeLowestLimit(worker: number): number {
    return Number(Atomics.exchange(this.#positions, this.#cellOf(worker) + 1, unlimited));
  }

  setDone(worker: number, bytes: number): void {
    Atomics.store(this.#positions, this.#cellOf(worker), BigInt(bytes));
  }

  /** Bytes hashed by the slowest worker; 0 without workers. */
  leastDone(): number {
    let least = this.#workers === 0 ? 0 : Number.POSITIVE_INFINITY;
    for (let worker = 0; worker < this.#workers; worker += 1) {
      least = Math.min(least, Number(Atomics.load(this.#positions, this.#cellOf(worker))));
    }
    return least;
  }

  /** A ticket to be taken before looking at the state; waitForChange returns at once if it is stale by then. */
  ticket(): number {
    return Atomics.load(this.#flags, wakeCell);
  }

  /** Blocks this thread until something was set, or for `ms` milliseconds. */
  waitForChange(ticket: number, ms: number): void {
    Atomics.wait(this.#flags, wakeCell, ticket, ms);
  }

  #cellOf(worker: number): number {
    return firstWorkerCell + cellsPerWorker * worker;
  }

  #lowerLimits(limit: bigint): void {
    for (let worker = 0; worker < this.#workers; worker += 1) {
      const cell = this.#cellOf(worker) + 1;
      let lowest = Atomics.load(this.#positions, cell);
      while (limit < lowest) {
        const found = Atomics.compareExchange(this.#positions, cell, lowest, limit);
        if (found === lowest) break;
        lowest = found;
      }
    }
  }

  #wake(): void {
    Atomics.add(this.#flags, wakeCell, 1);
    Atomics.notify(this.#flags, wakeCell);
  }
}
