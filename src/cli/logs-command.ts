import { Command, Option } from 'commander';
import type { ApiClient } from './api-client.js';
import type { EventShape, LogsShape } from './api-shapes.js';
import { type Action, bindAction, type CliRun } from './cli-context.js';
import { exitStatus } from './cli-error.js';
import { followEvents } from './follow-events.js';
import { formatTime } from './format-time.js';
import { parseWhole } from './list-options.js';
import type { Colour } from './output.js';

interface LogOptions {
  readonly follow?: true;
  readonly level: EventShape['level'];
  readonly limit: number;
}

const levels: readonly EventShape['level'][] = ['debug', 'info', 'warning', 'error'];
const colours: Readonly<Record<string, Colour>> = { debug: 'dim', warning: 'yellow', error: 'red' };

export function logsCommand(run: CliRun): Command {
  const command = new Command('logs')
    .description('what happened, oldest first')
    .option('-f, --follow', 'go on with what happens')
    .addOption(new Option('--level <level>', 'the quietest level wanted').choices(levels).default('info'))
    .addOption(new Option('--limit <n>', 'begin with the latest so many').default(50).argParser(parseWhole(1, 1000)))
    .addHelpText('after', '\nWith --follow, --json writes one object a line.');
  return bindAction(run, command, showLogs);
}

const showLogs: Action<LogOptions> = async ({ output, client }, _, { follow, level, limit }) => {
  const api = await client();
  // asked first: what happens before the next answer is in that one, or shown by following from here
  const before = follow === undefined ? 0 : await latestSeq(api);
  const answer = (await api.call(`/api/v1/logs?level=${level}&limit=${limit}`)) as LogsShape;
  if (output.isJson && follow === undefined) {
    output.json(answer);
    return exitStatus.ok;
  }
  const show = (event: EventShape): void => {
    if (levels.indexOf(event.level) < levels.indexOf(level)) return;
    if (output.isJson) output.json(event, 'lines');
    else output.log(event.level, formatTime(event.at), event.message, colours[event.level]);
  };
  for (const event of [...answer.events].reverse()) show(event);
  if (follow === undefined) {
    if (answer.events.length === 0) output.remark('Nothing that loud has happened.');
    return exitStatus.ok;
  }
  await followEvents({
    client: api,
    after: Math.max(before, answer.events[0]?.seq ?? 0),
    onEvent: show,
    onRemark: (text) => output.remark(text),
    signal: output.readerGone,
  });
  return exitStatus.ok;
};

async function latestSeq(api: ApiClient): Promise<number> {
  const { events } = (await api.call('/api/v1/logs?level=debug&limit=1')) as LogsShape;
  return events[0]?.seq ?? 0;
}
