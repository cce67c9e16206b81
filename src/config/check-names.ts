import type { Path } from './config-tree.js';
import { placeOf } from './config-tree.js';
import { quote } from './excerpt.js';
import { quotePath } from './read-bounded.js';
import { error, type Resolution } from './resolution.js';

/** Names by which things are told apart in records, messages and addresses must differ. */
export function checkNames(on: Resolution): void {
  const { config } = on;
  checkList(on, ['drives'], config.drives);
  checkList(on, ['rules'], config.rules);
  checkList(on, ['retention'], config.retention);
  checkList(on, ['users'], config.users);
  checkList(on, ['notifications', 'targets'], config.notifications.targets);
}

function checkList(on: Resolution, list: Path, entries: readonly { readonly name: string }[]): void {
  const first = new Map<string, number>();
  for (const [index, { name }] of entries.entries()) {
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, index);
      continue;
    }
    const place = placeOf(on.root, [...list, earlier, 'name']);
    const where = place === null ? '' : ` in ${quotePath(place.file)} line ${place.line}`;
    const message = `The name ${quote(name)} is taken${where} already; give this one another.`;
    error(on, [...list, index, 'name'], { code: 'duplicate_name', message });
  }
}
