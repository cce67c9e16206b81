import type { Desired } from '../core/desired.js';
import type { EffectiveValue, Origin } from '../core/effective-value.js';
import { formatPath, type Path, placeOf, type Scalar } from './config-tree.js';
import type { Resolution } from './resolution.js';

const redacted = '(secret)';

/** Every value in force, defaults included, as a flat list in the order of the schema. Holds no secret. */
export function effectiveConfig(on: Resolution, desired: Desired): EffectiveValue[] {
  const values: EffectiveValue[] = [];

  function add(path: Path, value: Scalar | readonly Scalar[]): void {
    const place = placeOf(on.root, path);
    const origin: Origin = place === null ? { kind: 'default' } : { kind: 'file', ...place };
    const key = formatPath(path);
    values.push({ key, value: path.at(-1) === 'url' ? redactUrl(String(value)) : value, origin });
    if (key.endsWith('_file')) {
      const reference = String(value);
      values.push({ key: key.slice(0, -'_file'.length), value: redacted, origin: { kind: 'secret', reference } });
    }
  }

  function walk(value: unknown, path: Path): void {
    if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) add(path, value as Scalar[]);
    else if (Array.isArray(value)) for (const [index, item] of value.entries()) walk(item, [...path, index]);
    else if (value === null || typeof value !== 'object') add(path, value as Scalar);
    else for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
  }

  walk(on.config, []);
  if (on.config.api.socket === undefined) {
    values.push({ key: 'api.socket', value: desired.api.socket, origin: { kind: 'derived', from: 'storage.state' } });
  }
  for (const [index, target] of on.config.notifications.targets.entries()) {
    const smtp = target.email?.smtp;
    const resolved = desired.notifications.find((one) => one.name === target.name);
    if (smtp === undefined || smtp.port !== undefined || resolved?.kind !== 'email') continue;
    const base = formatPath(['notifications', 'targets', index, 'email', 'smtp']);
    values.push({
      key: `${base}.port`,
      value: resolved.smtp.port,
      origin: { kind: 'derived', from: `${base}.security` },
    });
  }
  return values;
}

/** What stands behind the `?` often lets one in. */
function redactUrl(text: string): string {
  const query = text.indexOf('?');
  return query === -1 ? text : `${text.slice(0, query)}?${redacted}`;
}
