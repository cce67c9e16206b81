import { placeholders, unknownPlaceholders } from '../core/path-template.js';
import { closestMatch } from './closest-match.js';
import type { Path } from './config-tree.js';
import { quote } from './excerpt.js';
import type { Finding } from './problem-list.js';
import { error, type Resolution, warn } from './resolution.js';

const known = placeholders.map((name) => `{${name}}`).join(' ');

function mistakeIn(template: string): Finding | null {
  const refuse = (message: string, more: Partial<Finding> = {}): Finding => ({ code: 'not_allowed', message, ...more });
  if (template.startsWith('/')) {
    return refuse('The path begins with a slash; it counts from the library.', {
      did_you_mean: quote(template.replace(/^\/+/, '')),
    });
  }
  const parts = template.split('/');
  if (parts.includes('..') || parts.includes('.')) return refuse('The path may not hold . or .. as a folder.');
  if (parts.includes('')) return refuse('The path holds an empty folder name; remove the extra slash.');
  if (template.includes('\\')) return refuse('The path holds a backslash; folders are divided by /.');
  const [unknown] = unknownPlaceholders(template);
  if (unknown !== undefined) {
    const near = closestMatch(unknown, placeholders);
    return refuse(`There is no placeholder {${quote(unknown).slice(1, -1)}}.`, {
      code: 'unknown_name',
      expected: `one of ${known}`,
      did_you_mean: near === undefined ? undefined : `{${near}}`,
    });
  }
  if (/[{}]/.test(template.replace(/\{[^{}]*\}/g, ''))) return refuse('A brace in the path has no counterpart.');
  if (!/\{[^{}]+\}/.test(template)) {
    return refuse('The path has no placeholder, so every disc would get the same name.', {
      expected: `at least one of ${known}`,
    });
  }
  return null;
}

function checkTemplate(on: Resolution, path: Path, template: string): void {
  const mistake = mistakeIn(template);
  if (mistake !== null) error(on, path, mistake);
  else if (/\.iso$/i.test(template)) {
    const did_you_mean = quote(template.replace(/\.iso$/i, ''));
    warn(on, path, {
      code: 'no_effect',
      message: 'The ending .iso is added by itself; here it would stand twice.',
      did_you_mean,
    });
  } else if (/^\{(media|drive|date|year|rule)\}(\/\{(media|drive|date|year|rule)\})*$/.test(template)) {
    const message = 'Nothing in this path tells one disc from another; the images will be numbered.';
    warn(on, path, { code: 'no_effect', message, expected: '{label}, {name} or {fingerprint} in it' });
  }
}

export function checkTemplates(on: Resolution): void {
  checkTemplate(on, ['defaults', 'path'], on.config.defaults.path);
  for (const [index, rule] of on.config.rules.entries()) {
    if (rule.path !== undefined) checkTemplate(on, ['rules', index, 'path'], rule.path);
  }
}
