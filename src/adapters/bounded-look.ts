interface Pending<Result> {
  readonly result: Promise<Result>;
  late: boolean;
}

/**
 * Looks at things that may not answer. A look that takes too long is not waited for, and not begun a second time
 * before it has ended.
 */
export class BoundedLooks<Result> {
  readonly #pending = new Map<string, Pending<Result>>();
  readonly #onLate: () => void;

  /** @param onLate called when a look that nobody waited for any more has ended after all */
  constructor(onLate: () => void) {
    this.#onLate = onLate;
  }

  /**
   * The result, or null where there is none after `deadlineMs`. Joins a look under way; one that was given up before
   * is not waited for again. Rejects as `begin` does.
   */
  async look(subject: string, deadlineMs: number, begin: () => Promise<Result>): Promise<Result | null> {
    const pending = this.#pending.get(subject) ?? this.#begin(subject, begin);
    return pending.late ? null : await this.#wait(pending, deadlineMs);
  }

  /** The same by a look that began after this call, for those who must know that nothing changed before it. */
  async lookAnew(subject: string, deadlineMs: number, begin: () => Promise<Result>): Promise<Result | null> {
    const until = performance.now() + deadlineMs;
    for (let pending = this.#pending.get(subject); pending !== undefined; pending = this.#pending.get(subject)) {
      const left = until - performance.now();
      if (left <= 0) return null;
      const ended = pending.result.then(
        () => null,
        () => null,
      );
      await this.#wait({ ...pending, result: ended }, left);
    }
    return await this.#wait(this.#begin(subject, begin), Math.max(1, until - performance.now()));
  }

  async #wait<Value>(pending: Pending<Value>, deadlineMs: number): Promise<Value | null> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<null>((resolve) => {
      timer = setTimeout(() => {
        pending.late = true;
        resolve(null);
      }, deadlineMs);
    });
    try {
      return await Promise.race([pending.result, deadline]);
    } finally {
      clearTimeout(timer);
    }
  }

  #begin(subject: string, begin: () => Promise<Result>): Pending<Result> {
    const pending: Pending<Result> = { result: begin(), late: false };
    this.#pending.set(subject, pending);
    const end = (): void => {
      this.#pending.delete(subject);
      if (pending.late) this.#onLate();
    };
    pending.result.then(end, end);
    return pending;
  }
}
