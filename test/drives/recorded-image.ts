import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { ReadSector } from '../../src/adapters/volume-sectors.js';

interface Recording {
  readonly made_by: string;
  readonly size_bytes: number;
  readonly sectors: readonly number[];
  readonly gzip_base64: string;
}

export const recordedNames = ['bridge', 'hfs-hybrid', 'long-label', 'mac', 'udf201', 'udf250'] as const;

/** The sectors that matter of an image made by the tool named in the file; all others are zero. */
export function recordedImage(name: (typeof recordedNames)[number]): Buffer {
  const file = new URL(`../../../test/drives/fixtures/${name}.json`, import.meta.url);
  const recording = JSON.parse(readFileSync(file, 'utf8')) as Recording;
  const data = gunzipSync(Buffer.from(recording.gzip_base64, 'base64'));
  const image = Buffer.alloc(recording.size_bytes);
  recording.sectors.forEach((sector, index) => {
    data.copy(image, sector * 2048, index * 2048, (index + 1) * 2048);
  });
  return image;
}

export const readFrom =
  (image: Uint8Array): ReadSector =>
  (sector) =>
    image.subarray(sector * 2048, (sector + 1) * 2048);

/** The smallest ISO 9660 image there is: a primary descriptor and a terminator. */
export function tinyIso(label: Uint8Array | string, sectors = 64): Buffer {
  const image = Buffer.alloc(sectors * 2048);
  const at = 16 * 2048;
  image.write('\u0001CD001\u0001', at, 'latin1');
  image.fill(' ', at + 40, at + 72);
  Buffer.from(label).copy(image, at + 40, 0, 32);
  image.writeUInt32LE(sectors, at + 80);
  image.writeUInt32BE(sectors, at + 84);
  image.writeUInt16LE(2048, at + 128);
  image.writeUInt16BE(2048, at + 130);
  image.write('2001020304050600', at + 813, 'latin1');
  image.write('\u00ffCD001\u0001', at + 2048, 'latin1');
  return image;
}
