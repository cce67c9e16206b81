import type { ConditionSubject } from './condition.js';
import type { Observed } from './observed.js';

/** The drives at work and on what: those between what the file wants and what is. */
export function busyDrives(observed: Observed): Map<ConditionSubject, string> {
  const busy = new Map<ConditionSubject, string>();
  for (const device of observed.devices) {
    if (device.media.some((medium) => observed.busy.has(medium.key)))
      busy.set(`drive/${device.id}`, 'Looks at a disc.');
  }
  for (const job of observed.jobs) {
    if (observed.running.has(job.id)) busy.set(`drive/${job.device}`, `Works on ${JSON.stringify(job.name)}.`);
  }
  return busy;
}
