import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseConfig } from '../../src/config/parse-config.js';
import { notificationTopics } from '../../src/core/notification.js';
import { decidingRule } from '../../src/core/rule.js';
import { desiredOf, folder, least, parse, snapshotOf } from './sample.js';

const complete = readFileSync(new URL('../../../test/config/complete.yaml', import.meta.url), 'utf8');
const secrets = { password: 'geheim\r\n', '/run/credentials/hook': 'key\n', address: 'https://example.org/x?token=y' };

test('the file becomes what the station works with', () => {
  const desired = desiredOf(complete, { secrets });
  const { rules, ...rest } = desired;
  assert.deepEqual(rest, {
    storage: { library: `${folder}/library`, state: `${folder}/state`, warnAt: 80, stopAt: 85.5 },
    defaults: {
      readAttempts: 7,
      sectorSize: 512,
      verify: false,
      checksums: ['sha1', 'blake2b512'],
      eject: 'never',
      priority: 'low',
      path: '{drive}/{name}',
    },
    drives: [
      { name: 'upper', source: { kind: 'optical', device: '/dev/sr0' }, suspend: true },
      { name: 'usb', source: { kind: 'optical', udevId: 'HL-DT-ST_1234' }, suspend: false },
      { name: 'inbox', source: { kind: 'folder', folder: `${folder}/inbox` }, suspend: false },
    ],
    retention: [
      {
        name: 'old',
        match: {
          media: ['cd'],
          label: { glob: 'OLD*', test: desired.retention[0]?.match.label?.test ?? (() => false) },
          tag: ['spare'],
          rule: ['films', 'music'],
          drive: ['upper'],
          minAge: 12 * 7 * 24 * 3600 * 1000,
          verdict: ['damaged'],
        },
        keepFor: 2 * 365 * 24 * 3600 * 1000,
        keepLast: 3,
        keepUntilFree: { kind: 'bytes', bytes: 500e9 },
        deletes: 'discs',
      },
    ],
    fixity: { reverifyEvery: 90 * 24 * 3600 * 1000, throttle: 50e6, pauseAboveLoad: 2.5 },
    trash: { keep: 36 * 3600 * 1000, approveAbove: 3 },
    keepEventsFor: 365 * 24 * 3600 * 1000,
    users: [{ name: 'anna', role: 'operator' }],
    notifications: [
      {
        kind: 'email',
        name: 'mail',
        on: ['job_failed'],
        to: ['me@example.org', 'you@example.org'],
        from: 'station@example.org',
        smtp: { host: 'smtp.example.org', port: 2525, security: 'tls', user: 'me', password: 'geheim' },
      },
      {
        kind: 'webhook',
        name: 'hook',
        on: notificationTopics,
        url: 'https://example.org/hook',
        secret: 'key',
      },
      {
        kind: 'webhook',
        name: 'secret-hook',
        on: notificationTopics,
        url: 'https://example.org/x?token=y',
        secret: null,
      },
    ],
    api: {
      listen: { host: '::1', port: 8981 },
      socket: `${folder}/run/station.sock`,
      allowedHosts: ['archive.example.org'],
    },
    suspend: true,
  });
  const [films, music] = rules;
  assert.deepEqual(films?.settings, {
    readAttempts: 20,
    verify: true,
    checksums: ['sha512'],
    eject: 'always',
    priority: 'high',
    path: 'films/{label}',
  });
  assert.deepEqual([films?.match.minBytes, films?.match.maxBytes], [1e9, 8.5 * 2 ** 30]);
  assert.deepEqual(
    [films?.onDuplicate, films?.suspend, films?.action, music?.action],
    ['image', true, 'image', 'ignore'],
  );
  const disc = (label: string | null, drive: string) => ({ media: 'dvd', label, drive, sizeBytes: 4.7e9 }) as const;
  assert.equal(decidingRule(rules, disc('holiday_2019', 'usb'))?.name, 'films');
  assert.equal(decidingRule(rules, disc('FILM_10', 'usb')), null);
  assert.equal(decidingRule(rules, disc(null, 'usb')), null);
});

test('the socket and the mail port follow from their neighbours', () => {
  const desired = desiredOf(
    `${least}notifications: {targets: [{name: a, email: {to: a@b.de, from: a@b.de, smtp: {host: h}}}]}`,
  );
  assert.equal(desired.api.socket, `${folder}/state/disk2iso.sock`);
  assert.deepEqual(desired.api.listen, { host: '127.0.0.1', port: 8980 });
  const [target] = desired.notifications;
  assert.equal(target?.kind === 'email' && target.smtp.port, 587);
});

