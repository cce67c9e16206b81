import type { EventStream } from './event-stream.js';
import type { Metrics } from './metrics.js';
import { plainRoute, type Route } from './route.js';

export function eventRoutes(stream: EventStream, metrics: Metrics): Route[] {
  return [
    plainRoute('/api/v1/events', 'events', (ctx) => stream.open(ctx)),
    plainRoute('/metrics', 'text', async (ctx) => {
      const text = await metrics.scrape();
      ctx.type = metrics.contentType;
      ctx.body = text;
    }),
  ];
}
