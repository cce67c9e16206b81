export type Properties = ReadonlyMap<string, string>;

/** `KEY=value` lines as cdrom_id prints them, `KEY='value'` as `udevadm info --export` does; other lines are skipped. */
export function parseProperties(text: string): Properties {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const parts = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line.trimEnd());
    if (parts?.[1] === undefined || parts[2] === undefined) continue;
    found.set(parts[1], /^'.*'$/.test(parts[2]) ? parts[2].slice(1, -1) : parts[2]);
  }
  return found;
}
