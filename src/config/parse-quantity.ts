/** Texts with a unit, after the schema has checked their form. Each gives null where the number makes no sense. */

const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

/** `4.7GB` to bytes. */
export function parseSize(text: string): number | null {
  const [, number, unit] = /^([0-9.]+) ?([a-zA-Z]+)$/.exec(text) ?? [];
  const factor = sizeUnits[unit?.toUpperCase() ?? ''];
  if (number === undefined || factor === undefined) return null;
  const bytes = Math.round(Number(number) * factor);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** `90%` to 90; null outside 1 to 100. */
export function parsePercent(text: string): number | null {
  const value = Number(text.replace('%', ''));
  return value >= 1 && value <= 100 ? value : null;
}

const hour = 3_600_000;
const timeUnits: Readonly<Record<string, number>> = { h: hour, d: 24 * hour, w: 7 * 24 * hour, y: 365 * 24 * hour };

/** `90d` to milliseconds. */
export function parseDuration(text: string): number | null {
  const [, number, unit] = /^([0-9]+) ?([hdwy])$/.exec(text) ?? [];
  const factor = timeUnits[unit ?? ''];
  return number === undefined || factor === undefined ? null : Number(number) * factor;
}

/** `127.0.0.1:8980` or `[::1]:8980`; null where the port is none. */
export function parseListen(text: string): { host: string; port: number } | null {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):([0-9]+)$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host === undefined || port > 65535 ? null : { host, port };
}

/** An address of this machine alone. Names other than localhost are not asked for: they may mean anything. */
export function isLoopback(host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (plain === 'localhost' || plain === '::1') return true;
  return /^127(\.(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}$/.test(plain);
}
