import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const guestSuite = 'trixie';

/**
 * Where the guest's packages come from: this machine's own Debian sources with the suite's name replaced, as deb822 or
 * one-line text. No mirror is named anywhere else. Throws when this machine has no Debian sources.
 */
export function guestSources(
  folder = '/etc/apt',
  release = readFileSync('/etc/os-release', 'utf8'),
): {
  readonly text: string;
  /** File name extension that tells apt which of its two formats the text is in. */
  readonly extension: 'list' | 'sources';
} {
  const suite = /^VERSION_CODENAME=(.*)$/m.exec(release)?.[1] ?? guestSuite;
  const parts = join(folder, 'sources.list.d');
  const names = existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : [];
  const files = [join(folder, 'sources.list'), ...names].filter((file) => existsSync(file));
  const read = (extension: string) =>
    files.filter((file) => file.endsWith(extension)).map((f) => readFileSync(f, 'utf8'));

  const stanzas = read('.sources').flatMap((text) => text.split(/\n\s*\n/));
  const chosen = stanzas.map((stanza) => translateStanza(stanza, suite)).filter((stanza) => stanza !== undefined);
  if (chosen.length > 0) return { text: `${chosen.join('\n\n')}\n`, extension: 'sources' };

  const lines = read('.list').flatMap((text) => text.split('\n'));
  const kept = lines.map((line) => translateLine(line, suite)).filter((line) => line !== undefined);
  if (kept.length > 0) return { text: `${kept.join('\n')}\n`, extension: 'list' };
  throw new Error(`no Debian package sources with suite ${suite} below ${folder}`);
}

function translateSuite(word: string, suite: string): string | undefined {
  return [suite, `${suite}-updates`, `${suite}-security`].includes(word) ? word.replace(suite, guestSuite) : undefined;
}

function translateStanza(stanza: string, suite: string): string | undefined {
  const lines = stanza.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const field = (name: string) =>
    lines.find((line) => line.toLowerCase().startsWith(`${name}:`))?.replace(/^[^:]*:\s*/, '');
  if (!field('types')?.split(/\s+/).includes('deb') || field('enabled') === 'no') return undefined;
  const suites = (field('suites') ?? '').split(/\s+/).map((word) => translateSuite(word, suite));
  const known = suites.filter((word) => word !== undefined);
  if (known.length === 0) return undefined;
  return lines.map((line) => (/^suites:/i.test(line) ? `Suites: ${known.join(' ')}` : line)).join('\n');
}

function translateLine(line: string, suite: string): string | undefined {
  const match = /^deb\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line.trim());
  const translated = match?.[3] === undefined ? undefined : translateSuite(match[3], suite);
  return match && translated ? `deb ${match[1] ?? ''}${match[2]} ${translated} ${match[4]}` : undefined;
}
