import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Container } from '../container.js';
import { root } from '../paths.js';
import { bareScenario } from '../scenario.js';
import { until } from '../until.js';

export const scenarios = [
  bareScenario(
    'harness: a container without udev reaches a drive with the LXC configuration of the package',
    async (station) => {
      const { guest, drives } = station;
      const disc = await station.disc({ label: 'CONTAINED', bytes: 500_000 });
      await drives[0].insert(disc);
      await until('a disc', 30_000, async () => (await guest.look('sr0')).udev.ID_FS_LABEL === 'CONTAINED');
      const configuration = await readFile(join(root, 'packaging', 'lxc', 'disk2iso.conf'), 'utf8');
      await guest.sh('mkdir -p /storage/isos');
      const container = await Container.start(guest, configuration);
      assert.match(await container.sh('/usr/lib/udev/cdrom_id /dev/sr0'), /TRACK_COUNT_DATA=1/);
      assert.equal((await container.run('test -e /run/udev')).code, 1);
      assert.equal((await container.sh('sha256sum < /dev/sr0')).slice(0, 64), await station.sha256(disc.file));
    },
    { timeoutMs: 600_000 },
  ),
];