test('only the unix socket, or another loopback address', () => {
  const listen = (value: string) => desiredOf(`${least}api: {listen: ${value}}`).api.listen;
  assert.equal(listen('false'), null);
  assert.equal(listen('null'), null);
  assert.deepEqual(listen('"localhost:0"'), { host: '127.0.0.1', port: 0 });
  assert.deepEqual(listen('"127.5.6.7:80"'), { host: '127.5.6.7', port: 80 });
  assert.deepEqual(listen('"[::1]:80"'), { host: '::1', port: 80 });
  for (const bad of [
    '127.0.0.1.example.org:80',
    '127.0.0.256:80',
    '0:80',
    '[::ffff:1.2.3.4]:80',
    '*:80',
    '192.168.0.1:80',
  ]) {
    assert.equal(parse(`${least}api: {listen: "${bad}"}`).ok, false, bad);
  }
});

test('included files are laid over the main one in their order', () => {
  const main = `${least}rules: [{name: first, match: {label: A}}]\ndefaults: {checksums: [md5]}\n`;
  const includes = {
    'conf.d/10.yaml':
      'apiVersion: disk2iso/v1\nrules: [{name: second, match: {label: B}}]\ndefaults: {checksums: [sha1]}\n',
    'conf.d/20.yaml':
      'rules: [{name: third, match: {label: C}}]\ndefaults: {verify: false}\ndrives: [{name: b, folder: ./in}]\n',
  };
  const desired = desiredOf(main, { includes });
  assert.deepEqual(
    desired.rules.map((rule) => rule.name),
    ['first', 'second', 'third'],
  );
  assert.deepEqual(desired.defaults.checksums, ['md5', 'sha1']);
  assert.equal(desired.defaults.verify, false);
  // relative to the main file, wherever it is written
  assert.deepEqual(desired.drives.at(-1)?.source, { kind: 'folder', folder: `${folder}/in` });
  const parsed = parse(main, { includes });
  const origin = (key: string) => parsed.ok && parsed.effective.find((one) => one.key === key)?.origin;
  assert.deepEqual(origin('defaults.verify'), { kind: 'file', file: `${folder}/conf.d/20.yaml`, line: 2, column: 20 });
  assert.deepEqual(origin('rules[1].name'), { kind: 'file', file: `${folder}/conf.d/10.yaml`, line: 2, column: 16 });
  const misplaced = parse(main, { includes: { 'conf.d/10.yaml': 'rules:\n- {name: x, match: {drive: none}}\n' } });
  assert.ok(!misplaced.ok);
  assert.deepEqual([misplaced.problems[0]?.file, misplaced.problems[0]?.line], [`${folder}/conf.d/10.yaml`, 2]);
});

test('aliases write out what they stand for', () => {
  const desired = desiredOf(
    `${least}rules:\n- {name: a, match: {label: A}, checksums: &sums [sha1, md5]}\n- {name: b, match: {label: B}, checksums: *sums}\n`,
  );
  assert.deepEqual(desired.rules[1]?.settings, { checksums: ['sha1', 'md5'] });
});

test('every value in force has its origin, and no secret is among them', () => {
  const parsed = parse(complete, { secrets });
  assert.ok(parsed.ok);
  const { effective } = parsed;
  const find = (key: string) => effective.find((one) => one.key === key);
  assert.deepEqual(find('storage.warn_at'), {
    key: 'storage.warn_at',
    value: '80%',
    origin: { kind: 'file', file: `${folder}/config.yaml`, line: 8, column: 12 },
  });
  assert.deepEqual(find('rules[1].on_duplicate'), {
    key: 'rules[1].on_duplicate',
    value: 'skip',
    origin: { kind: 'default' },
  });
  assert.deepEqual(find('notifications.targets[0].email.smtp.password'), {
    key: 'notifications.targets[0].email.smtp.password',
    value: '(secret)',
    origin: { kind: 'secret', reference: 'password' },
  });
  assert.deepEqual(find('notifications.targets[1].webhook.secret')?.origin, {
    kind: 'secret',
    reference: 'credential:hook',
  });
  assert.deepEqual(find('notifications.targets[2].webhook.url')?.value, '(secret)');
  assert.doesNotMatch(JSON.stringify(effective), /geheim|token=y/);
  const open = parse(complete.replace('https://example.org/hook', 'https://example.org/hook?token=z'), { secrets });
  assert.doesNotMatch(JSON.stringify(open.ok && open.effective), /token=z/);
  const keys = effective.map((one) => one.key);
  assert.equal(new Set(keys).size, keys.length);
});

test('a secret that everyone may read, and a mount that no longer changes, are warned of', () => {
  const text = `${least}notifications: {targets: [{name: t, webhook: {url: http://localhost/, secret_file: key}}]}`;
  const snapshot = snapshotOf(text, { secrets: { key: 'x' } });
  const files = snapshot.files.map((file) =>
    file.content.kind === 'bytes' ? { ...file, content: { ...file.content, worldReadable: true } } : file,
  );
  const parsed = parseConfig({ ...snapshot, files, staleMount: true }, { credentialsFolder: null });
  assert.deepEqual(parsed.ok && parsed.warnings.map((one) => `${one.line} ${one.code}`), ['1 stale_mount', '4 secret']);
});
