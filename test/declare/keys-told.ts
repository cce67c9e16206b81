import { createSmtpNotifier } from '../../src/adapters/smtp.js';
import { createWebhookNotifier } from '../../src/adapters/webhook.js';
import type { Desired } from '../../src/core/desired.js';
import { Fault } from '../../src/core/fault.js';
import { planNotifications } from '../../src/core/notification.js';
import { planEffects } from '../../src/core/plan-effects.js';
import { sampleDeletionsSeen, sampleDesired } from '../core/samples.js';
import { clock } from '../drives/drive-rig.js';
import { archive, completed, entryOf, failed, recordLog } from '../notifications/samples.js';
import type { KeyTable, Setting } from './key-row.js';

/** Who is told when one job has failed and one has ended well. */
const whoIsToldOfWhat = ({ notifications }: Desired) =>
  [failed('BAD'), completed('GOOD')].flatMap((event) =>
    planNotifications({ seq: 1, at: 0, event }, notifications).map(({ target, topic }) => `${target}: ${topic}`),
  );

const found = { job: null, archive: archive('HOLIDAY', { kind: 'complete' }), imagePath: '/srv/HOLIDAY.iso' };
const notifiers = [
  createSmtpNotifier({ station: 'attic', log: recordLog(), findSubject: async () => found }),
  createWebhookNotifier({ station: 'attic', clock }),
];

/** What arrives at the servers when a job has ended. */
const whatArrives = async ({ notifications }: Desired, { sent }: Setting) => {
  sent.length = 0;
  for (const target of notifications) {
    const notifier = notifiers.find(({ kind }) => kind === target.kind);
    try {
      await notifier?.deliver(target, entryOf(completed('HOLIDAY')));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      sent.push(error.code);
    }
  }
  return [...sent];
};

const mail = (more: string, smtp = 'host: 127.0.0.1, port: @SMTP@, security: none', to = 'anna@example.org') =>
  `notifications: {targets: [{name: me, email: {to: ${to}, ${more}, smtp: {${smtp}}}}]}`;
const from = 'from: station@example.org';
const plain = 'from station@example.org to anna@example.org by nobody at 127.0.0.1:@SMTP@';
const hook = (text: string) => `notifications: {targets: [{name: me, webhook: {${text}}}]}`;

export const notifications: KeyTable = {
  'notifications.targets[].name': {
    file: hook('url: "http://127.0.0.1:9/"').replace('name: me', 'name: home, on: [job_failed]'),
    insteadOf: hook('url: "http://127.0.0.1:9/"').replace('name: me', 'name: away, on: [job_failed]'),
    see: whoIsToldOfWhat,
    is: ['home: job_failed'],
    otherwise: ['away: job_failed'],
  },
  'notifications.targets[].on': {
    file: 'notifications: {targets: [{name: me, on: [job_failed], webhook: {url: "http://127.0.0.1:9/"}}]}',
    see: whoIsToldOfWhat,
    is: ['me: job_failed'],
    otherwise: ['me: job_failed', 'me: job_completed'],
  },
  'notifications.targets[].email.to': {
    file: mail(from, undefined, '[anna@example.org, ben@example.org]'),
    insteadOf: mail(from),
    see: whatArrives,
    is: ['from station@example.org to anna@example.org,ben@example.org by nobody at 127.0.0.1:@SMTP@'],
    otherwise: [plain],
  },
  'notifications.targets[].email.from': {
    file: mail('from: attic@example.org'),
    insteadOf: mail(from),
    see: whatArrives,
    is: [plain.replace('station@', 'attic@')],
    otherwise: [plain],
  },
  'notifications.targets[].email.smtp.host': {
    file: mail(from, 'host: 127.0.0.2, port: @SMTP@, security: none'),
    insteadOf: mail(from),
    see: whatArrives,
    is: [plain.replace('127.0.0.1', '127.0.0.2')],
    otherwise: [plain],
  },
  'notifications.targets[].email.smtp.port': {
    file: mail(from, 'host: 127.0.0.1, port: @SMTP2@, security: none'),
    insteadOf: mail(from),
    see: whatArrives,
    is: [plain.replace('@SMTP@', '@SMTP2@')],
    otherwise: [plain],
  },
  // this server knows no encryption, and what wants it sends nothing
  'notifications.targets[].email.smtp.security': {
    file: mail(from),
    see: whatArrives,
    is: [plain],
    otherwise: ['delivery_failed'],
  },
  'notifications.targets[].email.smtp.user': {
    file: mail(from, 'host: 127.0.0.1, port: @SMTP@, security: none, user: anna, password_file: password'),
    insteadOf: mail(from, 'host: 127.0.0.1, port: @SMTP@, security: none, user: ben, password_file: password'),
    see: whatArrives,
    is: [plain.replace('nobody', 'anna with hunter2')],
    otherwise: [plain.replace('nobody', 'ben with hunter2')],
  },
  'notifications.targets[].email.smtp.password_file': {
    file: mail(from, 'host: 127.0.0.1, port: @SMTP@, security: none, user: anna, password_file: other-password'),
    insteadOf: mail(from, 'host: 127.0.0.1, port: @SMTP@, security: none, user: anna, password_file: password'),
    see: whatArrives,
    is: [plain.replace('nobody', 'anna with hunter3')],
    otherwise: [plain.replace('nobody', 'anna with hunter2')],
  },
  'notifications.targets[].webhook.url': {
    file: hook('url: "http://127.0.0.1:@HTTP@/one"'),
    insteadOf: hook('url: "http://127.0.0.1:@HTTP@/two"'),
    see: whatArrives,
    is: ['POST /one, unsigned'],
    otherwise: ['POST /two, unsigned'],
  },
  'notifications.targets[].webhook.url_file': {
    file: hook('url_file: address'),
    insteadOf: hook('url: "http://127.0.0.1:@HTTP@/two"'),
    see: whatArrives,
    is: ['POST /secret-place, unsigned'],
    otherwise: ['POST /two, unsigned'],
  },
  'notifications.targets[].webhook.secret_file': {
    file: hook('url: "http://127.0.0.1:@HTTP@/one", secret_file: password'),
    see: whatArrives,
    is: ['POST /one, signed with hunter2'],
    otherwise: ['POST /one, unsigned'],
  },
};

/** There is no login yet: whoever is named is only told of by `disk2iso plan`. */
const people = (desired: Desired) => {
  const side = { effective: [], archives: null };
  const before = { ...side, desired: sampleDesired() };
  const seen = { devices: [], insertions: [], deletions: sampleDeletionsSeen(before.desired) };
  return planEffects(before, { ...side, desired }, seen)
    .filter(({ kind }) => kind === 'user')
    .map(({ message }) => message);
};

export const users: KeyTable = {
  'users[].name': {
    file: 'users: [{name: anna, role: viewer}]',
    insteadOf: 'users: [{name: ben, role: viewer}]',
    see: people,
    is: ['User anna is new, as viewer.'],
    otherwise: ['User ben is new, as viewer.'],
  },
  'users[].role': {
    file: 'users: [{name: anna, role: admin}]',
    insteadOf: 'users: [{name: anna, role: viewer}]',
    see: people,
    is: ['User anna is new, as admin.'],
    otherwise: ['User anna is new, as viewer.'],
  },
};
