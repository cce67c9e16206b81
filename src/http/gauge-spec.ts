import type { Gauge } from 'prom-client';

/** A figure that is asked for when it is scraped. */
export interface GaugeSpec {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly collect: (gauge: Gauge) => void | Promise<void>;
}

/** A figure that is not known has no sample, rather than 0. */
export function setKnown(gauge: Gauge, value: number | null | undefined): void {
  if (value === null || value === undefined) gauge.remove();
  else gauge.set(value);
}
