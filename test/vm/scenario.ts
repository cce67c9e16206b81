import type { Station } from './station.js';

export interface Scenario {
  /** One sentence: what is true when it passes. */
  readonly name: string;
  /** 'installed': the package under test is there and its service runs. 'bare': it is not there. */
  readonly guest: 'installed' | 'bare';
  /** Milliseconds. */
  readonly timeoutMs: number;
  /** Throws when it fails. The station is fresh, awake, its drives empty. */
  readonly run: (station: Station) => Promise<void>;
}

export interface ScenarioOptions {
  readonly guest?: 'installed' | 'bare';
  /** Default 900,000: what takes a minute on an idle machine takes ten on an overloaded one. */
  readonly timeoutMs?: number;
}

/** A scenario on the station with the package installed, unless the options say otherwise. */
export function scenario(name: string, run: Scenario['run'], options: ScenarioOptions = {}): Scenario {
  return { name, run, guest: options.guest ?? 'installed', timeoutMs: options.timeoutMs ?? 900_000 };
}

/** A scenario about the harness or the kernel alone. */
export function bareScenario(name: string, run: Scenario['run'], options: ScenarioOptions = {}): Scenario {
  return scenario(name, run, { ...options, guest: 'bare' });
}
