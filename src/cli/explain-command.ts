import { Command } from 'commander';
import type { ExplanationsShape } from './api-shapes.js';
import { bindAction, type CliContext, type CliRun } from './cli-context.js';
import { exitStatus } from './cli-error.js';

export function explainCommand(run: CliRun): Command {
  const command = new Command('explain')
    .description('which rule decided for a disc or an archive, why the others did not, and whether an archive stays')
    .argument('<disc-or-archive>', 'a drive, a job or archive id, or a label');
  return bindAction(run, command, explain);
}

const ruleText = (rule: string | null): string => (rule === null ? 'no rule: the defaults' : `rule ${rule}`);

/** What became of a disc; jobs and archives tell their state in a word. */
const outcomes: Readonly<Record<string, string>> = {
  job: 'a job was made of it',
  waiting: 'it waits for a job that reads the same disc elsewhere',
  duplicate: 'it is archived already',
};

async function explain({ output, client }: CliContext, [subject = '']: readonly string[]): Promise<number> {
  const path = `/api/v1/explain?subject=${encodeURIComponent(subject)}`;
  const answer = (await (await client()).call(path)) as ExplanationsShape;
  if (output.isJson) {
    output.json(answer);
    return exitStatus.ok;
  }
  for (const { kind, id, label, decided, rule, action, rules, holds, retention } of answer.explanations) {
    output.line(`${kind} ${id}${label === null ? '' : ` (${label})`}`);
    if (decided !== null) {
      const when = decided.generation === 0 ? '' : ` of generation ${decided.generation}`;
      output.line(
        `  decided by  ${ruleText(decided.rule)}${when}; ${outcomes[decided.outcome] ?? `it is ${decided.outcome}`}`,
      );
    }
    output.line(`  today       ${ruleText(rule)}${action === 'ignore' ? ', which ignores it' : ''}`);
    for (const one of rules) output.line(`  ${one.decides ? '*' : '-'} ${one.rule}: ${one.reason}`);
    for (const hold of holds) output.line(`  held        ${hold}`);
    if (retention !== null) {
      const by = retention.rule === null ? '' : ` by ${retention.rule}`;
      output.line(`  retention   it ${retention.stays ? 'stays' : 'goes'}${by}: ${retention.reason}`);
    }
  }
  return exitStatus.ok;
}
