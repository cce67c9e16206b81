import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Container } from '../container.js';
import { Daemon, patience } from '../daemon.js';
import { root } from '../paths.js';
import { scenario } from '../scenario.js';
import { until } from '../until.js';

export const scenarios = [
  scenario('in an LXC container without udev a disc is found by polling, imaged and given back', async (station) => {
    const { guest, drives } = station;
    const configuration = await readFile(join(root, 'packaging', 'lxc', 'disk2iso.conf'), 'utf8');
    // The library is seen at the same place inside and outside, so that its images can be looked at from outside.
    await guest.sh(`systemctl stop disk2iso && mkdir -p /storage/isos && chown disk2iso: /storage/isos &&
      rm -rf /var/lib/disk2iso/state && mount --bind /storage/isos /srv/disk2iso/library`);
    const container = await Container.start(guest, configuration);
    assert.equal((await container.run('test -e /run/udev/control')).code, 1);
    const init = await guest.sh('lxc-info -n t -pH');
    const daemon = new Daemon(station, `/proc/${init}/root/run/disk2iso/disk2iso.sock`);
    await daemon.untilReady();
    const first = await station.disc({ label: 'BOXED', bytes: 3_000_000 });
    const second = await station.disc({ label: 'BOXED', bytes: 3_000_000, seed: 2 });
    for (const [index, disc] of [first, second].entries()) {
      await drives[0].insert(disc);
      const job = await until(`image ${index + 1}`, patience, async () => {
        const jobs = await daemon.jobs();
        return jobs.length === index + 1 && jobs[index]?.status === 'completed' && jobs[index];
      });
      await daemon.assertImage(job, disc.file);
      await until('ejected', patience, () => drives[0].isTrayOpen());
    }
    // The drive was told directly: eject(1) takes the bind mount of the node for a mounted disc.
    const { code, stderr } = await container.run('eject --cdrom --no-unmount /dev/sr0');
    assert.notEqual(code, 0);
    assert.match(stderr, /not found mountpoint or device/);
    // By hand, as the how-to says.
    await drives[0].remove();
    await container.sh('sg_raw /dev/sr0 1e 0 0 0 0 0; sg_raw /dev/sr0 1b 0 0 0 2 0');
    assert.equal(await drives[0].isTrayOpen(), true);
  }),

  scenario('in an unprivileged LXC container, made as the how-to says, the same', async (station) => {
    const { guest, drives } = station;
    const folder = join(root, 'packaging', 'lxc');
    const howTo = await readFile(join(folder, 'README.md'), 'utf8');
    const maps = [...howTo.matchAll(/^ +(lxc\.idmap = .*)$/gm)].map(([, line]) => line);
    assert.equal(maps.length, 4);
    const whole = await readFile(join(folder, 'disk2iso.conf'), 'utf8');
    assert.match(howTo, /^ +grep -v devices\.allow lxc\.conf >>/m);
    const kept = whole.split('\n').filter((line) => !line.includes('devices.allow'));
    const configuration = [...kept, ...maps, ''].join('\n');
    await guest.sh('systemctl stop disk2iso && rm -rf /var/lib/disk2iso/state && mkdir -p /storage/isos');
    const container = await Container.start(guest, configuration);
    const init = await guest.sh('lxc-info -n t -pH');
    assert.match(await guest.read(`/proc/${init}/uid_map`), /^ *0 +100000 +65536$/);
    assert.match(howTo, new RegExp(`LXC ${(await guest.sh('lxc-start --version')).slice(0, 3)}`));

    // The folder of the images is the host's root's so far: the daemon says so, and takes it up once it is its own.
    const daemon = new Daemon(station, `/proc/${init}/root/run/disk2iso/disk2iso.sock`);
    const library = () =>
      daemon.status().then(({ conditions }) => conditions.find((one) => one.subject === 'library' && !one.status));
    await until('a library that refuses', patience, async () => /chown/.test((await library())?.message ?? ''));
    const give = /^ +(chown .* \/storage\/isos)$/m.exec(howTo)?.[1] ?? '';
    await guest.sh(give.replaceAll('-n disk2iso', '-n t'));
    await daemon.untilReady();

    const disc = await station.disc({ label: 'MAPPED', bytes: 2_000_000 });
    await drives[0].insert(disc);
    const job = await daemon.untilCompleted('MAPPED');
    const image = (job.output_file ?? '').replace('/srv/disk2iso/library', '/storage/isos');
    assert.equal(await guest.sha256(image), await station.sha256(disc.file));
    assert.equal(await container.sh(`stat -c %U '${job.output_file}'`), 'disk2iso');
    await until('ejected', patience, () => drives[0].isTrayOpen());
    assert.equal((await daemon.jobs()).length, 1);

    // By hand, as the how-to says: even root inside is nobody to the node, its group alone may use it.
    await drives[0].remove();
    assert.notEqual((await container.run('sg_raw /dev/sr0 1e 0 0 0 0 0')).code, 0);
    const byHand = 'sg_raw /dev/sr0 1e 0 0 0 0 0; sg_raw /dev/sr0 1b 0 0 0 2 0';
    await container.sh(`runuser -u disk2iso -- sh -c '${byHand}'`);
    assert.equal(await drives[0].isTrayOpen(), true);
  }),
];
