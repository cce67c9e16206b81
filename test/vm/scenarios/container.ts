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
];
