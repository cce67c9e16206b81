import type { DiscContent, MediaKind } from '../core/disc.js';
import type { Properties } from './udev-properties.js';

export interface MediumFacts {
  readonly media: MediaKind;
  readonly content: DiscContent;
}

const prefix = 'ID_CDROM_MEDIA';

/**
 * What is in the drive by cdrom_id's properties, or null where nothing is. Any property of the medium counts: a
 * recorded audio CD may have ID_CDROM_MEDIA_CD_R alone, a rewritable DVD with bad first sectors its state alone.
 */
export function parseMedium(properties: Properties): MediumFacts | null {
  const keys = [...properties.keys()].filter((key) => key.startsWith(prefix));
  if (keys.length === 0) return null;
  const media = parseKind(keys.map((key) => key.slice(prefix.length + 1)));
  return { media, content: parseContent(properties, media) };
}

function parseKind(features: readonly string[]): MediaKind {
  const has = (pattern: RegExp): boolean => features.some((feature) => pattern.test(feature));
  if (has(/^BD(_|$)/)) return 'bd';
  if (has(/^DVD(_|$)/)) return 'dvd';
  if (has(/^(DD)?CD(_|$)/) || has(/^MRW(_|$)/)) return 'cd';
  return 'unknown';
}

function parseContent(properties: Properties, media: MediaKind): DiscContent {
  if (properties.get(`${prefix}_STATE`) === 'blank') return 'blank';
  const audio = Number(properties.get(`${prefix}_TRACK_COUNT_AUDIO`) ?? 0) > 0;
  const data = Number(properties.get(`${prefix}_TRACK_COUNT_DATA`) ?? 0) > 0;
  if (audio) return data ? 'mixed' : 'audio';
  // Where the last closed session begins, told only where that is not the first. SESSION_COUNT counts an open one too,
  // and sessions of a DVD follow each other without a gap of 11,400 sectors that cannot be read.
  const several = Number(properties.get(`${prefix}_SESSION_LAST_OFFSET`) ?? 0) > 0;
  if (media === 'cd' && several) return 'multisession';
  return data || media === 'dvd' || media === 'bd' ? 'data' : 'unknown';
}
