import type { Place } from './config-tree.js';

/**
 * Finds line and column of an offset; one beyond the end counts as the end. Counted here, as the YAML library's own
 * counter misses lines of broken text.
 */
export function createPlaceFinder(file: string, text: string): (offset: number) => Place {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    const wanted = Math.max(0, Math.min(offset, text.length));
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= wanted) low = middle;
      else high = middle;
    }
    return { file, line: low + 1, column: wanted - (starts[low] ?? 0) + 1 };
  };
}
