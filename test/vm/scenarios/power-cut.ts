import assert from 'node:assert/strict';
import { Daemon } from '../daemon.js';
import { scenario } from '../scenario.js';

export const scenarios = [
  scenario(
    'after a power cut in the middle of a read the job goes on and the image is exact',
    async (station) => {
      const { drives } = station;
      const daemon = new Daemon(station);
      const { file } = await station.disc({ label: 'POWER', bytes: 10_000_000 });
      await drives[0].insert({ file, bytesPerSecond: 200_000 });
      const { id } = await daemon.untilReading('POWER', 1_000_000);
      await station.powerCut();
      await station.boot();
      await daemon.untilReady();
      await daemon.untilJob('POWER', 'is read again', (one) => one.phase === 'imaging');
      await drives[0].setSpeed(0);
      const job = await daemon.untilCompleted('POWER');
      assert.deepEqual([job.id, job.verdict], [id, 'complete']);
      await daemon.assertImage(job, file);
      assert.equal((await daemon.jobs()).length, 1);
    },
    { timeoutMs: 1_500_000 },
  ),
];
