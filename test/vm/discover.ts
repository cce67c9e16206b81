import { readdir } from 'node:fs/promises';
import type { Scenario } from './scenario.js';

const folder = new URL('./scenarios/', import.meta.url);

/** When the harness is wrong, nothing after it means anything. */
function harnessFirst(a: string, b: string): number {
  const late = (name: string) => (name.startsWith('harness-') ? 0 : 1);
  return late(a) - late(b) || (a < b ? -1 : 1);
}

/** All scenarios, the harness's own first, then in the order of their files' names: each file below scenarios/ exports an array `scenarios`. */
export async function discoverScenarios(filter: readonly string[]): Promise<readonly Scenario[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.js')).sort(harnessFirst);
  const found: Scenario[] = [];
  for (const file of files) {
    const module = (await import(new URL(file, folder).href)) as { scenarios?: readonly Scenario[] };
    if (!module.scenarios) throw new Error(`${file} exports no scenarios`);
    found.push(...module.scenarios);
  }
  const matches = (one: Scenario) => filter.some((word) => one.name.toLowerCase().includes(word.toLowerCase()));
  return filter.length === 0 ? found : found.filter(matches);
}
