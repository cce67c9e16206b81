/** A process that commits without end and says what was acknowledged; the test kills it. */
import { openCatalog } from '../../src/adapters/level-catalog-open.js';
import { newArchive, newJob, realClock } from './station-folders.js';

const [, , state = '', library = ''] = process.argv;
const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const catalog = await openCatalog({ state, library, clock: realClock, log, outboxFor: () => [] });
process.stdout.write('open\n');
for (;;) {
  const job = newJob();
  const archive = newArchive();
  const [event] = await catalog.commit({ jobs: [job], archives: [archive], events: [{ type: 'daemon_stopped' }] });
  process.stdout.write(`${job.id} ${archive.id} ${event?.seq}\n`);
}
