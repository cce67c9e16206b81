import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Try } from './claimer.js';

const program = fileURLToPath(new URL('./claimer.js', import.meta.url));

/** A claimer.ts that is told what to do. */
export class Claimer {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(t: TestContext) {
    this.#child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
    const child = this.#child;
    t.after(() => child.kill('SIGKILL'));
    this.#child.stdin?.on('error', () => undefined); // it may be dead: its next line tells
    this.#lines = createInterface({ input: this.#child.stdout ?? assert.fail() })[Symbol.asyncIterator]();
  }

  /** What it says next; null where it is dead. */
  async next(): Promise<string | null> {
    const { value, done } = await this.#lines.next();
    return done === true ? null : value;
  }

  async kill(): Promise<void> {
    const over = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await over;
  }

  tell(word: Try | 'end'): void {
    this.#child.stdin?.write(`${typeof word === 'string' ? word : JSON.stringify(word)}\n`);
  }
}
