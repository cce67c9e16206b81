import { type Command, InvalidArgumentError, Option } from 'commander';

/** A whole number from `least` to `most`. */
export function parseWhole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`A whole number from ${least} to ${most} is wanted.`);
  };
}

export interface PageOptions {
  readonly limit: number;
  readonly offset: number;
}

export function withPageOptions(command: Command): Command {
  return command
    .addOption(new Option('--limit <n>', 'at most so many').default(50).argParser(parseWhole(1, 500)))
    .addOption(new Option('--offset <n>', 'pass over so many').default(0).argParser(parseWhole(0, 10_000_000)));
}

/** What to say below a page where there is more; null where there is not. */
export function moreText(shown: number, offset: number, total: number): string | null {
  const end = offset + shown;
  if (shown === 0 || end >= total) return null;
  return `${offset + 1} to ${end} of ${total}; the next with --offset ${end}`;
}
