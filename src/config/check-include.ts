import { dirname, resolve } from 'node:path';
import { quote } from './excerpt.js';
import { type Resolution, warn } from './resolution.js';
import { asList } from './resolve-upkeep.js';

/** Folders that are taken in and hold nothing to take in: perhaps the files in them are named otherwise. */
export function checkInclude(on: Resolution): void {
  const { snapshot, config } = on;
  const folders = asList(config.include) ?? [];
  for (const [index, folder] of folders.entries()) {
    const path = resolve(dirname(snapshot.path), folder);
    const listed = snapshot.folders.find((one) => one.path === path);
    if (
      listed?.reason !== null ||
      snapshot.files.some((file) => dirname(file.path) === path && file.role === 'include')
    )
      continue;
    const message = `Nothing is taken in from ${quote(folder)}: no file there ends in .yaml or .yml.`;
    warn(on, ['include', ...(Array.isArray(config.include) ? [index] : [])], { code: 'no_effect', message });
  }
}
