import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { Daemon, patience } from '../daemon.js';
import { scenario } from '../scenario.js';
import { until } from '../until.js';

const dropIns = '/etc/systemd/system/disk2iso.service.d';

/** Answers every POST, and keeps one line of JSON for each. */
const receiver = `
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

interface Hook {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const scenarios = [
  scenario('a daemon whose event loop stands still is ended by the watchdog, and its job goes on', async (station) => {
    const { guest, drives } = station;
    const daemon = new Daemon(station);
    await guest.write('/usr/lib/disk2iso/stand-still.mjs', `process.on('SIGUSR2', () => { for (;;); });\n`);
    await guest.sh(
      `mkdir -p ${dropIns} && cat > ${dropIns}/still.conf && systemctl daemon-reload && systemctl restart disk2iso`,
      {
        input: '[Service]\nEnvironment=NODE_OPTIONS=--import=/usr/lib/disk2iso/stand-still.mjs\n',
      },
    );
    await daemon.untilReady();
    const { file } = await station.disc({ label: 'STILL', bytes: 8_000_000 });
    await drives[0].insert({ file, bytesPerSecond: 100_000 });
    const { id } = await daemon.untilReading('STILL', 500_000);
    const before = await guest.sh('systemctl show -P MainPID disk2iso');
    await guest.sh(`kill -USR2 ${before}`);
    await until('another process', patience, async () => {
      const now = await guest.sh('systemctl show -P MainPID disk2iso');
      return now !== '0' && now !== before;
    });
    assert.match(await guest.sh('journalctl -u disk2iso -b --no-pager'), /Watchdog timeout/);
    await daemon.untilReady();
    await drives[0].setSpeed(0);
    const job = await daemon.untilCompleted('STILL');
    assert.deepEqual([job.id, job.verdict], [id, 'complete']);
    await daemon.assertImage(job, file);
  }),

  scenario('the service is confined, and what it says has its priority in the journal', async (station) => {
    const { guest, drives } = station;
    const daemon = new Daemon(station);
    await daemon.untilReady();
    const pid = await guest.sh('systemctl show -P MainPID disk2iso');
    assert.equal((await guest.sh(`cat /proc/${pid}/attr/current`)).replace('\0', ''), 'disk2iso (enforce)');
    assert.equal(
      await guest.sh(`ps -o user=,group=,supgrp= -p ${pid} | tr -s ' '`),
      'disk2iso disk2iso cdrom,disk2iso',
    );
    const exposure = /exposure level for \S+: ([\d.]+)/.exec(
      await guest.sh('systemd-analyze security --no-pager disk2iso'),
    );
    assert.ok(Number(exposure?.[1]) <= 3, exposure?.[0]);
    assert.equal(await guest.sh('stat -c "%U:%G %a" /etc/disk2iso/config.yaml'), 'root:disk2iso 640');
    // All of the disc's way, so that a file or system call the profile forbids would show.
    const disc = await station.disc({ label: 'CONFINED', bytes: 1_000_000 });
    await drives[0].insert(disc);
    await daemon.assertImage(await daemon.untilCompleted('CONFINED'), disc.file);
    await until('ejected', patience, () => drives[0].isTrayOpen());
    await guest.sh("sed -i 's/eject: on_success/eject: sometimes/' /etc/disk2iso/config.yaml");
    assert.notEqual((await guest.run('systemctl reload disk2iso')).code, 0);
    const journal = await guest.sh(
      'journalctl -u disk2iso -b --no-pager -o json --output-fields=PRIORITY,MESSAGE,_PID',
    );
    const lines = journal
      .split('\n')
      .map((line) => JSON.parse(line) as { PRIORITY: string; MESSAGE: string; _PID: string });
    const said = lines.filter((line) => line._PID === pid);
    assert.ok(
      said.some((line) => line.PRIORITY === '6' && line.MESSAGE.includes('CONFINED')),
      journal,
    );
    assert.ok(
      said.some((line) => Number(line.PRIORITY) <= 4 && line.MESSAGE.includes('eject')),
      journal,
    );
    assert.ok(
      said.every((line) => !/^<\d>/.test(line.MESSAGE)),
      journal,
    );
    assert.doesNotMatch(await guest.sh('dmesg'), /apparmor="DENIED".*profile="disk2iso"/);
  }),

  scenario('secrets come from a systemd credential and from a file, and stand nowhere else', async (station) => {
    const { guest, drives } = station;
    const daemon = new Daemon(station);
    const secrets = { credential: 'kept-by-systemd-4711', file: 'kept-in-a-file-0815' };
    await guest.write('/root/receiver.py', receiver);
    await guest.sh('systemd-run -q --unit receiver python3 /root/receiver.py');
    await guest.sh(`install -d -m 700 /etc/disk2iso/secrets && cat > /etc/disk2iso/secrets/smtp_password`, {
      input: secrets.credential,
    });
    await guest.sh('install -m 640 -g disk2iso /dev/stdin /etc/disk2iso/hook_secret', { input: `${secrets.file}\n` });
    // As the example says in its first lines.
    await guest.sh(`mkdir -p ${dropIns} && cp /usr/share/doc/disk2iso/examples/credentials.conf ${dropIns}/ &&
      systemctl daemon-reload && systemctl restart disk2iso`);
    await daemon.untilReady();
    const target = (name: string, reference: string) =>
      `    - name: ${name}\n      webhook: {url: "http://127.0.0.1:9000/${name}", secret_file: ${reference}}\n      on: [job_completed]\n`;
    const targets = target('credential', 'credential:smtp_password') + target('file', '/etc/disk2iso/hook_secret');
    await daemon.configure((text) => `${text}\nnotifications:\n  targets:\n${targets}`);
    const disc = await station.disc({ label: 'SECRET', bytes: 1_000_000 });
    await drives[0].insert(disc);
    const hooks = await until('two messages', patience, async () => {
      const text = await guest.read('/run/hooks');
      const lines = text.split('\n').filter((line) => line !== '');
      return lines.length === 2 && lines.map((line) => JSON.parse(line) as Hook);
    });
    for (const [name, secret] of Object.entries(secrets)) {
      const hook = hooks.find((one) => one.path === `/${name}`);
      assert.ok(hook, JSON.stringify(hooks));
      const signed = createHmac('sha256', secret).update(`${hook.headers['x-disk2iso-timestamp']}.${hook.body}`);
      assert.equal(hook.headers['x-disk2iso-signature'], `sha256=${signed.digest('hex')}`);
      const seen = [
        `journalctl -b --no-pager | grep -c ${secret}`,
        `grep -rls ${secret} /var/lib/disk2iso /srv/disk2iso | wc -l`,
        `disk2iso config get --json > /run/seen.json && grep -c ${secret} /run/seen.json`,
        `tr '\\0' '\\n' < /proc/$(systemctl show -P MainPID disk2iso)/environ | grep -c ${secret}`,
      ];
      for (const command of seen) assert.equal((await guest.run(command)).stdout.trim(), '0', command);
    }
    const direct = 'runuser -u disk2iso -- cat /etc/disk2iso/secrets/smtp_password';
    assert.notEqual((await guest.run(direct)).code, 0, 'the file behind the credential is root alone');
  }),
];
