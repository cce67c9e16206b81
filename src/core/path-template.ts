/**
 * Where an image goes: `{media}/{label}` becomes `dvd/HOLIDAY`. What is substituted is untrusted text from a disc,
 * so each value becomes exactly one harmless path component; the text between placeholders is the user's own.
 */
export const placeholders = ['media', 'label', 'drive', 'date', 'year', 'name', 'rule', 'fingerprint'] as const;
export type Placeholder = (typeof placeholders)[number];
export type TemplateValues = Readonly<Record<Placeholder, string | null>>;

/** Leaves room below the usual 255 for `.damaged_999.iso.blake2b512` and the like. */
const longestComponentBytes = 200;

function utf8Bytes(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

function cut(text: string, mostBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += utf8Bytes(character);
    if (bytes > mostBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}

// C0 and C1 controls, format and bidirectional marks, separators, lone surrogates, unassigned and private code points
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;
const reserved = /[/\\<>:"|?*%]/g;

/** One path component out of any text: never empty, never hidden, never `.` or `..`, at most 200 bytes of UTF-8. */
export function sanitiseComponent(text: string): string {
  const plain = text
    .normalize('NFC')
    .replace(unprintable, '_')
    .replace(reserved, '_')
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(/^[.\-~ ]+/, '_');
  return cut(plain, longestComponentBytes).replace(/[. ]+$/, '') || 'unlabelled';
}

/** Placeholders in the template that do not exist. */
export function unknownPlaceholders(template: string): string[] {
  const known: readonly string[] = placeholders;
  return [...template.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '').filter((name) => !known.includes(name));
}

/** The path below the library, without extension: forward slashes, relative, each component sanitised. */
export function renderPath(template: string, values: TemplateValues): string {
  return template
    .split('/')
    .filter((part) => part !== '')
    .map((part) =>
      sanitiseComponent(part.replace(/\{([^{}]*)\}/g, (_, name: Placeholder) => values[name] ?? `no ${name}`)),
    )
    .join('/');
}
