import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { SendMailOptions } from 'nodemailer';
import { Fault } from '../core/fault.js';
import type { MailTarget, NotificationTarget, OutboxEntry } from '../core/notification.js';
import type { Log, Notifier } from '../core/ports.js';
import { printable } from '../core/printable.js';
import { createOutboxMessage } from './outbox-message.js';
import type { OutboxSubject } from './outbox-subject.js';

export interface SmtpOptions {
  /** Name of this station, in subject and text. */
  readonly station: string;
  readonly log: Log;
  /** What an event is about, for the text. */
  readonly findSubject: (entry: OutboxEntry) => Promise<OutboxSubject>;
  /** PEM certificates to trust instead of Node's own. */
  readonly ca?: string;
  /** Milliseconds for connecting, for the greeting, and of silence in between. */
  readonly patienceMs?: number;
  /** Milliseconds for one whole delivery. */
  readonly deadlineMs?: number;
}

/**
 * Sends one mail for each entry, to all recipients of the target at once. Its Message-ID is the same for each try,
 * so that a mailbox can tell the rare repeat after a crash.
 *
 * `later`: no connection, TLS or login failed (all of it can be mended while the entry waits), 4xx answers.
 * `never`: the server refused this message or its recipients for good (5xx after the login).
 */
export function createSmtpNotifier(options: SmtpOptions): Notifier {
  const { station, log, findSubject, ca, patienceMs = 10_000, deadlineMs = 60_000 } = options;

  async function deliver(target: NotificationTarget, entry: OutboxEntry): Promise<void> {
    if (target.kind !== 'email') throw new TypeError(`an SMTP notifier cannot deliver to a ${target.kind}`);
    const from = parseMailbox(target.from);
    const to = target.to.map(parseMailbox);
    const { subject, text } = createOutboxMessage(entry, await findSubject(entry), station);
    const mail = {
      from,
      to,
      subject,
      text,
      messageId: messageId(entry, from.address),
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Disk2iso-Id': printable(entry.id, 200) },
      signal: AbortSignal.timeout(deadlineMs),
    };
    try {
      const addresses = await addressesOf(target.smtp.host, patienceMs);
      for (const [index, address] of addresses.entries()) {
        try {
          await send(target, address, mail);
          return;
        } catch (error) {
          const isLast = index === addresses.length - 1;
          if (isLast || mail.signal.aborted || (error as SmtpError).command !== 'CONN') throw error;
        }
      }
    } catch (error) {
      throw deliveryFault(error, target);
    }
  }

  async function send(target: MailTarget, address: string, mail: SendMailOptions): Promise<void> {
    const { host, port, security, user, password } = target.smtp;
    // read when there is mail: most stations start without any
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      host: address,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      ...(user === null ? {} : { auth: { user, pass: password ?? '' } }),
      tls: {
        minVersion: 'TLSv1.2',
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(ca === undefined ? {} : { ca }),
      },
      connectionTimeout: patienceMs,
      greetingTimeout: patienceMs,
      socketTimeout: patienceMs * 2,
      maxResponseSize: 64 * 1024,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      const { rejected } = await transport.sendMail({ ...mail, disableFileAccess: true, disableUrlAccess: true });
      // a retry would reach the others twice, so this is said and left at that
      if (rejected !== undefined && rejected.length > 0) {
        log.warn({ target: target.name, refused: rejected.length }, 'The mail server refused some of the recipients');
      }
    } finally {
      transport.close();
    }
  }

  return { kind: 'email', deliver };
}

/**
 * Found as every other program finds hosts, /etc/hosts included. Left to itself nodemailer asks DNS alone first, and
 * gives up where that does not answer. Throws what lookup throws, and an Error after so many milliseconds.
 */
async function addressesOf(host: string, patienceMs: number): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`looking up ${host} took too long`)), patienceMs);
  });
  try {
    const found = await Promise.race([lookup(host, { all: true }), late]);
    return [...new Set(found.map(({ address }) => address))].slice(0, mostAddresses);
  } finally {
    clearTimeout(timer);
  }
}

const mostAddresses = 4;

interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** `a@b` or `Name <a@b>`. Given to nodemailer in parts, as it would find further addresses in a text with line ends. */
function parseMailbox(text: string): Mailbox {
  const match = /^(?:(?<name>[^<>]*)<(?<inner>[^<>\s,;]+@[^<>\s,;]+)>|(?<bare>[^<>\s,;]+@[^<>\s,;]+))$/u.exec(
    text.trim(),
  );
  const address = match?.groups?.inner ?? match?.groups?.bare;
  if (address === undefined || address !== printable(address)) {
    throw new Fault(
      'delivery_failed',
      `“${printable(text, 100)}” is not a mail address: mend it in the configuration.`,
    );
  }
  return {
    name: printable(match?.groups?.name ?? '')
      .trim()
      .replace(/^"(.*)"$/, '$1'),
    address,
  };
}

/** The time is part of it because numbers begin anew with a rebuilt catalog. */
function messageId(entry: OutboxEntry, from: string): string {
  const id = `${entry.id}.${entry.event.at}`.replace(/[^\w.-]/g, '_');
  return `<${id}@${from.slice(from.lastIndexOf('@') + 1).replace(/[^\w.-]/g, '_')}>`;
}

/** What nodemailer's errors carry beside a message. */
interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly command?: string;
}

function deliveryFault(thrown: unknown, target: MailTarget): Fault {
  if (!(thrown instanceof Error)) throw thrown;
  const error: SmtpError = thrown;
  const server = `the mail server ${target.smtp.host}:${target.smtp.port}`;
  const later = (message: string) => new Fault('delivery_failed', message, { retry: 'later', cause: error });
  const answer = error.responseCode;
  if (error.code === 'EAUTH' || error.code === 'ENOAUTH' || answer === 530 || answer === 535) {
    // the answer is left out: some servers repeat what they were sent
    return later(`${server} refused the login${answer === undefined ? '' : ` (${answer})`}: check user and password.`);
  }
  if (error.code === 'EABORT') return later(`${server} took too long to accept the mail.`);
  if (
    answer !== undefined &&
    answer >= 500 &&
    error.command !== 'CONN' &&
    !/^(EHLO|HELO|STARTTLS)/.test(error.command ?? '')
  ) {
    const message = `${server} refused the mail for good: ${answerText(error)}`;
    return new Fault('delivery_failed', message, { cause: error });
  }
  if (answer !== undefined) return later(`${server} does not take the mail now: ${answerText(error)}`);
  if (error.code === 'EENVELOPE') {
    return new Fault(
      'delivery_failed',
      `${server} cannot be given this sender or these recipients: check the addresses.`,
    );
  }
  if (error.code === 'ETLS' || /certificate|self-signed|ERR_TLS|SSL|EPROTO/i.test(`${error.code} ${error.message}`)) {
    return later(
      `No trusted TLS connection to ${server}: ${printable(error.message, 200)}. Check security and certificate.`,
    );
  }
  return later(`${server} cannot be reached (${printable(error.message, 200)}): check host, port and network.`);
}

const answerText = (error: SmtpError): string => printable(error.response ?? String(error.responseCode), 200);
