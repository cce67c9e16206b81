/**
 * sg_raw prints the drive's sense data as text on its error output:
 *
 *   SCSI Status: Check Condition
 *   Sense Information:
 *   Fixed format, current; Sense key: Illegal Request
 *   Additional sense: Read of scrambled sector without authentication
 */
const additional = (text: string): string => /Additional sense:\s*(.*)/i.exec(text)?.[1]?.trim() ?? '';

/** Sense codes 6F/00 to 6F/05 as T10 names them. */
const protection = [
  /^Copy protection key exchange failure/i,
  /^Read of scrambled sector without authentication/i,
  /^Media region code is mismatched/i,
  /^Drive region must be permanent/i,
  /ASC=6f\b/i,
];

export function refusesForProtection(errorOutput: string): boolean {
  return protection.some((pattern) => pattern.test(additional(errorOutput)));
}

/** Sense code 3A/02. Drives that do not tell an open tray from an empty one say 3A/00 or 3A/01. */
export function tellsOfOpenTray(errorOutput: string): boolean {
  return /tray open/i.test(additional(errorOutput));
}
