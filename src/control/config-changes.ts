import { dirname, relative } from 'node:path';
import type { Generation, GenerationChange } from '../core/config-history.js';
import { maskLine } from '../core/mask-secrets.js';
import { type Texts, unifiedDiff } from '../core/text-diff.js';

/** Each generation with its diff against the one before. `generations`: newest first. */
export function configChanges(generations: readonly Generation[], inForce: number): GenerationChange[] {
  return generations.map((one, index) => {
    const before = generations[index + 1];
    const { generation, hash, appliedAt } = one;
    const diff = before === undefined ? null : unifiedDiff(masked(before), masked(one));
    return { generation, hash, appliedAt, inForce: generation === inForce, diff };
  });
}

function masked({ snapshot }: Generation): Texts {
  const folder = dirname(snapshot.path);
  return new Map(
    snapshot.files.map(({ path, text }) => [relative(folder, path), text.split('\n').map(maskLine).join('\n')]),
  );
}
