import { printable } from '../core/printable.js';
import { type Column, formatTable } from './table.js';

export type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'dim' | 'bold';
const codes: Readonly<Record<Colour, number>> = { red: 31, green: 32, yellow: 33, blue: 34, dim: 2, bold: 1 };

export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Everything a command says. Answers go to stdout, remarks to stderr. */
export class Output {
  readonly isJson: boolean;
  /** Aborted when the reader has gone away (`disk2iso logs --follow | head`). */
  readonly readerGone: AbortSignal;
  readonly #streams: Streams;
  readonly #colours: boolean;

  constructor(streams: Streams, environment: NodeJS.ProcessEnv, isJson: boolean) {
    this.isJson = isJson;
    this.#streams = streams;
    // https://no-color.org: any value but the empty one
    const unwanted = (environment.NO_COLOR ?? '') !== '' || environment.TERM === 'dumb';
    this.#colours = streams.stdout.isTTY === true && !unwanted;
    const gone = new AbortController();
    this.readerGone = gone.signal;
    for (const stream of [streams.stdout, streams.stderr]) {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE') throw error;
        gone.abort();
      });
    }
  }

  get isTerminal(): boolean {
    return this.#streams.stdout.isTTY === true;
  }

  /** One line of an answer; control characters in it are made visible. */
  line(text = ''): void {
    this.#write(`${printable(text, 100_000)}\n`);
  }

  /** A file as it is, line by line. */
  text(text: string): void {
    for (const line of text.replace(/\n$/, '').split('\n')) this.line(line);
  }

  table<Row>(rows: readonly Row[], layout: readonly Column<Row>[], indent = ''): void {
    const columns = this.isTerminal ? Math.max(20, (this.#streams.stdout.columns || 80) - indent.length) : null;
    for (const line of formatTable(rows, layout, columns)) this.#write(`${indent}${line}\n`);
  }

  /** Names and values, one below the other; those without a value are left out. */
  facts(facts: readonly (readonly [string, string | null])[]): void {
    const shown = facts.filter((fact): fact is readonly [string, string] => fact[1] !== null);
    const width = Math.max(0, ...shown.map(([name]) => name.length)) + 2;
    for (const [name, value] of shown) this.line(`${name.padEnd(width)}${value}`.trimEnd());
  }

  /** A line of the log. */
  log(level: string, time: string, message: string, colour: Colour | undefined): void {
    const shown = level.padEnd(7);
    const painted = colour === undefined ? shown : this.paint(shown, colour);
    this.#write(`${time} ${painted}  ${printable(message, 10_000)}\n`);
  }

  /** Something a person should look at. */
  problem(text: string): void {
    this.#write(`${this.paint('!', 'yellow')} ${printable(text, 10_000)}\n`);
  }

  /** `lines`: on one line each, for a stream of objects. */
  json(value: unknown, layout: 'pretty' | 'lines' = 'pretty'): void {
    const text = JSON.stringify(value, null, layout === 'pretty' ? 2 : 0);
    this.#write(`${escapeUnprintable(text)}\n`);
  }

  remark(text: string): void {
    if (!this.isJson && !this.readerGone.aborted) this.#streams.stderr.write(`${printable(text, 10_000)}\n`);
  }

  /** A line that the next one replaces; only where people watch. Empty text takes it away. */
  transient(text: string): void {
    if (this.isJson || this.#streams.stderr.isTTY !== true) return;
    this.#streams.stderr.write(`\r\u001b[K${printable(text)}`);
  }

  failure(code: string, message: string): void {
    if (this.isJson) this.json({ error: { code, message } });
    else this.#streams.stderr.write(`disk2iso: ${printable(message, 10_000)}\n`);
  }

  /** Help that was not asked for. */
  usage(help: string): void {
    if (!this.isJson) this.#streams.stderr.write(`\n${help}`);
  }

  paint(text: string, colour: Colour): string {
    return this.#colours ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text;
  }

  #write(text: string): void {
    if (!this.readerGone.aborted) this.#streams.stdout.write(text);
  }
}

/** The same JSON, without characters that a terminal would obey or that would mislead a reader. */
function escapeUnprintable(json: string): string {
  return json.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n'
      ? character
      : [...Array(character.length).keys()]
          .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
          .join(''),
  );
}
