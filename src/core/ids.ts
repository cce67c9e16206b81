/**
 * Identifiers sort by the time they were made: 9 characters of milliseconds since 1970 in base 32, then
 * 10 random ones. So "newest first" is a reverse walk of the keys, without another index.
 */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type JobId = Branded<'JobId'>;
export type ArchiveId = Branded<'ArchiveId'>;
/** `name` of a declared drive; for a drive declared by a glob, `name:sr0`. */
export type DeviceId = Branded<'DeviceId'>;
/** Names one insertion of one medium: it changes whenever a disc goes in. */
export type MediumKey = Branded<'MediumKey'>;

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const timeLength = 9;
const randomLength = 10;

function encodeTime(milliseconds: number): string {
  let rest = Math.floor(milliseconds);
  let text = '';
  for (let i = 0; i < timeLength; i += 1) {
    text = alphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** `random` holds at least 10 random bytes. */
function makeId(prefix: string, now: number, random: Uint8Array): string {
  let tail = '';
  for (let i = 0; i < randomLength; i += 1) tail += alphabet.charAt((random[i] ?? 0) % 32);
  return `${prefix}_${encodeTime(now)}${tail}`;
}

export const createJobId = (now: number, random: Uint8Array): JobId => makeId('job', now, random) as JobId;
export const createArchiveId = (now: number, random: Uint8Array): ArchiveId =>
  makeId('archive', now, random) as ArchiveId;

const idPattern = /^(job|archive)_[0-9a-hjkmnp-tv-z]{19}$/;
export const isJobId = (text: string): text is JobId => text.startsWith('job_') && idPattern.test(text);
export const isArchiveId = (text: string): text is ArchiveId => text.startsWith('archive_') && idPattern.test(text);

export const deviceId = (text: string): DeviceId => text as DeviceId;
export const mediumKey = (text: string): MediumKey => text as MediumKey;

/**
 * Whether the drive counts no other disc between these two. In the key of a disc stands what the drive counts, an @, and
 * the daemon that saw it; in other keys there is no telling.
 */
export function isSameCount(a: MediumKey, b: MediumKey): boolean {
  const at = a.lastIndexOf('@');
  return at > 0 && a.startsWith('disc:') && a.slice(0, at + 1) === b.slice(0, b.lastIndexOf('@') + 1);
}
