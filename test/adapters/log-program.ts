/* Run as a process by event-log.test.ts: writes lines as a daemon would. */
import { chooseLogFormat, createEventLog } from '../../src/adapters/event-log.js';
import { Fault } from '../../src/core/fault.js';
import { completed, failed } from '../notifications/samples.js';

const format = chooseLogFormat(process.env, process.argv.includes('--terminal'));
const log = createEventLog({ level: 'info', format });
const flood = Number(process.argv[process.argv.indexOf('--flood') + 1]);

if (flood > 0) {
  for (let i = 0; i < flood; i += 1) {
    log.info({ i }, 'x'.repeat(1000));
    if (i % 100 === 0) await new Promise(setImmediate);
  }
  const { rss } = process.memoryUsage();
  process.stderr.write(JSON.stringify({ rss }));
  await log.close();
  process.exit(0);
}

log.debug({}, 'too quiet');
log.event({ seq: 1, at: 0, event: completed('HOLIDAY') });
log.event({ seq: 2, at: 0, event: failed('X\r\n<0>forged\u001b[2J\u202e') });
log.info(
  { target: 'home', url: 'https://user:geheim@example.org/', smtp: { password: 'geheim', user: 'u' } },
  'Multi\nline',
);
log.warn({ apiKey: 'geheim', nested: [{ authToken: 'geheim', Cookie: 'geheim', ok: 'yes' }] }, 'to //u:geheim@host');
log.error({ err: new TypeError('oops\nforged', { cause: new Fault('io_error', 'The disk is gone.') }) }, 'A bug');
log.setLevel('debug');
log.debug({}, 'loud enough');
await log.close();
