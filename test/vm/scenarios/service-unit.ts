import assert from 'node:assert/strict';
import { Daemon, patience } from '../daemon.js';
import { scenario } from '../scenario.js';
import { until } from '../until.js';

const dropIns = '/etc/systemd/system/disk2iso.service.d';

export const scenarios = [
  scenario('a daemon whose event loop stands still is ended by the watchdog, and its job goes on', async (station) => {
    const { guest, drives } = station;
    const daemon = new Daemon(station);
    await guest.write('/usr/lib/disk2iso/stand-still.mjs', `process.on('SIGUSR2', () => { for (;;); });\n`);
    await guest.sh(
      `mkdir -p ${dropIns} && cat > ${dropIns}/still.conf && systemctl daemon-reload && systemctl restart disk2iso`,
      { input: '[Service]\nEnvironment=NODE_OPTIONS=--import=/usr/lib/disk2iso/stand-still.mjs\n' },
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
    assert.match(await guest.sh('journalctl --sync; journalctl -u disk2iso -b --no-pager'), /Watchdog timeout/);
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
      'journalctl --sync && journalctl -u disk2iso -b --no-pager -o json --output-fields=PRIORITY,MESSAGE,_PID',
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
];
