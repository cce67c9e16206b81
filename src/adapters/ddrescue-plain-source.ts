import { rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * A path to the same source without control characters. ddrescue writes its command line into the map as a comment:
 * a line break in a file's name would end that comment, and the map could not be read any more.
 */
export async function plainSource(source: string, image: string): Promise<string> {
  if (!/\p{Cc}/u.test(source)) return source;
  const link = join(dirname(image), 'source');
  await rm(link, { force: true });
  await symlink(source, link);
  return link;
}
