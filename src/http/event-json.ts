import { describeEvent } from '../core/describe-event.js';
import { type DomainEvent, type StoredEvent, severityOf } from '../core/event.js';
import { snakeCaseKeys } from '../core/snake-case.js';
import type { EventJson } from './api.gen.js';
import { conditionJson } from './condition-json.js';
import { isoTime } from './iso-time.js';
import { rangesInLists, verdictJson } from './verdict-json.js';

/** The event's own fields, in the words and shapes of the rest of the API. */
function eventData(event: DomainEvent): Record<string, unknown> {
  switch (event.type) {
    case 'condition_changed':
      return { condition: conditionJson(event.condition) };
    case 'job_completed': {
      const { type: _, verdict, ...plain } = event;
      return { ...snakeKeys(plain), verdict: verdict.kind, ...verdictJson(verdict, event.sizeBytes, rangesInLists) };
    }
    default: {
      const { type: _, ...plain } = event;
      return snakeKeys(plain);
    }
  }
}

const snakeKeys = (fields: object): Record<string, unknown> => snakeCaseKeys(fields) as Record<string, unknown>;

export function eventJson({ seq, at, event }: StoredEvent): EventJson {
  return {
    seq,
    at: isoTime(at),
    level: severityOf(event),
    type: event.type,
    message: describeEvent(event),
    data: eventData(event),
  };
}
