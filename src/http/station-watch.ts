import type { Clock } from '../core/ports.js';
import type { StationView } from '../core/station-ports.js';
import { conditionsJson } from './condition-json.js';
import { devicesJson } from './device-json.js';
import { statusJson } from './status-json.js';
import { type StreamMessage, streamMessage } from './stream-message.js';

/** Drives and conditions change without an event of their own: they are looked at, and differences told. */
export class StationWatch {
  readonly #view: StationView;
  readonly #clock: Clock;
  #devices = new Map<string, string>();
  #conditions = new Map<string, string>();

  constructor(view: StationView, clock: Clock) {
    this.#view = view;
    this.#clock = clock;
  }

  /** Drives and conditions as they are, for a client that knows an older state. */
  async current(): Promise<StreamMessage[]> {
    const devices = await devicesJson(this.#view);
    const conditions = conditionsJson(this.#view.conditions());
    return [
      ...devices.map((device) => streamMessage('device', device)),
      ...conditions.map((condition) => streamMessage('condition', condition)),
    ];
  }

  status(): Promise<StreamMessage> {
    return statusJson(this.#view, this.#clock).then((status) => streamMessage('status', status));
  }

  /** What differs from the look before. */
  async changes(): Promise<StreamMessage[]> {
    const devices = await devicesJson(this.#view);
    const before = this.#devices;
    this.#devices = new Map(devices.map((device) => [device.id, JSON.stringify(device)]));
    const conditions = conditionsJson(this.#view.conditions());
    const conditionsBefore = this.#conditions;
    this.#conditions = new Map(conditions.map((one) => [`${one.subject} ${one.type}`, JSON.stringify(one)]));
    return [
      ...devices
        .filter((device) => before.get(device.id) !== this.#devices.get(device.id))
        .map((device) => streamMessage('device', device)),
      ...[...before.keys()].filter((id) => !this.#devices.has(id)).map((id) => streamMessage('device_removed', { id })),
      ...conditions
        .filter((one) => {
          const key = `${one.subject} ${one.type}`;
          return conditionsBefore.get(key) !== this.#conditions.get(key);
        })
        .map((condition) => streamMessage('condition', condition)),
    ];
  }
}
