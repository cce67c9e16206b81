import type { Algorithm } from './checksum.js';
import type { MediaKind } from './disc.js';
import type { EjectPolicy } from './drive.js';

export type Priority = 'low' | 'normal' | 'high';
export const priorities: readonly Priority[] = ['low', 'normal', 'high'];

/** How one disc is imaged: the defaults with the deciding rule laid over them. A job keeps its own copy. */
export interface ImagingSettings {
  /** Times each sector is tried before it counts as bad; at least 1. */
  readonly readAttempts: number;
  /** Bytes per sector that ddrescue is told. */
  readonly sectorSize: number;
  /** Re-read the finished image from storage and compare. */
  readonly verify: boolean;
  readonly checksums: readonly Algorithm[];
  readonly eject: EjectPolicy;
  readonly priority: Priority;
  /** Below the library, without `.iso`: `{media}/{label}`. See path-template.ts. */
  readonly path: string;
}

export interface RuleMatch {
  readonly media: readonly MediaKind[] | null;
  /** Tests the label; compiled from a glob by whoever parsed the file, as core holds no glob engine. */
  readonly label: { readonly glob: string; readonly test: (label: string) => boolean } | null;
  readonly drive: readonly string[] | null;
  readonly minBytes: number | null;
  readonly maxBytes: number | null;
}

export interface Rule {
  readonly name: string;
  readonly suspend: boolean;
  readonly match: RuleMatch;
  readonly action: 'image' | 'ignore';
  /** What to do with a disc that is archived already and complete. */
  readonly onDuplicate: 'skip' | 'image';
  readonly settings: Partial<ImagingSettings>;
}

export interface RuleSubject {
  readonly media: MediaKind;
  readonly label: string | null;
  readonly drive: string;
  readonly sizeBytes: number | null;
}

/** Why a rule does not match, or null where it does. The text names what was asked for and what was found. */
export function whyNot(rule: Rule, subject: RuleSubject): string | null {
  const { match } = rule;
  if (match.media !== null && !match.media.includes(subject.media)) {
    return `media is ${subject.media}, the rule wants ${match.media.join(' or ')}`;
  }
  if (match.label !== null && !(subject.label !== null && match.label.test(subject.label))) {
    return `label is ${subject.label === null ? 'unknown' : JSON.stringify(subject.label)}, the rule wants ${match.label.glob}`;
  }
  if (match.drive !== null && !match.drive.includes(subject.drive)) {
    return `drive is ${subject.drive}, the rule wants ${match.drive.join(' or ')}`;
  }
  if (match.minBytes !== null && (subject.sizeBytes === null || subject.sizeBytes < match.minBytes)) {
    return `size is ${subject.sizeBytes ?? 'unknown'}, the rule wants at least ${match.minBytes} bytes`;
  }
  if (match.maxBytes !== null && (subject.sizeBytes === null || subject.sizeBytes > match.maxBytes)) {
    return `size is ${subject.sizeBytes ?? 'unknown'}, the rule wants at most ${match.maxBytes} bytes`;
  }
  return null;
}

/** The first rule that matches, or null: then the defaults alone decide, and the disc is imaged. */
export function decidingRule(rules: readonly Rule[], subject: RuleSubject): Rule | null {
  return rules.find((rule) => whyNot(rule, subject) === null) ?? null;
}
