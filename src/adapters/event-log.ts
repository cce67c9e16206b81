import { fstatSync } from 'node:fs';
import { type DestinationStream, type Level, pino } from 'pino';
import { describeEvent } from '../core/describe-event.js';
import { type Severity, type StoredEvent, severityOf } from '../core/event.js';
import type { Log } from '../core/ports.js';
import { snakeCaseKeys } from '../core/snake-case.js';
import { formatJournalLine, formatTerminalLine } from './log-line.js';
import { redactFields, redactText } from './redact-fields.js';

/** `terminal`: for people. `journal`: plain lines with a priority before each (sd-daemon(3)). `json`: one object a line. */
export type LogFormat = 'terminal' | 'journal' | 'json';

export interface EventLogOptions {
  readonly level: Severity;
  readonly format: LogFormat;
  /**
   * Where lines go, by default standard output. Not a stream of pino's own: those write pipes from a thread, which a
   * reader that does not read blocks for ever, at exit too.
   */
  readonly output?: NodeJS.WriteStream;
  readonly colour?: boolean;
}

export interface EventLog extends Log {
  /** Writes one event of the station; to be subscribed to an EventSource. */
  event(stored: StoredEvent): void;
  setLevel(level: Severity): void;
  /** Waits until everything is written, but not for a reader that does not read. Call it before process.exit. */
  close(): Promise<void>;
}

/** Bytes of lines that may wait for a reader that does not read; what comes on top is dropped, memory stays bounded. */
const mostWaitingBytes = 4 * 1024 * 1024;
/** Milliseconds to wait for such a reader at the end. */
const patienceMs = 1000;

export function createEventLog(options: EventLogOptions): EventLog {
  const { output = process.stdout, format, colour = false } = options;
  const formatLine: Readonly<Record<LogFormat, (json: string) => string>> = {
    terminal: (json) => formatTerminalLine(json, colour),
    journal: formatJournalLine,
    json: (json) => json,
  };
  let lost = 0;
  // a reader that has gone away takes the log with it, not the daemon
  output.on('error', () => undefined);
  const write: DestinationStream['write'] = (json) => {
    if (output.writableLength > mostWaitingBytes) lost += 1;
    else output.write(formatLine[format](json));
  };
  const logger = pino(
    {
      level: pinoLevel(options.level),
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'message',
      // redactFields has done it, at any depth; pino's own would take the result for an error once more
      serializers: { err: (value: unknown) => value },
      formatters: {
        level: (label) => ({ level: label === 'warn' ? 'warning' : label }),
        log: redactFields,
      },
    },
    { write },
  );
  output.on('drain', () => {
    if (lost === 0) return;
    logger.warn({ lost }, 'Log lines were lost because nobody read them in time');
    lost = 0;
  });
  const log = (level: Level) => (fields: object, message: string) => logger[level](fields, redactText(message));
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    event: ({ seq, event }) =>
      logger[pinoLevel(severityOf(event))]({ seq, event: snakeCaseKeys(event) }, redactText(describeEvent(event))),
    setLevel: (level) => {
      logger.level = pinoLevel(level);
    },
    close: () =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, patienceMs);
        output.write('', () => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
}

const pinoLevel = (severity: Severity): Level => (severity === 'warning' ? 'warn' : severity);

/**
 * The format for a file descriptor. $JOURNAL_STREAM alone does not tell: children inherit it along with an output
 * that leads elsewhere, so device and inode are compared, as systemd.exec(5) asks.
 */
export function chooseLogFormat(environment: NodeJS.ProcessEnv, isTerminal: boolean, fd = 1): LogFormat {
  const journal = environment.JOURNAL_STREAM;
  if (journal !== undefined && journal !== '') {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    if (journal === `${dev}:${ino}`) return 'journal';
  }
  return isTerminal ? 'terminal' : 'json';
}
