import type { Desired } from '../core/desired.js';
import type { DriveSpec } from '../core/drive.js';
import { isWithin } from './check-storage.js';
import { quote } from './excerpt.js';
import { globCovers } from './label-glob.js';
import { error, type Resolution, warn } from './resolution.js';

/** No disc may be claimed by two drives, and no drive may take images out of the library. */
export function checkDrives(on: Resolution, desired: Desired): void {
  const { drives, storage } = desired;
  if (drives.length === 0) {
    const message = 'No drive is declared, so no disc will be imaged.';
    warn(on, ['drives'], { code: 'no_effect', message, expected: 'an entry such as {name: upper, device: /dev/sr0}' });
  }
  for (const [index, drive] of drives.entries()) {
    const { source } = drive;
    if (source.kind === 'folder') {
      const taken = [
        { name: 'library', path: storage.library },
        { name: 'state', path: storage.state },
      ].find(({ path }) => isWithin(path, source.folder) || isWithin(source.folder, path));
      if (taken !== undefined) {
        const message = `The drive's folder and the ${taken.name} folder ${quote(taken.path)} lie one inside the other; give each a folder of its own.`;
        error(on, ['drives', index, 'folder'], { code: 'overlap', message });
      }
    } else if ('device' in source && !source.device.startsWith('/dev/')) {
      const message = `${quote(source.device)} is not in /dev; is it a device file at all?`;
      warn(on, ['drives', index, 'device'], { code: 'no_effect', message });
    }
    const rival = drives.slice(0, index).find((other) => overlap(other, drive));
    if (rival !== undefined) {
      const key = source.kind === 'folder' ? 'folder' : 'device' in source ? 'device' : 'udev_id';
      const message = `This also belongs to the drive ${quote(rival.name)}; each disc must have one drive alone.`;
      error(on, ['drives', index, key], { code: 'overlap', message });
    }
  }
}

function overlap(a: DriveSpec, b: DriveSpec): boolean {
  const [one, two] = [a.source, b.source];
  if (one.kind === 'folder' || two.kind === 'folder') {
    if (one.kind !== 'folder' || two.kind !== 'folder') return false;
    return isWithin(one.folder, two.folder) || isWithin(two.folder, one.folder);
  }
  if ('udevId' in one || 'udevId' in two) return 'udevId' in one && 'udevId' in two && one.udevId === two.udevId;
  return globCovers(one.device, two.device) || globCovers(two.device, one.device);
}
