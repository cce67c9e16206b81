import { type Algorithm, algorithms, type Checksums } from '../core/checksum.js';

/** Ends of the names that may stand beside an image: a free name has none of them. */
export const sidecarEnds: readonly string[] = ['', '.json', '.map', ...algorithms.map((algorithm) => `.${algorithm}`)];

/**
 * The line that `sha256sum -c` and its like accept (`b2sum -c` for blake2b512), escaped as coreutils does: a name
 * with a backslash or a line break gets a backslash in front of the whole line.
 */
export function formatChecksumLine(digest: string, fileName: string): string {
  const escaped = fileName.replace(/[\\\n\r]/g, (character) => {
    if (character === '\\') return '\\\\';
    return character === '\n' ? '\\n' : '\\r';
  });
  return `${escaped === fileName ? '' : '\\'}${digest}  ${escaped}\n`;
}

export function checksumFiles(
  checksums: Checksums,
  fileName: string,
): { readonly name: string; readonly text: string }[] {
  return (Object.entries(checksums) as [Algorithm, string][]).map(([algorithm, digest]) => ({
    name: `${fileName}.${algorithm}`,
    text: formatChecksumLine(digest, fileName),
  }));
}
