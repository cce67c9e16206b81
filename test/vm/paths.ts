import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : findRoot(dirname(from));
}

/** The repository: this file runs from dist/test/vm, what is not TypeScript stays in test/vm. */
export const root = findRoot(dirname(fileURLToPath(import.meta.url)));
export const sources = join(root, 'test', 'vm');
/** Guest images, disc images, and what failed scenarios left. */
export const cache = join(root, '.cache', 'vm');
