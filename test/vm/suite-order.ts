/** What run.ts tells suite.ts, in one environment variable: node's test runner starts the suite in a process of its own. */
export interface SuiteOrder {
  /** Words of which a scenario's name must contain one; none: all. */
  readonly filter: readonly string[];
  /** The prepared disks; installed is absent when no package was asked for. */
  readonly bare: string;
  readonly installed: string | null;
  /** Leave the guest running after each scenario until interrupted. */
  readonly keep: boolean;
  readonly seed: number;
  /** How many machines run side by side. */
  readonly machines: number;
}

export const orderVariable = 'DISK2ISO_VM_SUITE';

/** Throws when the suite was not started by run.ts. */
export function parseOrder(text: string | undefined): SuiteOrder {
  if (text === undefined) throw new Error('start the suite with: npm run test:vm');
  return JSON.parse(text) as SuiteOrder;
}
