import { readdir } from 'node:fs/promises';
import type { Scenario } from './scenario.js';

const folder = new URL('./scenarios/', import.meta.url);

const isHarness = ({ name }: Scenario): boolean => name.startsWith('harness: ');

/**
 * When the harness is wrong, nothing after it means anything. Then those that may take longest, so that none of them is
 * played alone at the end; else by file.
 */
function inOrder(a: Scenario, b: Scenario): number {
  return Number(isHarness(b)) - Number(isHarness(a)) || (isHarness(a) ? 0 : b.timeoutMs - a.timeoutMs);
}

/** All scenarios, in the order they are played in: each file below scenarios/ exports an array `scenarios`. */
export async function discoverScenarios(filter: readonly string[]): Promise<readonly Scenario[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.js')).sort();
  const found: Scenario[] = [];
  for (const file of files) {
    const module = (await import(new URL(file, folder).href)) as { scenarios?: readonly Scenario[] };
    if (!module.scenarios) throw new Error(`${file} exports no scenarios`);
    found.push(...module.scenarios);
  }
  const matches = (one: Scenario) => filter.some((word) => one.name.toLowerCase().includes(word.toLowerCase()));
  return (filter.length === 0 ? found : found.filter(matches)).sort(inOrder);
}
