import type { NotificationTarget } from '../core/notification.js';
import type { TargetEntry } from './config-file.gen.js';
import type { Path } from './config-tree.js';
import { isLoopback } from './parse-quantity.js';
import { error, type Resolution, resolveSecret, warn } from './resolution.js';

const usualPorts = { tls: 465, starttls: 587, none: 25 } as const;

/** One target, or none where a secret or an address of it cannot be had; the reason is in `on.problems` then. */
export function resolveTarget(on: Resolution, target: TargetEntry, path: Path): NotificationTarget[] {
  const { name, email, webhook } = target;
  if (target.on.length === 0) {
    warn(on, [...path, 'on'], {
      code: 'no_effect',
      message: `Nobody is told anything by ${JSON.stringify(name)}: its list of topics is empty.`,
    });
  }
  if (email !== undefined) {
    const smtp = resolveSmtp(on, email.smtp, [...path, 'email', 'smtp']);
    const to = Array.isArray(email.to) ? email.to : [email.to];
    return [{ kind: 'email', name, on: target.on, to, from: email.from, smtp }];
  }
  if (webhook === undefined) return [];
  const here = [...path, 'webhook'];
  const url = webhook.url_file === undefined ? webhook.url : resolveSecret(on, [...here, 'url_file'], webhook.url_file);
  const secret =
    webhook.secret_file === undefined ? null : resolveSecret(on, [...here, 'secret_file'], webhook.secret_file);
  if (url == null || !checkUrl(on, url, [...here, webhook.url_file === undefined ? 'url' : 'url_file'])) return [];
  return [{ kind: 'webhook', name, on: target.on, url, secret }];
}

type SmtpEntry = NonNullable<TargetEntry['email']>['smtp'];

function resolveSmtp(on: Resolution, smtp: SmtpEntry, path: Path) {
  const { host, security } = smtp;
  const password =
    smtp.password_file === undefined ? null : resolveSecret(on, [...path, 'password_file'], smtp.password_file);
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
