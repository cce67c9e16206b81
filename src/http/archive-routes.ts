import type { Archive } from '../core/archive.js';
import { Fault } from '../core/fault.js';
import { type ArchiveId, isArchiveId } from '../core/ids.js';
import { archiveJson, verificationJson } from './archive-json.js';
import { sendDownload } from './download.js';
import { type HttpDeps, openCatalog } from './http-deps.js';
import { jsonRoute, plainRoute, type Route } from './route.js';

const unknownArchive = (id: string): Fault =>
  new Fault('not_found', `There is no archive ${JSON.stringify(id.slice(0, 64))}.`);

function parseArchiveId(id: string): ArchiveId {
  if (isArchiveId(id)) return id;
  throw unknownArchive(id);
}

export function archiveRoutes({ view, commands }: HttpDeps): Route[] {
  const findArchive = async (id: string): Promise<Archive> => {
    const archive = await openCatalog(view).archive(parseArchiveId(id));
    if (archive === null) throw unknownArchive(id);
    return archive;
  };

  const list = jsonRoute({
    method: 'get',
    path: '/api/v1/archives',
    query: 'archives-query',
    answers: 'archives',
    run: async ({ query: { limit, offset } }) => {
      const page = await openCatalog(view).archives({ limit, offset });
      const archives = page.items.map((archive) => archiveJson(archive, view));
      return { archives, total: page.total, limit, offset };
    },
  });

  const one = jsonRoute({
    method: 'get',
    path: '/api/v1/archives/:id',
    answers: 'archive',
    run: async ({ id }) => archiveJson(await findArchive(id), view, Number.POSITIVE_INFINITY),
  });

  const strays = jsonRoute({
    method: 'get',
    path: '/api/v1/system/strays',
    answers: 'strays',
    run: async () => {
      const found = view.upkeep().strays;
      return { count: found?.count ?? null, paths: [...(found?.names ?? [])] };
    },
  });

  const download = plainRoute('/api/v1/archives/:id/download', 'file', async (ctx) => {
    const archive = await findArchive(String(ctx.params.id));
    await sendDownload(ctx, archive, view.imagePath(archive));
  });

  // answers when the image has been read, which takes as long as it takes
  const verify = jsonRoute({
    method: 'post',
    path: '/api/v1/archives/:id/verify',
    answers: 'archive-verified',
    run: async ({ id }) => {
      const archiveId = parseArchiveId(id);
      return { archive_id: archiveId, verification: verificationJson(await commands.verify(archiveId)) };
    },
  });

  const all = Number.POSITIVE_INFINITY;
  const change = jsonRoute({
    method: 'patch',
    path: '/api/v1/archives/:id',
    body: 'archive-patch',
    answers: 'archive',
    run: async ({ id, body }) => archiveJson(await commands.annotate(parseArchiveId(id), body.metadata), view, all),
  });

  const pin = (word: 'pin' | 'unpin') =>
    jsonRoute({
      method: 'post',
      path: `/api/v1/archives/:id/${word}`,
      answers: 'archive',
      run: async ({ id }) => {
        const archive = await commands.annotate(parseArchiveId(id), { pinned: word === 'pin' });
        return archiveJson(archive, view, all);
      },
    });

  const restore = jsonRoute({
    method: 'post',
    path: '/api/v1/archives/:id/restore',
    answers: 'archive',
    run: async ({ id }) => archiveJson(await commands.restore(parseArchiveId(id)), view, all),
  });

  return [list, one, strays, download, verify, change, pin('pin'), pin('unpin'), restore];
}
