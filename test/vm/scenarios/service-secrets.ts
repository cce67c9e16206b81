import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { Daemon, patience } from '../daemon.js';
import type { Guest } from '../guest.js';
import { scenario } from '../scenario.js';
import { until } from '../until.js';

const dropIns = '/etc/systemd/system/disk2iso.service.d';

/** Answers every POST, and keeps one line of JSON for each. */
const hookServer = `
import json, http.server
class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length'])).decode()
        with open('/run/hooks', 'a') as log:
            log.write(json.dumps({'path': self.path, 'headers': {k.lower(): v for k, v in self.headers.items()}, 'body': body}) + chr(10))
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(('127.0.0.1', 9000), Hook).serve_forever()
`;

/** Takes mail after STARTTLS and a login, from anybody, and keeps one line of JSON for each. */
const mailServer = `
import asyncio, base64, email, email.policy, json, ssl
tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain('/etc/disk2iso/mail.pem')
async def serve(reader, writer):
    mail = {'tls': False, 'login': None}
    async def say(line):
        writer.write(line.encode() + b'\\r\\n')
        await writer.drain()
    await say('220 localhost ESMTP')
    while line := (await reader.readline()).decode().strip():
        verb = line.split()[0].upper()
        if verb == 'EHLO': await say('250-localhost\\r\\n250 ' + ('AUTH PLAIN' if mail['tls'] else 'STARTTLS'))
        elif verb == 'STARTTLS':
            await say('220 go on')
            await writer.start_tls(tls)
            mail['tls'] = True
        elif verb == 'AUTH':
            mail['login'] = base64.b64decode(line.split()[2]).decode().split(chr(0))[1:]
            await say('235 welcome')
        elif verb == 'DATA':
            await say('354 go on')
            message = email.message_from_bytes((await reader.readuntil(b'\\r\\n.\\r\\n'))[:-3], policy=email.policy.default)
            mail |= {'to': message['to'], 'subject': message['subject'], 'text': message.get_content()}
            with open('/run/mails', 'a') as log: log.write(json.dumps(mail) + chr(10))
            await say('250 taken')
        else: await say('221 bye' if verb == 'QUIT' else '250 fine')
    writer.close()
async def main(): await (await asyncio.start_server(serve, None, 587)).serve_forever()
asyncio.run(main())
`;

interface Hook {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Mail {
  readonly tls: boolean;
  readonly login: readonly string[] | null;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

async function startServer(guest: Guest, name: string, program: string): Promise<void> {
  await guest.write(`/root/${name}.py`, program);
  await guest.sh(`systemd-run -q --unit ${name} python3 /root/${name}.py`);
}

/** What a server has kept, once there is something. */
function received<One>(guest: Guest, file: string): Promise<readonly One[]> {
  return until(file, patience, async () => {
    const lines = (await guest.read(file)).split('\n').filter((line) => line !== '');
    return lines.length > 0 && lines.map((line) => JSON.parse(line) as One);
  });
}

export const scenarios = [
  scenario(
    'a damaged disc is told by mail through a server with TLS and login, and by webhook; the secrets stand nowhere else',
    async (station) => {
      const { guest, drives } = station;
      const daemon = new Daemon(station);
      const secrets = { credential: 'kept-by-systemd-4711', file: 'kept-in-a-file-0815' };
      // A mail server of one's own house, which no DNS knows and for whose certificate nobody else vouches.
      await guest.sh(`echo '127.0.0.1 post.example' >> /etc/hosts && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:post.example -keyout /root/key.pem -out /etc/disk2iso/ca.pem &&
        cat /root/key.pem /etc/disk2iso/ca.pem > /etc/disk2iso/mail.pem && chmod 600 /etc/disk2iso/mail.pem`);
      await startServer(guest, 'hooks', hookServer);
      await startServer(guest, 'mails', mailServer);
      await guest.sh('install -d -m 700 /etc/disk2iso/secrets && cat > /etc/disk2iso/secrets/smtp_password', {
        input: secrets.credential,
      });
      await guest.sh('install -m 640 -g disk2iso /dev/stdin /etc/disk2iso/hook_secret', { input: `${secrets.file}\n` });
      // As the example says in its first lines.
      await guest.sh(`mkdir -p ${dropIns} && cp /usr/share/doc/disk2iso/examples/credentials.conf ${dropIns}/ &&
        printf '[Service]\\nEnvironment=NODE_EXTRA_CA_CERTS=/etc/disk2iso/ca.pem\\n' > ${dropIns}/ca.conf &&
        systemctl daemon-reload && systemctl restart disk2iso`);
      await daemon.untilReady();
      await daemon.configure(
        (text) => `${text}
notifications:
  targets:
    - name: mail
      email:
        to: archive@example.org
        from: disk2iso@example.org
        smtp: {host: post.example, user: station, password_file: "credential:smtp_password"}
      on: [job_damaged]
    - name: hook
      webhook: {url: "http://127.0.0.1:9000/hook", secret_file: /etc/disk2iso/hook_secret}
      on: [job_damaged]
`,
      );
      const { file } = await station.disc({ label: 'SECRET', bytes: 1_000_000 });
      await drives[0].insert({ file, damage: [[300, 301]] });
      const job = await daemon.untilCompleted('SECRET');

      const [mail, ...mails] = await received<Mail>(guest, '/run/mails');
      assert.ok(mail);
      assert.deepEqual([mail.tls, mail.login], [true, ['station', secrets.credential]]);
      assert.deepEqual([mail.to, mails], ['archive@example.org', []]);
      assert.match(mail.subject, /SECRET is damaged/);
      assert.ok(mail.text.includes(job.output_file ?? '?') && mail.text.includes(job.id), mail.text);

      const [hook] = await received<Hook>(guest, '/run/hooks');
      assert.ok(hook);
      const signed = createHmac('sha256', secrets.file).update(`${hook.headers['x-disk2iso-timestamp']}.${hook.body}`);
      assert.equal(hook.headers['x-disk2iso-signature'], `sha256=${signed.digest('hex')}`);

      for (const secret of Object.values(secrets)) {
        const seen = [
          `journalctl --sync; journalctl -b --no-pager | grep -c ${secret}`,
          `grep -rls ${secret} /var/lib/disk2iso /srv/disk2iso | wc -l`,
          `disk2iso config get --json > /run/seen.json && grep -c ${secret} /run/seen.json`,
          `tr '\\0' '\\n' < /proc/$(systemctl show -P MainPID disk2iso)/environ | grep -c ${secret}`,
        ];
        for (const command of seen) assert.equal((await guest.run(command)).stdout.trim(), '0', command);
      }
      const direct = 'runuser -u disk2iso -- cat /etc/disk2iso/secrets/smtp_password';
      assert.notEqual((await guest.run(direct)).code, 0, 'the file behind the credential is root alone');
    },
  ),
];
