/** What pino hands over, already redacted and free of control characters. */
interface LogRecord {
  readonly level: string;
  readonly time: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

// syslog(3)
const priorities: Readonly<Record<string, number>> = { debug: 7, info: 6, warning: 4, error: 3 };
const colours: Readonly<Record<string, string>> = { debug: '2', warning: '33', error: '31' };

/** `12:00:03 warning  The library’s storage is 91.0 % full  target=home` */
export function formatTerminalLine(json: string, colour: boolean): string {
  const record = JSON.parse(json) as LogRecord;
  const paint = colours[record.level];
  const level = record.level.padEnd(7);
  const shown = colour && paint !== undefined ? `\u001b[${paint}m${level}\u001b[0m` : level;
  const clock = new Date(record.time).toTimeString().slice(0, 8);
  return [`${clock} ${shown}  ${textOf(record)}`, ...traceOf(record).map((line) => `    ${line}`), ''].join('\n');
}

/** `<4>The library’s storage is 91.0 % full`: the journal adds the time, and strips the priority. */
export function formatJournalLine(json: string): string {
  const record = JSON.parse(json) as LogRecord;
  const lines = [textOf(record), ...traceOf(record).map((line) => `    ${line}`)];
  return lines.map((line) => `<${priorities[record.level] ?? 6}>${line}\n`).join('');
}

/** An event's fields are all in its message; other lines carry theirs behind it. */
function textOf({ level, time, message, seq, event, err, ...fields }: LogRecord): string {
  const error = messageOf(err);
  const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${plain(value)}`);
  return `${message}${error === null ? '' : `: ${error}`}${rest.length === 0 ? '' : ` ${rest.join('')}`}`;
}

function plain(value: unknown): string {
  return typeof value === 'string' && !/[\s"=]/.test(value) && value !== '' ? value : JSON.stringify(value);
}

function messageOf(err: unknown): string | null {
  if (typeof err !== 'object' || err === null || !('message' in err)) return null;
  return String(err.message);
}

function traceOf({ err }: LogRecord): string[] {
  if (typeof err !== 'object' || err === null) return [];
  const stack = 'stack' in err && Array.isArray(err.stack) ? err.stack.map(String) : [];
  const cause = 'cause' in err ? messageOf(err.cause) : null;
  return cause === null ? stack : [...stack, `because: ${cause}`];
}
