import type { NotificationTarget } from '../core/notification.js';
import type { TargetEntry } from './config-file.gen.js';
import type { Path } from './config-tree.js';
import { isLoopback } from './parse-quantity.js';
import { error, type Resolution, resolveSecret, warn } from './resolution.js';

const usualPorts = { tls: 465, starttls: 587, none: 25 } as const;

/** One target, or none where its address is no address; the reason is in `on.problems` then. */
export function resolveTarget(on: Resolution, target: TargetEntry, path: Path): NotificationTarget[] {
  const { name } = target;
  if (target.on.length === 0) {
    warn(on, [...path, 'on'], {
      code: 'no_effect',
      message: `Nobody is told anything by ${JSON.stringify(name)}: its list of topics is empty.`,
    });
  }
  const secrets: Secrets = { lacks: [] };
  const found = resolveOne(on, target, path, secrets);
  const [reason] = secrets.lacks;
  if (reason !== undefined) return [{ kind: 'lacking', name, on: target.on, reason }];
  return found === null ? [] : [found];
}

/** Why secrets could not be had. */
interface Secrets {
  readonly lacks: string[];
}

function read(on: Resolution, secrets: Secrets, path: Path, reference: string | undefined): string | null {
  if (reference === undefined) return null;
  const secret = resolveSecret(on, path, reference);
  if ('value' in secret) return secret.value;
  secrets.lacks.push(secret.lack);
  return null;
}

function resolveOne(
  on: Resolution,
  { name, on: topics, email, webhook }: TargetEntry,
  path: Path,
  secrets: Secrets,
): NotificationTarget | null {
  if (email !== undefined) {
    const smtp = resolveSmtp(on, email.smtp, [...path, 'email', 'smtp'], secrets);
    const to = Array.isArray(email.to) ? email.to : [email.to];
    return { kind: 'email', name, on: topics, to, from: email.from, smtp };
  }
  if (webhook === undefined) return null;
  const here = [...path, 'webhook'];
  const url = webhook.url ?? read(on, secrets, [...here, 'url_file'], webhook.url_file);
  const secret = read(on, secrets, [...here, 'secret_file'], webhook.secret_file);
  if (url === null || !checkUrl(on, url, [...here, webhook.url_file === undefined ? 'url' : 'url_file'])) return null;
  return { kind: 'webhook', name, on: topics, url, secret };
}

type SmtpEntry = NonNullable<TargetEntry['email']>['smtp'];

function resolveSmtp(on: Resolution, smtp: SmtpEntry, path: Path, secrets: Secrets) {
  const { host, security } = smtp;
  const password = read(on, secrets, [...path, 'password_file'], smtp.password_file);
  if (security === 'none' && smtp.password_file !== undefined && !isLoopback(host)) {
    error(on, [...path, 'security'], {
      code: 'not_allowed',
      message: `The password would cross the network to ${JSON.stringify(host)} unencrypted.`,
      expected: 'tls or starttls',
    });
  }
  return { host, port: smtp.port ?? usualPorts[security], security, user: smtp.user ?? null, password };
}

/** The address may be a secret itself: no message quotes it. */
function checkUrl(on: Resolution, text: string, path: Path): boolean {
  const reject = (message: string): false => {
    error(on, path, { code: 'not_allowed', message, expected: 'an address such as https://example.org/hook' });
    return false;
  };
  if (!URL.canParse(text)) return reject('This is not a web address.');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return reject('Only http and https are spoken here.');
  if (url.username !== '' || url.password !== '') {
    return reject(
      'A user name or password does not stand in the address; put the whole address into a file and name it with url_file.',
    );
  }
  return true;
}
