import type { TestContext } from 'node:test';
import type { HttpServer } from '../../src/http/create-http-server.js';
import type { HttpOptions } from '../../src/http/http-options.js';
import { createFakeStation, type FakeStation } from './fake-station.js';

/** A station with its server listening, both gone when the test ends. */
export async function serve(
  t: TestContext,
  options: Partial<HttpOptions> = {},
): Promise<{ station: FakeStation; server: HttpServer }> {
  const { station, remove } = await createFakeStation();
  const server = station.createServer({ graceMs: 100, ...options });
  t.after(async () => {
    await server.stop();
    await remove();
  });
  await server.start();
  return { station, server };
}
