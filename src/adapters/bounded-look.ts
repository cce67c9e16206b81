/**
 * Looks at things that may not answer. A look that takes too long is not waited for, and not begun a second time
 * before it has ended.
 */
export class BoundedLooks<Result> {
  readonly #pending = new Map<string, { readonly result: Promise<Result>; late: boolean }>();
  readonly #onLate: () => void;

  /** @param onLate called when a look that nobody waited for any more has ended after all */
  constructor(onLate: () => void) {
    this.#onLate = onLate;
  }

  /** The result, or null where there is none after `deadlineMs`. Rejects as `begin` does. */
  async look(subject: string, deadlineMs: number, begin: () => Promise<Result>): Promise<Result | null> {
    const pending = this.#pending.get(subject) ?? this.#begin(subject, begin);
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

  #begin(subject: string, begin: () => Promise<Result>) {
    const pending = { result: begin(), late: false };
    this.#pending.set(subject, pending);
    const end = (): void => {
      this.#pending.delete(subject);
      if (pending.late) this.#onLate();
    };
    pending.result.then(end, end);
    return pending;
  }
}
