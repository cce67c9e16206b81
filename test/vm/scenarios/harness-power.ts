import assert from 'node:assert/strict';
import { bareScenario } from '../scenario.js';
import { until } from '../until.js';

export const scenarios = [
  bareScenario(
    'harness: a power cut loses what was not flushed, keeps what was, and the guest boots again',
    async (station) => {
      const { drives } = station;
      await drives[1].insert(await station.disc({ label: 'STAYS', bytes: 500_000 }));
      await station.guest.sh('echo kept > /home/kept && sync && head -c 3000000 /dev/urandom > /home/lost');
      await station.powerCut();
      await station.boot();
      const { guest } = station;
      assert.equal(await guest.read('/home/kept'), 'kept');
      assert.equal(await guest.sh('cat /home/lost 2>/dev/null | wc -c'), '0');
      await until(
        'the disc is still in the drive',
        30_000,
        async () => (await guest.look('sr1')).udev.ID_FS_LABEL === 'STAYS',
      );
      assert.match(await guest.sh('journalctl --list-boots --no-pager'), /-1 .*\n +0 /s);
    },
    { timeoutMs: 1_500_000 },
  ),
];
