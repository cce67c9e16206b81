import type { Disc } from '../../src/core/disc.js';
import type { DriveSpec, Medium, ObservedDevice } from '../../src/core/drive.js';
import type { DrivePort } from '../../src/core/imaging-ports.js';
import type { Clock, Log, StopSignal } from '../../src/core/ports.js';

export const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

export interface RecordedLog extends Log {
  readonly lines: { readonly level: string; readonly fields: object; readonly message: string }[];
}

export function recordLog(): RecordedLog {
  const lines: RecordedLog['lines'] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export const noStop: StopSignal = new AbortController().signal;

/** Tries until it holds, for at most `deadlineMs`. */
export async function eventually<Value>(
  look: () => Promise<Value | null | undefined | false>,
  deadlineMs = 60_000,
): Promise<Value> {
  const until = performance.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > until) throw new Error(`not within ${deadlineMs} ms: ${look}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export async function observeOne(port: DrivePort, spec: DriveSpec): Promise<ObservedDevice> {
  const [device, ...more] = await port.observe(spec);
  if (device === undefined || more.length > 0) throw new Error(`expected one device, not ${more.length + 1}`);
  return device;
}

export async function settled(
  port: DrivePort,
  spec: DriveSpec,
): Promise<{ readonly device: ObservedDevice; readonly medium: Medium }> {
  return await eventually(async () => {
    const [device] = await port.observe(spec);
    const medium = device?.media.find((one) => one.settled);
    return device !== undefined && medium !== undefined && { device, medium };
  });
}

export async function identified(port: DrivePort, spec: DriveSpec): Promise<Disc> {
  const { device, medium } = await settled(port, spec);
  return await port.identify(device, medium, noStop);
}
