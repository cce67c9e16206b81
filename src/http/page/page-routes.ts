import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Context } from 'koa';
import { Fault } from '../../core/fault.js';
import type { HttpDeps } from '../http-deps.js';
import { plainRoute, type Route } from '../route.js';
import { snapshotJson } from '../snapshot.js';
import { type PageState, renderFragment, renderPage } from './render-page.js';

const folder = new URL('../../web/', import.meta.url);

/** Every file of the page, by the address it has. Nothing else of the folder can be asked for. */
const assets = [
  { path: '/assets/station.css', file: 'station.css', type: 'text/css; charset=utf-8' },
  { path: '/assets/station.js', file: 'station.js', type: 'text/javascript; charset=utf-8' },
  { path: '/favicon.svg', file: 'favicon.svg', type: 'image/svg+xml' },
] as const;

function assetRoute({ path, file, type }: (typeof assets)[number]): Route {
  const bytes = readFileSync(new URL(file, folder));
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  return plainRoute(path, 'file', (ctx) => {
    ctx.set({ ETag: etag, 'Cache-Control': 'no-cache' });
    ctx.type = type;
    ctx.status = 200;
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = bytes;
  });
}

/** A broken catalog is shown on the page, which still tells of drives, storage and what is to be done. */
async function pageState({ view, clock }: HttpDeps, latestSeq: () => Promise<number>): Promise<PageState> {
  const now = clock.now();
  try {
    return { snapshot: await snapshotJson(view, clock, await latestSeq()), failure: null, now };
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    return { snapshot: await snapshotJson(view, clock, 0, null), failure: cause.message, now };
  }
}

/** `latestSeq`: number of the latest event, so that the script knows whether the page is still current. */
export function pageRoutes(deps: HttpDeps, latestSeq: () => Promise<number>): Route[] {
  const page = (path: string, render: (state: PageState) => string): Route =>
    plainRoute(path, 'html', async (ctx: Context) => {
      const text = render(await pageState(deps, latestSeq));
      ctx.type = 'text/html; charset=utf-8';
      ctx.body = text;
    });
  return [page('/', renderPage), page('/fragment', renderFragment), ...assets.map(assetRoute)];
}
